"""Jacobians of every step: how the states after it change with those before it and the input.

    ∂s_t/∂s_{t−1}   and   ∂s_t/∂x_t,   s the states of a layer, as (hidden, cell) of an LSTM.

Exact, for every cell, with no derivative written by hand: `rnnviz.core.linearised`. R. Pascanu,
T. Mikolov and Y. Bengio, "On the difficulty of training recurrent neural networks", ICML 2013.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rnnviz.analysis.cursor import check_index
from rnnviz.analysis.jacobian_map import JacobianMap
from rnnviz.analysis.layer_jacobians import LayerJacobians
from rnnviz.analysis.linearised_step import INPUT, LinearisedStep
from rnnviz.analysis.made_by import check_made_by
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Signals
from rnnviz.core.derivative_block import BlockMaker
from rnnviz.core.libraries import optional_library
from rnnviz.core.linearised import linearising_backend
from rnnviz.core.sequence import zero_padding
from rnnviz.engine.kernels.threads import one_thread
from rnnviz.engine.model_runner import ModelRunner, model_runner
from rnnviz.engine.trace import LayerTrace, Trace
from rnnviz.engine.wanted import check_model, check_trace
from rnnviz.errors import InputError, ModelError
from rnnviz.formatting import token_label
from rnnviz.interventions.hooks import hooks_for
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model

MAX_JACOBIAN_BYTES = 2_000_000_000


@dataclass(frozen=True, eq=False, repr=False)
class Jacobians:
    """Result of `rnnviz.jacobians`: Jacobians of every layer's steps.

    layers  in the model's order, one for each direction. `states` and `inputs` are the first's.
    tokens  of every row.
    """

    layers: tuple[LayerJacobians, ...]
    tokens: tuple[tuple[str, ...], ...]
    is_trained: bool = True

    @property
    def states(self) -> Array:
        """∂(states)/∂(states before) of the first layer, (time, batch, state, state before)."""
        return self.layers[0].states

    @property
    def inputs(self) -> Array:
        """∂(states)/∂x of the first layer, (time, batch, state, input)."""
        return self.layers[0].inputs

    def __iter__(self) -> Iterator[LayerJacobians]:
        return iter(self.layers)

    def __len__(self) -> int:
        return len(self.layers)

    def __repr__(self) -> str:
        return "\n".join(map(repr, self.layers))

    def at(self, time: int | None = None, *, layer: int = 0, row: int = 0) -> JacobianMap:
        """∂(states)/∂(states before) of one step, by default of the row's last.

        Raises InputError for a layer, row or step that the trace does not have.
        """
        check_index("layer", layer, len(self.layers))
        one = self.layers[layer]
        check_index("row", row, one.is_real.shape[1])
        length = int(one.is_real[:, row].sum())
        time = length - 1 if time is None else time
        check_index("time", time, length)
        token = token_label(self.tokens[row][time])
        return JacobianMap(one.states[time, row], one.slices, time, token, self.is_trained)

    def figure(self, *, language: str = "en", dark: bool = False, **place: Any) -> Any:
        """One step's as a heatmap, a `plotly.graph_objects.Figure`; `place` as in `at`."""
        return self.at(**place).figure(language=language, dark=dark)

    def to_frame(self) -> Any:
        """A pandas table: a row for each layer, batch row and step.

        `state_norm` and `input_norm` are the Frobenius norms of both Jacobians; for eigenvalues
        see `rnnviz.run_eigenvalues`.
        """
        pandas = optional_library("pandas")
        rows = [
            {
                "layer": number,
                "row": row,
                "time": time,
                "token": self.tokens[row][time],
                "state_norm": float(np.linalg.norm(layer.states[time, row])),
                "input_norm": float(np.linalg.norm(layer.inputs[time, row])),
            }
            for number, layer in enumerate(self.layers)
            for row in range(layer.is_real.shape[1])
            for time in np.nonzero(layer.is_real[:, row])[0].tolist()
        ]
        return pandas.DataFrame(rows)


@one_thread()
def jacobians(model: Model, trace: Trace) -> Jacobians:
    """Exact Jacobians of every step of every layer, in float64.

    model  that made the trace.
    trace  of `rnnviz.trace(model, …)`; its interventions count: a clamped gate has the derivative
           0, a state that was set passes nothing on from the step before.

    Raises ModelError for what is no Model and for a trace of another model, and InputError for what
    is no trace and for one whose Jacobians would take more than MAX_JACOBIAN_BYTES.

    >>> import rnnviz as rv
    >>> model = rv.random_model("lstm", n_inputs=1, n_units=3)
    >>> found = rv.jacobians(model, rv.trace(model, [[0.5], [0.1]]))
    >>> found.states.shape, found.inputs.shape, found.layers[0].names
    ((2, 1, 6, 6), (2, 1, 6, 1), ('hidden', 'cell'))
    """
    signals = linearised_signals(model, trace)
    return Jacobians(
        tuple(_layer_jacobians(one, trace) for one in signals),
        trace.sequence.tokens,
        trace.is_trained,
    )


