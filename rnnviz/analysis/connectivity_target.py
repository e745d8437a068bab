"""What a gradient is of: an output, a unit, or the loss, as a direction among hidden states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.analysis.chosen_output import output_number
from rnnviz.analysis.cursor import check_index
from rnnviz.core.activations import activation
from rnnviz.core.arrays import Array
from rnnviz.core.backend import get_backend
from rnnviz.core.linearised import Linearised, Seed, linearising_backend
from rnnviz.engine.gradients import checked_targets
from rnnviz.engine.trace import Trace
from rnnviz.errors import InputError, ModelError
from rnnviz.network.model import Model, Readout

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True, eq=False)
class Wanted:
    """One of these, or none of them for all hidden states; as in `rnnviz.connectivity`."""

    output: int | str | None = None
    unit: int | None = None
    targets: ArrayLike | None = None


def target_directions(
    wanted: Wanted, model: Model, trace: Trace, level: int, row: int
) -> tuple[str, Array | None]:
    """Name of what is wanted, and ∂y_t/∂h_t of a row, (time, hidden); None for all of h_t.

    Raises InputError for what is not there, or more than one, and ModelError for an output without
    a readout.
    """
    given = (wanted.output, wanted.unit, wanted.targets)
    if sum(one is not None for one in given) > 1:
        raise InputError("Gradients are of an output, a unit or the loss; give one of the three.")
    hidden = _hidden(trace, level, row)
    if wanted.unit is not None:
        check_index("unit", wanted.unit, hidden.shape[1])
        name = f"unit {wanted.unit}"
        return name, np.broadcast_to(np.eye(hidden.shape[1])[wanted.unit], hidden.shape)
    if wanted.targets is not None:
        _check_top(level, model)
        return "loss", _loss_slopes(model.readout, hidden, wanted.targets, trace, row)
    if wanted.output is None:
        return "hidden", None
    name, weights = _output(wanted.output, model, trace, level)
    return name, np.broadcast_to(weights, hidden.shape)


def _hidden(trace: Trace, level: int, row: int) -> Array:
    layers = [one.signals["hidden"] for one in trace.layers if one.level == level]
    joined = np.concatenate(layers, axis=2)[: trace.sequence.lengths[row], row]
    return np.asarray(joined, np.float64)


def _output(came: int | str, model: Model, trace: Trace, level: int) -> tuple[str, Array]:
    """Name of an output, and its weights (hidden,)."""
    if model.readout is None:
        raise ModelError("This model has no readout, and so no outputs; give a unit.")
    _check_top(level, model)
    number = output_number(trace, came)
    return trace.output_names[number], np.asarray(model.readout.weights[number], np.float64)


def _check_top(level: int, model: Model) -> None:
    top = len(model.levels) - 1
    if level != top:
        raise InputError(
            "Outputs and their loss are of the top level, {top}, but level {came} was asked for.",
            top=top,
            came=level,
        )


def _loss_slopes(
    readout: Readout | None, hidden: Array, targets: ArrayLike, trace: Trace, row: int
) -> Array:
    """Derivative of each step's loss by its hidden states, (time, hidden); 0 without a target."""
    n_outputs = hidden.shape[1] if readout is None else len(readout.bias)
    is_softmax = readout is not None and readout.activation == "softmax"
    shape = trace.sequence.is_real.shape
    if is_softmax:
        wanted = checked_targets(targets, shape, n_outputs)[: len(hidden), row]
    else:
        wanted = checked_targets(targets, (*shape, n_outputs), 0)[: len(hidden), row]
    if readout is None:
        return _squared_slopes(Linearised(hidden, {Seed("h"): 1.0}), wanted)
    scores = hidden @ readout.weights.T.astype(np.float64) + readout.bias
    if is_softmax:
        right = wanted[:, None] == np.arange(n_outputs)
        by_score = (get_backend().softmax(scores) - right) * (wanted >= 0)[:, None]
    else:
        function = activation(readout.activation, linearising_backend())
        by_score = _squared_slopes(function(Linearised(scores, {Seed("h"): 1.0})), wanted)
    return np.asarray(by_score @ readout.weights, np.float64)


def _squared_slopes(outputs: Linearised, wanted: Array) -> Array:
    """Derivative of the squared distance by what the outputs are computed from."""
    (slope,) = outputs.slopes.values()
    slopes: Array = np.where(np.isnan(wanted), 0.0, 2 * (outputs.value - wanted) * slope)
    return slopes
