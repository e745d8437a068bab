"""What can be done to a network while it reads.

Steps, units, rows and layers count from 0; a step is the position of its token, for a layer that
reads backward as well. Several interventions act in the order of their list: the last one wins.
What is computed of what was changed is computed as ever, so that every trace stays the exact
arithmetic of its network but for the one number that was touched.
"""

from __future__ import annotations

from collections.abc import Sequence as Rows
from dataclasses import dataclass

from rnnviz.intervene.fields import Numbers, settle


@dataclass(frozen=True)
class Clamp:
    """Hold a gate or a candidate at a value: `trace[gate]` is it, and all follows from it.

        f_t := v, in place of σ(W_xf x_t + W_hf h_{t-1} + b_f), then c_t = v ⊙ c_{t-1} + i_t ⊙ g_t

    gate   any Dense layer of the cell, `layer.kind.gates`.
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

    state  one of the cell's, `layer.kind.states`.
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