@dataclass(frozen=True, eq=False)
class LinearisedLayer:
    """A layer's signals at every step of a run, (time · batch, unit), with their derivatives."""

    layer: Layer
    signals: Signals


def linearised_signals(model: Model, trace: Trace) -> tuple[LinearisedLayer, ...]:
    """Signals of every layer of a run, linearised, no matrix formed yet; errors as `jacobians`."""
    runner = _checked_runner(model, trace)
    found: list[LinearisedLayer] = []
    values = np.asarray(runner.inputs, np.float64)
    number = 0
    for level in runner.levels:
        traced = trace.layers[number : number + len(level)]
        for index, (one, run) in enumerate(zip(level, traced, strict=True), start=number):
            found.append(LinearisedLayer(one.layer, _signals(one.layer, index, run, values, trace)))
        hidden = np.concatenate([run.signals["hidden"] for run in traced], axis=2)
        values = zero_padding(hidden.astype(np.float64), trace.sequence)
        number += len(level)
    return tuple(found)


def _checked_runner(model: Model, trace: Trace) -> ModelRunner:
    check_model(model)
    check_trace(trace)
    check_made_by(model, trace)
    _check_size(model, trace)
    return model_runner(model, trace.sequence, "numpy", "cpu", trace.interventions)


def _check_size(model: Model, trace: Trace) -> None:
    squares = sum(
        width * (width + layer.n_inputs)
        for layer in model.layers
        for width in [sum(map(layer.width, layer.cell.states))]
    )
    a_step = 8 * squares * trace.sequence.n_rows
    if a_step * trace.sequence.n_steps > MAX_JACOBIAN_BYTES:
        raise InputError(
            "Jacobians of at most {most} steps of this model and batch can be kept, but {came}"
            " came; shorten the sequence or read fewer rows.",
            most=MAX_JACOBIAN_BYTES // a_step,
            came=trace.sequence.n_steps,
        )


def _signals(layer: Layer, index: int, run: LayerTrace, values: Array, trace: Trace) -> Signals:
    """Signals of all steps at once, interventions included."""
    time, batch = trace.sequence.is_real.shape
    # What the step before left: an intervention changes it below, so that its derivative counts.
    left = {name: _rows(array) for name, array in replace(run, started={}).before.items()}
    initial = {name: np.tile(array, (time, 1)) for name, array in run.initial.items()}
    token, row = (number.reshape(1, -1) for number in np.indices((time, batch)))
    backend = linearising_backend()
    hooks = hooks_for(layer, index, trace.interventions, token, backend, initial, row[0])
    step = LinearisedStep(layer)
    # A division of nothing by nothing at padding is nobody's.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        before = step.seeded(left)
        if hooks is None:
            signals = step(before, _rows(values))
        else:
            signals = step(hooks.before(0, before), _rows(values), hooks.clamps(0))
            signals = hooks.after(0, signals)
    _check_same(layer, signals, run, trace)
    return signals


def _rows(values: Array) -> Array:
    """(time, batch, unit) as (time · batch, unit), float64, zero at padding."""
    return np.nan_to_num(values.reshape(-1, values.shape[-1]).astype(np.float64))


def _check_same(layer: Layer, signals: Signals, run: LayerTrace, trace: Trace) -> None:
    """Raise ModelError where the model's states are not the trace's, far beyond rounding."""
    is_real = trace.sequence.is_real.reshape(-1)
    for name in layer.cell.states:
        computed, traced = signals[name].value[is_real], _rows(run.signals[name])[is_real]
        if (np.abs(computed - traced) > 0.005 * np.maximum(1, np.abs(traced))).any():
            raise ModelError(
                "The model's weights do not make the states of this trace; trace the sequence with"
                " this model."
            )


def _layer_jacobians(found: LinearisedLayer, trace: Trace) -> LayerJacobians:
    layer = found.layer
    names = layer.cell.states
    makers = [BlockMaker(seed) for seed in (*names, INPUT)]
    blocks = {
        (name, maker.seed): maker.block(found.signals[name]) for maker in makers for name in names
    }
    return LayerJacobians(
        names,
        tuple(map(layer.width, names)),
        layer.n_inputs,
        trace.sequence.is_real,
        blocks,
        layer.direction,
    )
