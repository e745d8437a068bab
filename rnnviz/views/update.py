"""What a state is made of at one step: what was kept and what was written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import fsum, prod, tanh

from rnnviz.cell import Cell, Signal
from rnnviz.text.options import check_choice
from rnnviz.trace import Trace
from rnnviz.views.digits import digits
from rnnviz.views.place import Place


@dataclass(frozen=True)
class Factor:
    """One number of a product.

    name   a signal at this step, or what is made of one: "before:cell", "one_minus:update",
           "tanh:cell", as in `Cell.updates`.
    given  the signal's number.
    value  the number that is multiplied: `given`, `1 − given` or `tanh(given)`.
    """

    name: str
    given: float
    value: float

    @property
    def text(self) -> str:
        """How the equation writes it: `0.54`, `(1 − 0.45)`, `tanh(0.26)`."""
        return _FORMS[_form(self.name)].text.format(digits(self.given))


@dataclass(frozen=True)
class Product:
    """One summand of a state by its name: "kept", "written" or "shown"."""

    name: str
    factors: tuple[Factor, ...]

    @property
    def value(self) -> float:
        """The product of its factors."""
        return prod(factor.value for factor in self.factors)

    @property
    def text(self) -> str:
        """The factors as the equation writes them: `0.45·(−0.54)`."""
        if len(self.factors) == 1:
            return self.factors[0].text
        return "·".join(f"({f.text})" if f.text.startswith("−") else f.text for f in self.factors)


@dataclass(frozen=True)
class Update:
    """One state of one unit at one step: `value = Σ terms`.

    signal  the state.
    value   its number, as traced.
    """

    signal: Signal
    layer: int
    time: int
    unit: int
    terms: tuple[Product, ...]
    value: float

    @property
    def sum(self) -> float:
        """The terms' sum: the value up to rounding."""
        return fsum(term.value for term in self.terms)

    @property
    def text(self) -> str:
        """The equation with its numbers: `c = 0.45·0.54 + 0.21·0.06 = 0.26`."""
        made = " + ".join(term.text for term in self.terms)
        value = digits(self.value)
        return f"{self.signal.symbol} = {made}" + (f" = {value}" if made != value else "")


def state_update(
    trace: Trace, *, layer: int, state: str, time: int, unit: int, row: int = 0
) -> Update:
    """The products that a state is the sum of, for one unit at one step of one batch row.

    layer  counted as in `trace.layers`; `time`, `unit` and `row` from 0.

    A state that is no such sum (the simple RNN's) is its own one term. Raises InputError for a
    place or state that the trace does not have.

    >>> import rnnviz as rv
    >>> trace = rv.trace(rv.random_model("gru", n_inputs=1, n_units=3), [[0.5]])
    >>> view = state_update(trace, layer=0, state="hidden", time=0, unit=2)
    >>> [[factor.name for factor in term.factors] for term in view.terms]
    [['update', 'before:hidden'], ['one_minus:update', 'candidate']]
    """
    place = Place(trace, layer, time, unit, row)
    cell = place.traced.kind
    check_choice("state", state, cell.states)
    terms = tuple(_products(cell, state, place))
    value = float(place.signal(state)[unit])
    return Update(cell.signal(state), layer, time, unit, terms, value)


@dataclass(frozen=True)
class _Form:
    """How a factor is made of a signal and written."""

    text: str = "{}"
    of: Callable[[float], float] = float


_FORMS = {
    "": _Form(),
    "before": _Form(),
    "one_minus": _Form("(1 − {})", lambda given: 1 - given),
    "tanh": _Form("tanh({})", tanh),
}


def _form(name: str) -> str:
    return name.rpartition(":")[0]


def _products(cell: Cell, state: str, place: Place) -> Iterator[Product]:
    for name, factors in cell.updates.get(state, {"written": (state,)}).items():
        yield Product(name, tuple(_factor(factor, place) for factor in factors))


def _factor(name: str, place: Place) -> Factor:
    form, _, signal = name.rpartition(":")
    values = place.before(signal) if form == "before" else place.signal(signal)
    given = float(values[place.unit])
    return Factor(name, given, _FORMS[form].of(given))
