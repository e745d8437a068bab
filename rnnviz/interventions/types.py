"""What can be done to a network while it reads.

Steps, units, rows and layers count from 0; a step is the position of its token, for a layer that
reads backward as well. Several interventions act in the order of their list: the last one wins.
What is computed of what was changed is computed as ever, so that every trace stays the exact
arithmetic of its network but for the one number that was touched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Sequence as Rows
from dataclasses import dataclass, fields
from math import isfinite
from numbers import Integral, Real
from typing import Any

from rnnviz.core.checks import shown
from rnnviz.errors import InputError
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model

Numbers = int | Rows[int] | None


def settle(intervention: Any) -> None:
    """Each field of a frozen intervention as its plain type: str, int, float, a tuple of int.

    Raises InputError for one that holds anything else, and for a span without a step.
    """
    for field in fields(intervention):
        # Where nothing is a default, it means all.
        if field.default is None and getattr(intervention, field.name) is None:
            continue
        value = _READ[field.name](type(intervention).__name__, field.name, intervention)
        object.__setattr__(intervention, field.name, value)
    start, stop = getattr(intervention, "start", None), getattr(intervention, "stop", None)
    if stop is not None and stop <= (start or 0):
        raise InputError(
            "{kind}: the span from step {start} to before step {stop} holds no step.",
            kind=type(intervention).__name__,
            start=start or 0,
            stop=stop,
        )


def _name(kind: str, field: str, of: Any) -> str:
    came = getattr(of, field)
    if not isinstance(came, str):
        raise InputError(
            "{kind}: {field} should be a name, but {came} came.",
            kind=kind,
            field=field,
            came=shown(came),
        )
    return came


def _number(kind: str, field: str, of: Any) -> float:
    came = getattr(of, field)
    value = _float(came)
    if value is None or not isfinite(value):
        raise InputError(
            "{kind}: {field} should be a finite number, but {came} came.",
            kind=kind,
            field=field,
            came=shown(came),
        )
    return value


def _float(came: object) -> float | None:
    if isinstance(came, bool) or not isinstance(came, Real):
        return None
    try:
        return float(came)
    except OverflowError:
        return None


def _count(kind: str, field: str, of: Any) -> int:
    came = getattr(of, field)
    if not _is_count(came):
        raise InputError(
            "{kind}: {field} should be a whole number from 0, but {came} came.",
            kind=kind,
            field=field,
            came=shown(came),
        )
    return int(came)


def _counts(kind: str, field: str, of: Any) -> tuple[int, ...]:
    came = getattr(of, field)
    given = (came,) if _is_count(came) else came
    is_row = isinstance(given, Rows) and not isinstance(given, str | bytes) and len(given) > 0
    if not is_row or not all(map(_is_count, given)):
        raise InputError(
            "{kind}: {field} should be one or more whole numbers from 0, but {came} came.",
            kind=kind,
            field=field,
            came=shown(came),
        )
    return tuple(map(int, given))


def _units(kind: str, field: str, of: Any) -> tuple[int, ...]:
    return tuple(sorted(set(_counts(kind, field, of))))


def _is_count(came: object) -> bool:
    return isinstance(came, Integral) and not isinstance(came, bool) and 0 <= int(came) < 2**31


_READ: Mapping[str, Callable[[str, str, Any], Any]] = {
    "gate": _name,
    "state": _name,
    "param": _name,
    "value": _number,
    "step": _count,
    "layer": _count,
    "start": _count,
    "stop": _count,
    "row": _count,
    "units": _units,
    "index": _counts,
}


@dataclass(frozen=True)
class Clamp:
    """Hold a gate or a candidate at a value: `trace[gate]` is it, and all follows from it.

        f_t := v, in place of σ(W_xf x_t + W_hf h_{t-1} + b_f), then c_t = v ⊙ c_{t-1} + i_t ⊙ g_t

    gate   any Dense layer of the cell, `layer.cell.gates`.
    units  a unit's number or several; None for all.
    start  the first step at which it is held; None for the sequence's.
    stop   the step before which that ends, as in a slice; None for the sequence's end.
    layer  counted as in `trace.layers`.
    row    of the batch; None for all.

    What is held is the number that the trace shows, after the activation and after everything that
    goes into it (a normalisation, a peephole). Where a second signal is made of the gate, that one
    follows: the coupled LSTM's i_t = 1 − f_t, the minimal LSTM's shares f / (f + i), in which f
    and i are held and may not be below 0. The sLSTM's f_t and i_t are held as the stabilised gates
    that multiply its states; its stabiliser m_t goes on as the gates' sums say.

    Raises InputError for a value that is not finite, or a span that holds no step.

    >>> Clamp("forget", 1, units=3, start=2)
    Clamp(gate='forget', value=1.0, units=(3,), start=2, stop=None, layer=0, row=None)
    """

    gate: str
    value: float
    units: Numbers = None
    start: int | None = None
    stop: int | None = None
    layer: int = 0
    row: int | None = None

    def __post_init__(self) -> None:
        settle(self)


@dataclass(frozen=True)
class Silence:
    """Make a unit's hidden number 0 for all that reads it: `h_t[u] := 0`.

    Its own layer at the next step, the level above and the readout read 0; the gates and the cell
    state of the unit itself go on. In a layer with a projection `units` are numbers of that.

    units, start, stop, layer, row  as in `Clamp`.
    """

    units: int | Rows[int]
    layer: int = 0
    start: int | None = None
    stop: int | None = None
    row: int | None = None

    def __post_init__(self) -> None:
        settle(self)


@dataclass(frozen=True)
class SetState:
    """Give a state a value before a step: `c_{t-1} := v`, as step t reads it.

    state  one of the cell's, `layer.cell.states`.
    step   the step that starts from it: the state left by the token before, or by the token after
           where a layer reads backward. What was traced there stays as it was.

    units, layer, row  as in `Clamp`.
    """

    state: str
    value: float
    step: int
    units: Numbers = None
    layer: int = 0
    row: int | None = None

    def __post_init__(self) -> None:
        settle(self)


@dataclass(frozen=True)
class AddToState:
    """Add to a state before a step: `c_{t-1} := c_{t-1} + v`; all else as in `SetState`."""

    state: str
    value: float
    step: int
    units: Numbers = None
    layer: int = 0
    row: int | None = None

    def __post_init__(self) -> None:
        settle(self)


@dataclass(frozen=True)
class Reset:
    """Let a layer start anew before a step, from its initial states.

    layer  None for all of them.
    row    of the batch; None for all.

    >>> import rnnviz as rv
    >>> model, values = rv.random_model("gru", 1, 2), [[0.5], [0.1], [0.5]]
    >>> hidden = rv.trace(model, values, intervene=[rv.Reset(2)])["hidden"]
    >>> bool((hidden[2] == hidden[0]).all())
    True
    """

    step: int
    layer: int | None = None
    row: int | None = None

    def __post_init__(self) -> None:
        settle(self)


@dataclass(frozen=True)
class ChangeWeight:
    """Give one weight or bias another value, for the whole sequence.

    param  a weight of the layer by its name, "forget.b", also one that the layer has none of and
           that its cell knows; or "readout.V", "readout.d".
    index  its place: (unit, input), (unit,), …
    """

    param: str
    index: int | Rows[int]
    value: float
    layer: int = 0

    def __post_init__(self) -> None:
        settle(self)


Intervention = Clamp | Silence | SetState | AddToState | Reset | ChangeWeight
KINDS: tuple[type[Intervention], ...] = (Clamp, Silence, SetState, AddToState, Reset, ChangeWeight)


def example(model: Model, n_steps: int, *, layer: int = 0) -> Intervention:
    """From the middle on the layer keeps all that it holds; one without a gate forgets it there.

    Raises IndexError for a layer that the model does not have.

    >>> import rnnviz as rv
    >>> example(rv.random_model("lstm", 1, 2), 10)
    Clamp(gate='forget', value=1.0, units=None, start=5, stop=None, layer=0, row=None)
    >>> example(rv.random_model("rnn", 1, 2), 10)
    Reset(step=5, layer=None, row=None)
    """
    held = _keeping(model.layers[layer])
    if held is None:
        return Reset(n_steps // 2)
    gate, value = held
    return Clamp(gate, value, start=n_steps // 2, layer=layer)


def _keeping(layer: Layer) -> tuple[str, float] | None:
    """The gate that keeps, and where it keeps all; what has none keeps by not writing."""
    gates = {effect: gate for gate, effect in layer.cell.gate_effects.items()}
    if "keeps" in gates:
        return gates["keeps"], 1.0
    return (gates["writes"], 0.0) if "writes" in gates else None
