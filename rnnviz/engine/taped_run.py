"""A model that has read a sequence with every signal of every step on the tape."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.backend import Tensor, get_backend
from rnnviz.core.cell import Signals
from rnnviz.core.tape import Taped, tape_backend
from rnnviz.engine.layer_runner import LayerRunner, LayerStep
from rnnviz.engine.linear import Linear
from rnnviz.engine.model_runner import ModelRunner

_DTYPE = np.dtype(np.float64)


@dataclass(frozen=True, eq=False)
class TapedLayer:
    """A layer that has read a sequence, every signal of every step on the tape.

    weights  taped; empty where no gradient of theirs is wanted.
    initial  the states before the first step, (batch, unit).
    steps    signals of each step, (batch, unit), in reading order.
    """

    runner: LayerRunner
    weights: dict[str, Taped]
    initial: dict[str, Taped]
    steps: list[Signals]

    @cached_property
    def hidden(self) -> Tensor:
        """Hidden states (time, batch, unit), aligned with the tokens, zero at padding."""
        is_real = np.asarray(self.runner.sequence.is_real[:, :, None], _DTYPE)
        return self.runner.flip(tape_backend().stack([s["hidden"] for s in self.steps]) * is_real)

    def signal_gradients(self) -> dict[str, Array]:
        """Gradients by signal, (time, batch, unit), aligned with the tokens."""
        names = [signal.name for signal in self.runner.layer.cell.signals]
        by_name = {name: np.stack([one[name].gradient for one in self.steps]) for name in names}
        return {name: self.runner.flip(array) for name, array in by_name.items()}


@dataclass(frozen=True, eq=False)
class TapedRun:
    """A model that has read a sequence on the tape, in float64.

    inputs  (time, batch, input).
    layers  in the model's order.
    hidden  states of the top level, (time, batch, unit).
    """

    inputs: Taped
    layers: tuple[TapedLayer, ...]
    hidden: Tensor


def taped_run(
    runner: ModelRunner, *, cut: int | None = None, with_weights: bool = True
) -> TapedRun:
    """A run on the tape.

    cut           no gradient passes from this step of the reading order to the one before it.
    with_weights  whether the weights are taped.
    """
    inputs = Taped(np.asarray(runner.inputs, _DTYPE))
    values: Tensor = inputs
    layers: list[TapedLayer] = []
    for level in runner.levels:
        taped = [_taped_layer(one, values, cut, with_weights) for one in level]
        values = tape_backend().join([one.hidden for one in taped])
        layers += taped
    return TapedRun(inputs, tuple(layers), values)


def _taped_layer(
    runner: LayerRunner, values: Tensor, cut: int | None, with_weights: bool
) -> TapedLayer:
    tape, layer = tape_backend(), runner.layer
    weights = {n: Taped(w.astype(_DTYPE)) for n, w in layer.weights.items()} if with_weights else {}
    initial = {n: Taped(np.array(s, _DTYPE)) for n, s in runner.initial.items()}
    source = tape if with_weights else get_backend("numpy")
    linear = Linear(layer, tape, _DTYPE, weights or layer.weights, source)
    step, products = LayerStep(linear), linear.inputs(runner.flip(values))
    state: Signals = dict(initial)
    steps: list[Signals] = []
    for t in range(runner.sequence.n_steps):
        if t == cut:
            state = {name: Taped(one.value) for name, one in state.items()}
        state, _ = step({gate: product[t] for gate, product in products.items()}, state)
        steps.append(state)
    return TapedLayer(runner, weights, initial, steps)
