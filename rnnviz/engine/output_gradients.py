"""Gradients of one output at one step with respect to everything that is read."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from rnnviz.core.activations import activation
from rnnviz.core.arrays import Array
from rnnviz.core.backend import Backend, Tensor, get_backend
from rnnviz.core.sequence import Sequence
from rnnviz.core.tape import pull_back, tape_backend
from rnnviz.engine.kernels.threads import one_thread
from rnnviz.engine.model_runner import model_runner
from rnnviz.engine.run import trace_model
from rnnviz.engine.taped_run import taped_run
from rnnviz.network.model import Model

OutputScale = Literal["score", "output"]
# Numbers of one signal that are on the tape at once.
_MOST_NUMBERS, _MOST_ROWS = 2_000_000, 256


@one_thread()
def output_gradients(
    model: Model, values: Array, time: int, output: int, scale: OutputScale = "score"
) -> tuple[Array, Array]:
    """An output at one step, (row,), and its gradients (time, row, input), in float64.

    values  what is read, (time, row, input).
    output  the number of an output, or of a hidden number of the top level without a readout.
    scale   "score": before the readout's activation; "output": after it.

    Raises ModelError when the values do not fit the model.

    >>> import rnnviz as rv
    >>> model = rv.random_model("gru", n_inputs=1, n_units=2, n_outputs=3)
    >>> numbers, gradients = output_gradients(model, np.ones((4, 5, 1)), time=3, output=1)
    >>> numbers.shape, gradients.shape
    ((5,), (4, 5, 1))
    """
    found = [_together(model, part, time, output, scale) for part in _parts(model, values)]
    numbers, gradients = zip(*found, strict=True)
    return np.concatenate(numbers), np.concatenate(gradients, axis=1)


@one_thread()
def output_numbers(
    model: Model, values: Array, time: int, output: int, scale: OutputScale = "score"
) -> Array:
    """An output at one step, (row,); arguments as in `output_gradients`."""
    wide = replace(model, readout=None)
    parts = [
        trace_model(wide, Sequence(part)).outputs[time].astype(np.float64)
        for part in _parts(model, values)
    ]
    hidden = np.concatenate(parts)
    return np.asarray(_outputs(model, hidden, get_backend("numpy"), output, scale))


def _parts(model: Model, values: Array) -> list[Array]:
    """Rows that are run together."""
    width = max(layer.n_units for layer in model.layers)
    rows = min(_MOST_ROWS, max(1, _MOST_NUMBERS // (width * len(values))))
    return [values[:, i : i + rows] for i in range(0, values.shape[1], rows)]


def _together(
    model: Model, values: Array, time: int, output: int, scale: OutputScale
) -> tuple[Array, Array]:
    # Numbers that grow beyond the type are refused by who asked.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        run = taped_run(
            model_runner(model, Sequence(values), "numpy", "cpu", ()), with_weights=False
        )
        outputs = _outputs(model, run.hidden[time], tape_backend(), output, scale)
        pull_back(outputs.sum())
    return outputs.value, run.inputs.gradient


def _outputs(
    model: Model, hidden: Tensor, backend: Backend, output: int, scale: OutputScale
) -> Tensor:
    """One output (row,) of hidden states (row, unit)."""
    if model.readout is None:
        return hidden[:, output]
    readout = model.readout
    weights, bias = readout.weights.astype(np.float64), readout.bias.astype(np.float64)
    if scale == "score":
        return (hidden @ weights[output][:, None] + bias[output])[:, 0]
    scores, name = hidden @ weights.T + bias, readout.activation
    function = backend.softmax if name == "softmax" else activation(name, backend)
    return function(scores)[:, output]
