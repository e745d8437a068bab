"""An output's score as a sum over the steps that wrote the memory behind it.

Levy et al. (2018), as in `rnnviz.analysis.attribution`, carried on to the readout: where a unit
shows its state, h = (h / c) c, each step's part of c has that share of h.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rnnviz.analysis.attribution import kept_state, update_factor
from rnnviz.analysis.chosen_output import output_number
from rnnviz.analysis.cursor import check_index
from rnnviz.analysis.made_by import check_made_by
from rnnviz.core.arrays import Array, read_only
from rnnviz.core.checks import shown
from rnnviz.core.figured import Figured
from rnnviz.core.libraries import optional_library
from rnnviz.engine.trace import LayerTrace, Trace
from rnnviz.engine.wanted import check_model, check_trace
from rnnviz.errors import InputError
from rnnviz.formatting import token_label
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model

MAX_WRITTEN_STEPS = 2000


@dataclass(frozen=True, eq=False, repr=False)
class WrittenOutput(Figured):
    """One output's score at every step as a sum over the steps that wrote the memory.

    output   its name; `against` that of the output whose score is taken off, "" for none.
    parts    (time, step): how much of the score after `time` was written at `step`; 0 where that is
             still to come. A backward layer's part of it fills the other triangle.
    initial  (time,), from the states before the first step.
    bias     of the readout, the same at every step.
    traced   (time,), the score V h + d as the trace has it.
    tokens   a visible label for every step.
    """

    drawing: ClassVar[str] = "attribution"
    output: str
    against: str
    parts: Array
    initial: Array
    bias: float
    traced: Array
    tokens: tuple[str, ...]
    is_trained: bool = True

    @property
    def residual(self) -> float:
        """The largest difference between the sum and the traced score: rounding alone, unless an
        intervention wrote to a state."""
        summed = self.parts.sum(axis=1) + self.initial + self.bias
        return float(np.abs(summed - self.traced).max())

    def __repr__(self) -> str:
        margin = f" over “{shown(self.against)}”" if self.against else ""
        what = f"the score of “{shown(self.output)}”{margin}"
        return f"<WrittenOutput: {what}, {len(self.traced)} steps, residual {self.residual:.1e}>"

    def to_frame(self) -> Any:
        """A pandas table, a row for each pair of steps: `time`, `step`, `part`."""
        pandas = optional_library("pandas")
        time, step = (number.reshape(-1) for number in np.indices(self.parts.shape))
        return pandas.DataFrame({"time": time, "step": step, "part": self.parts.reshape(-1)})


def written_output(
    model: Model,
    trace: Trace,
    output: int | str,
    *,
    against: int | str | None = None,
    row: int = 0,
) -> WrittenOutput:
    """Score of an output at every step as a sum over the steps that wrote the top level's memory.

        s_t = Σ_j Σ_u V_u (h_u,t / c_u,t) (Π_{k=j+1..t} f_u,k) i_u,j g_u,j + initial + d

    model    that made the trace.
    output   number or name of an output; without a readout of a hidden number of the top level.
    against  the output whose score is taken off: what makes the network answer one and not the
             other.
    row      of the batch.

    A part says what a step wrote, directly, and not what it changed by way of later gates. For
    every cell with a state that a gate keeps, but the layer-normalised LSTM. Raises InputError for
    another cell, for an output or row that is not there and for more steps than MAX_WRITTEN_STEPS,
    and ModelError for a trace of another model.

    >>> from rnnviz.train import preset
    >>> import rnnviz as rv
    >>> model = preset("brackets_lstm").model()
    >>> found = written_output(model, rv.trace(model, rv.parse("(([])")), "2", against="0")
    >>> found.parts.shape, found.residual < 1e-4
    ((5, 5), True)
    """
    check_trace(trace)
    check_model(model)
    check_made_by(model, trace)
    check_index("row", row, trace.sequence.n_rows)
    length = trace.sequence.lengths[row]
    if length > MAX_WRITTEN_STEPS:
        raise InputError(
            "Who wrote an output is told for at most {most} steps, but {came} came; trace fewer"
            " steps.",
            most=MAX_WRITTEN_STEPS,
            came=length,
        )
    numbers = [output_number(trace, one) for one in (output, against) if one is not None]
    weights, bias = _readout(model, numbers)
    parts, initial, traced = np.zeros((length, length)), np.zeros(length), np.full(length, bias)
    start, top = 0, len(model.levels) - 1
    for layer, run in zip(model.layers, trace.layers, strict=True):
        if layer.level == top:
            own = weights[start : start + layer.n_hidden]
            start += layer.n_hidden
            by_step, left = _layer_parts(layer, run, own, row, length)
            parts, initial = parts + by_step, initial + left
            traced = traced + run.signals["hidden"][:length, row].astype(float) @ own
    names = trace.output_names or tuple(map(str, range(model.n_outputs)))
    return WrittenOutput(
        names[numbers[0]],
        names[numbers[1]] if len(numbers) > 1 else "",
        read_only(parts),
        read_only(initial),
        bias,
        read_only(traced),
        tuple(map(token_label, trace.sequence.tokens[row])),
        trace.is_trained,
    )


def _readout(model: Model, numbers: list[int]) -> tuple[Array, float]:
    """Weights (hidden,) and bias of an output, or of one less another."""
    if model.readout is None:
        weights, bias = np.eye(model.n_outputs), np.zeros(model.n_outputs)
    else:
        weights, bias = model.readout.weights.astype(float), model.readout.bias.astype(float)
    signs = (1.0, -1.0)
    pairs = list(zip(signs, numbers, strict=False))
    of_weights = np.sum([sign * weights[number] for sign, number in pairs], axis=0)
    return of_weights, float(sum(sign * bias[number] for sign, number in pairs))


def _layer_parts(
    layer: Layer, run: LayerTrace, weights: Array, row: int, length: int
) -> tuple[Array, Array]:
    """Parts (time, step) of a layer, and what is left of its initial state (time,)."""
    state, turn = kept_state(run), -1 if run.direction == "backward" else 1
    place = (slice(0, length), row, slice(None))
    kept, written = (update_factor(run, state, role, place)[::turn] for role in ("kept", "written"))
    factor = _shown_factor(layer, run, state, weights, place)[::turn]
    # What is left of each step's writing, after what was there at first, (1 + step, unit).
    left = np.zeros((length + 1, written.shape[1]))
    left[0] = run.initial[state][row]
    parts = np.zeros((length, length + 1))
    for t in range(length):
        left[: t + 1] *= kept[t]
        left[t + 1] = written[t]
        parts[t] = left @ factor[t]
    return parts[::turn, 1:][:, ::turn], parts[::turn, 0]


def _shown_factor(
    layer: Layer,
    run: LayerTrace,
    state: str,
    weights: Array,
    place: tuple[slice, int, slice],
) -> Array:
    """What a unit's state counts for in the score at each step, (time, unit)."""
    if state == "hidden":
        return np.broadcast_to(weights, run.signals["hidden"][place].shape)
    name = "shown" if "shown" in run.cell.updates else "hidden"
    factors = [part for summand in run.cell.updates[name] for part in summand.factors]
    if state not in (part.rpartition(":")[2] for part in factors):
        raise InputError(
            "Who wrote an output can be told where the hidden state is the kept state itself times"
            " what shows it, but {cell} normalises it in between; take another cell.",
            cell=run.cell.title,
        )
    if name == "shown":
        weights = weights @ layer.weights["hidden.w"].astype(float)
    values, of = (run.signals[one][place].astype(float) for one in (state, name))
    # A state of 0 shows nothing.
    share = np.divide(of, values, out=np.zeros_like(of), where=values != 0)
    return np.asarray(share * weights)
