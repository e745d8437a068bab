"""A model reading a sequence one timestep at a time, each step computed when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnnviz.core.backend import Tensor
from rnnviz.core.cell import Signals
from rnnviz.core.sequence import Sequence
from rnnviz.engine.model_runner import ModelRunner, model_runner
from rnnviz.network.model import Model

if TYPE_CHECKING:
    from rnnviz.interventions.types import Intervention


@dataclass(frozen=True, eq=False)
class Step:
    """One timestep of a model.

    time     counted from 0.
    tokens   per batch row, "" where the row has ended.
    layers   per layer its signals by name, (batch, unit), in the back end's own arrays.
    outputs  (batch, output): the readout's probabilities, or the top level's hidden states.
    """

    time: int
    tokens: tuple[str, ...]
    layers: tuple[Mapping[str, Tensor], ...]
    outputs: Tensor

    @property
    def signals(self) -> Mapping[str, Tensor]:
        """The first layer's signals."""
        return self.layers[0]


def iterate_steps(
    model: Model,
    sequence: Sequence,
    *,
    backend: str = "numpy",
    device: str = "cpu",
    inputs: Tensor | None = None,
    intervene: Iterable[Intervention] = (),
) -> Iterator[Step]:
    """Steps of a model, in the order of the tokens.

    inputs     the sequence's values (time, batch, input) as a Torch tensor, read in their place;
               the steps' arrays then keep their gradient with respect to it.
    intervene  what is done to the network on the way (`rnnviz.interventions.types`).

    A backward layer reads from the end, so a model that has one reads everything before its first
    step is handed out. A row that has ended goes on with zeros as input and its values mean
    nothing: its token is "".

    Raises ModelError when the sequence does not fit the model.
    """
    runner = model_runner(model, sequence, backend, device, intervene, inputs)
    # Asked for here, so that an initial state that does not fit is an error of this call.
    states: list[Signals] = [layer.initial for level in runner.levels for layer in level]
    if any(layer.direction == "backward" for layer in model.layers):
        return _replay(runner)
    return _stream(runner, states)


def _stream(runner: ModelRunner, states: list[Signals]) -> Iterator[Step]:
    """Each step through all layers before the next step."""
    readout = runner.readout()
    for t in range(runner.sequence.n_steps):
        x = runner.tensor(runner.inputs[t])
        for i, (layer,) in enumerate(runner.levels):
            states[i], _ = layer.step(t, layer.linear.inputs(x), layer.state_before(t, states[i]))
            x = states[i]["hidden"]
        yield Step(t, _tokens_at(runner.sequence, t), tuple(states), readout(x))


def _replay(runner: ModelRunner) -> Iterator[Step]:
    """Each layer through all steps, then step by step."""
    readout, x = runner.readout(), runner.tensor(runner.inputs)
    layers: list[Signals] = []
    for level in runner.levels:
        signals = [layer.run(x)[0] for layer in level]
        x = runner.backend.join([one["hidden"] for one in signals])
        layers += signals
    for t in range(runner.sequence.n_steps):
        at_step = tuple({name: array[t] for name, array in one.items()} for one in layers)
        yield Step(t, _tokens_at(runner.sequence, t), at_step, readout(x[t]))


def _tokens_at(sequence: Sequence, t: int) -> tuple[str, ...]:
    return tuple(row[t] if t < len(row) else "" for row in sequence.tokens)
