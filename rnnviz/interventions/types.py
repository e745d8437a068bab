"""Interventions on a network while it reads, as values.

Steps, units, rows and layers count from 0; a step is the position of its token, for a layer that
reads backward as well. Several interventions act in the order of their list: the last one wins.
Everything else is computed as without them, from the numbers that were changed: a trace stays the
exact arithmetic of its network except for the numbers that an intervention sets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Sequence as Rows
from dataclasses import dataclass, fields
from math import isfinite
from numbers import Real
from typing import Any

from rnnviz.core.checks import is_whole_number, shown
from rnnviz.errors import InputError
from rnnviz.network.model import Model

Indices = int | Rows[int] | None


def normalise_fields(intervention: Any) -> None:
    """Convert the fields of an intervention to str, int, float or tuples of int, in place.

    Raises InputError for a field that holds anything else, and for a span without a step.
    """
    for field in fields(intervention):
        # None as a default means all.
        if field.default is None and getattr(intervention, field.name) is None:
            continue
        value = _CONVERTERS[field.name](type(intervention).__name__, field.name, intervention)
        object.__setattr__(intervention, field.name, value)
    start, stop = getattr(intervention, "start", None), getattr(intervention, "stop", None)
    if stop is not None and stop <= (start or 0):
        raise InputError(
            "{kind}: the span from step {start} to before step {stop} holds no step.",
            kind=type(intervention).__name__,
            start=start or 0,
            stop=stop,
        )


def _name(kind: str, field: str, intervention: Any) -> str:
    came = getattr(intervention, field)
    if not isinstance(came, str):
        raise InputError(
            "{kind}: {field} should be a name, but {came} came.",
            kind=kind,
            field=field,
            came=shown(came),
        )
    return came


def _number(kind: str, field: str, intervention: Any) -> float:
    came = getattr(intervention, field)
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


def _count(kind: str, field: str, intervention: Any) -> int:
    came = getattr(intervention, field)
    if not _is_count(came):
        raise InputError(
            "{kind}: {field} should be a whole number from 0, but {came} came.",
            kind=kind,
            field=field,
            came=shown(came),
        )
    return int(came)


def _counts(kind: str, field: str, intervention: Any) -> tuple[int, ...]:
    came = getattr(intervention, field)
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


def _units(kind: str, field: str, intervention: Any) -> tuple[int, ...]:
    return tuple(sorted(set(_counts(kind, field, intervention))))


def _is_count(came: object) -> bool:
    return is_whole_number(came) and 0 <= came < 2**31


_CONVERTERS: Mapping[str, Callable[[str, str, Any], Any]] = {
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
    """Clamp a gate or a candidate to a value, as `trace[gate]` shows it.

        f_t := v, in place of σ(W_xf x_t + W_hf h_{t-1} + b_f), then c_t = v ⊙ c_{t-1} + i_t ⊙ g_t

    gate   any Dense layer of the cell, `layer.cell.gates`.
    units  a unit's number or several; None for all.
    start  the first step at which it is clamped; None for the sequence's first.
    stop   the step before which the clamp ends, as in a slice; None for the sequence's end.
    layer  counted as in `trace.layers`.
    row    of the batch; None for all.

    The value replaces the number that the trace shows: after the activation, and after everything
    that goes into it (a normalisation, a peephole). A signal that is computed from the gate follows
    it: the coupled LSTM's i_t = 1 − f_t, the minimal LSTM's shares f / (f + i), where f and i may
    not be below 0. The sLSTM's f_t and i_t are clamped as the stabilised gates that multiply its
    states; its stabiliser m_t is still computed from the gates' preactivations.

    Raises InputError for a value that is not finite, or a span that holds no step.

    >>> Clamp("forget", 1, units=3, start=2)
    Clamp(gate='forget', value=1.0, units=(3,), start=2, stop=None, layer=0, row=None)
    """

    gate: str
    value: float
    units: Indices = None
    start: int | None = None
    stop: int | None = None
    layer: int = 0
    row: int | None = None

    def __post_init__(self) -> None:
        normalise_fields(self)


@dataclass(frozen=True)
class Silence:
    """Set a unit's hidden number to 0 for everything that reads it: `h_t[u] := 0`.

    The layer itself at the next step, the level above and the readout read 0; the unit's gates and
    cell state are computed as before. In a layer with a projection `units` counts its outputs.

    units, start, stop, layer, row  as in `Clamp`.
    """

    units: int | Rows[int]
    layer: int = 0
    start: int | None = None
    stop: int | None = None
    row: int | None = None

    def __post_init__(self) -> None:
        normalise_fields(self)


@dataclass(frozen=True)
class SetState:
    """Set a state to a value before a step: `c_{t-1} := v`, as step t reads it.

    state  one of the cell's, `layer.cell.states`.
    step   the step that starts from it. The trace of the step that left the state (the token
           before, or after where a layer reads backward) keeps its number.

    units, layer, row  as in `Clamp`.
    """

    state: str
    value: float
    step: int
    units: Indices = None
    layer: int = 0
    row: int | None = None

    def __post_init__(self) -> None:
        normalise_fields(self)


@dataclass(frozen=True)
class AddToState:
    """Add a value to a state before a step: `c_{t-1} := c_{t-1} + v`; fields as in `SetState`."""

    state: str
    value: float
    step: int
    units: Indices = None
    layer: int = 0
    row: int | None = None

    def __post_init__(self) -> None:
        normalise_fields(self)


@dataclass(frozen=True)
class Reset:
    """Set all states of a layer back to its initial states before a step.

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
        normalise_fields(self)


@dataclass(frozen=True)
class ChangeWeight:
    """Set one entry of a weight or bias to another value, for the whole sequence.

    param  a weight of the layer's cell by its name, "forget.b", also one that the layer leaves out
           and that counts as zeros; or "readout.V", "readout.d".
    index  the entry: (unit, input), (unit,), …
    """

    param: str
    index: int | Rows[int]
    value: float
    layer: int = 0

    def __post_init__(self) -> None:
        normalise_fields(self)


Intervention = Clamp | Silence | SetState | AddToState | Reset | ChangeWeight
INTERVENTION_TYPES: tuple[type[Intervention], ...] = (
    Clamp,
    Silence,
    SetState,
    AddToState,
    Reset,
    ChangeWeight,
)


def default_intervention(model: Model, n_steps: int, *, layer: int = 0) -> Intervention:
    """An intervention to begin with: from the middle on the layer keeps all of its state.

    A layer without a gate that keeps or writes is reset there.

    Raises IndexError for a layer that the model does not have.

    >>> import rnnviz as rv
    >>> default_intervention(rv.random_model("lstm", 1, 2), 10)
    Clamp(gate='forget', value=1.0, units=None, start=5, stop=None, layer=0, row=None)
    >>> default_intervention(rv.random_model("rnn", 1, 2), 10)
    Reset(step=5, layer=None, row=None)
    """
    middle = n_steps // 2
    gates = {effect: gate for gate, effect in model.layers[layer].cell.gate_effects.items()}
    if "keeps" in gates:
        return Clamp(gates["keeps"], 1.0, start=middle, layer=layer)
    if "writes" in gates:
        return Clamp(gates["writes"], 0.0, start=middle, layer=layer)
    return Reset(middle)
