"""The sum that makes a state at one step: what was kept and what was written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import fsum, prod

import numpy as np

from rnnviz.analysis.cursor import Cursor, check_index, is_clamped
from rnnviz.core.activations import activation
from rnnviz.core.backend import get_backend
from rnnviz.core.cell import Signal
from rnnviz.core.checks import check_choice
from rnnviz.core.diagram import Summand
from rnnviz.engine.trace import Trace
from rnnviz.formatting import format_number
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model


@dataclass(frozen=True)
class Factor:
    """One number of a product.

    name   a signal at this step, or what is made of one: "before:cell", "one_minus:update",
           "cell_activation:cell", as in `Cell.updates`.
    given  the signal's number.
    value  the number that is multiplied: `given`, `1 − given`, or `tanh(given)`.
    text   how the equation writes it: `0.54`, `(1 − 0.45)`, `tanh(0.26)`.
    """

    name: str
    operand: float
    value: float
    text: str


@dataclass(frozen=True)
class Product:
    """One summand of a signal by its name: "kept", "written" or "shown"."""

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
class StateUpdate:
    """A state or intermediate signal of one unit at one step: `value = Σ terms`.

    signal  the state or inner signal.
    time    the step's number (from 0) in the whole sequence.
    value   its number, as traced.
    is_held whether an intervention gave it its value, in place of the sum.
    """

    signal: Signal
    layer: int
    time: int
    unit: int
    terms: tuple[Product, ...]
    value: float
    is_held: bool = False

    @property
    def sum(self) -> float:
        """The terms' sum: the value up to rounding, unless that is held."""
        return fsum(term.value for term in self.terms)

    @property
    def text(self) -> str:
        """The equation with its numbers: `c = 0.45·0.54 + 0.21·0.06 = 0.26`.

        Of a silenced unit: `h = 0.61·tanh(0.26) = 0.155 → 0`.
        """
        made = " + ".join(term.text for term in self.terms)
        value = format_number(self.value)
        if self.is_held:
            return f"{self.signal.symbol} = {made} = {format_number(self.sum)} → {value}"
        return f"{self.signal.symbol} = {made}" + (f" = {value}" if made != value else "")


def state_update(
    model: Model, trace: Trace, *, layer: int, state: str, time: int, unit: int, row: int = 0
) -> StateUpdate:
    """Products whose sum is a state, for one unit at one step of one batch row.

    layer  counted as in `trace.layers`; `time`, `unit` and `row` from 0.
    state  or an inner signal of `Cell.updates`.

    A state that is no such sum (the simple RNN's) is its own one term. Raises InputError for a
    place or state that the trace does not have.

    >>> import rnnviz as rv
    >>> model = rv.random_model("gru", n_inputs=1, n_units=3)
    >>> trace = rv.trace(model, [[0.5]])
    >>> view = state_update(model, trace, layer=0, state="hidden", time=0, unit=2)
    >>> [[factor.name for factor in term.factors] for term in view.terms]
    [['update', 'before:hidden'], ['one_minus:update', 'candidate']]
    """
    place = Cursor(trace, layer, time, unit, row)
    cell = place.traced.cell
    check_choice("state", state, tuple(dict.fromkeys((*cell.states, *cell.updates))))
    check_index("unit", unit, len(place.signal(state)))
    terms = tuple(_products(model.layers[layer], state, place))
    value = float(place.signal(state)[unit])
    held = state in cell.updates and is_clamped(place, state)
    return StateUpdate(cell.signal(state), layer, trace.start + time, unit, terms, value, held)


@dataclass(frozen=True)
class _Form:
    """Function and notation of a factor made of one signal."""

    text: str = "{}"
    of: Callable[[float], float] = float


_FORMS = {
    "": _Form(),
    "before": _Form(),
    "one_minus": _Form("(1 − {})", lambda given: 1 - given),
    "one_over": _Form("(1 / {})", lambda given: 1 / given),
}


def _products(layer: Layer, state: str, place: Cursor) -> Iterator[Product]:
    for summand in layer.cell.updates.get(state, (Summand("written", (state,)),)):
        factors = tuple(_factor(layer, factor, place) for factor in summand.factors)
        yield Product(summand.role, factors)


def _factor(layer: Layer, name: str, place: Cursor) -> Factor:
    kind, _, signal = name.rpartition(":")
    values = place.before(signal) if kind == "before" else place.signal(signal)
    given = float(values[place.unit])
    form = _cell_activation(layer) if kind == "cell_activation" else _FORMS[kind]
    return Factor(name, given, form.of(given), form.text.format(format_number(given)))


def _cell_activation(layer: Layer) -> _Form:
    """The layer's activation of the cell state."""
    name = layer.activation("cell_activation")
    function = activation(name, get_backend())
    return _Form(f"{name}({{}})", lambda given: float(function(np.float64(given))))
