"""A model's weights in Torch, with their gradients: what the optimiser turns.

`torch.nn` has fused RNN, LSTM and GRU; every other cell runs its own `Cell.step` on tensors.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from rnnviz.core.backend import Backend, Function, Tensor, get_backend
from rnnviz.core.cell import Activations, functions
from rnnviz.engine.layer_runner import initial_states
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model, Readout
from rnnviz.readers.torch.module import from_torch

# Torch's name and the order of its stacked rows.
_FUSED = {
    "rnn": ("RNN", ("hidden",)),
    "lstm": ("LSTM", ("input", "forget", "candidate", "output")),
    "gru_reset_after": ("GRU", ("reset", "update", "candidate")),
}
_ROLES = {"x": "weight_ih", "h": "weight_hh", "b": "bias_ih", "bh": "bias_hh"}


class Stack(Protocol):
    """The recurrent layers of a network, forward ones only."""

    @property
    def parameters(self) -> list[Tensor]:
        """All weights, as tensors that keep their gradient."""

    def hidden(self, values: Tensor) -> Tensor:
        """The top level's hidden states (time, batch, unit) for values (time, batch, input)."""

    def layers(self) -> tuple[Layer, ...]:
        """The layers with the weights as they are now."""


@dataclass(frozen=True, eq=False)
class Network:
    """A model to be trained: a stack, and the readout's V and d."""

    start: Model
    stack: Stack
    weights: Tensor
    bias: Tensor

    @property
    def parameters(self) -> list[Tensor]:
        """All weights, as tensors that keep their gradient."""
        return [*self.stack.parameters, self.weights, self.bias]

    def outputs(self, values: Tensor) -> Tensor:
        """What the readout's activation is given, (time, batch, output)."""
        return self.stack.hidden(values) @ self.weights.T + self.bias

    def model(self, source: str) -> Model:
        """The model with the weights as they are now."""
        drawn = self.start.readout
        assert drawn is not None
        readout = Readout(_array(self.weights), _array(self.bias), drawn.names, drawn.activation)
        layers = self.stack.layers()
        return replace(self.start, layers=layers, readout=readout, source=source, is_trained=True)


def network(start: Model) -> Network:
    """A model with a readout and forward layers of one cell, as a network to be trained.

    >>> import rnnviz as rv
    >>> len(network(rv.random_model("gru", 2, 3, n_outputs=1)).parameters)
    11
    """
    assert start.readout is not None
    fused = start.layers[0].cell_name in _FUSED
    stack: Stack = Fused(_module(start)) if fused else Stepped(start.layers)
    return Network(start, stack, _tensor(start.readout.weights), _tensor(start.readout.bias))


@dataclass(frozen=True, eq=False)
class Fused:
    """A stack that `torch.nn` computes at once."""

    module: Any

    @property
    def parameters(self) -> list[Tensor]:
        """All weights, as tensors that keep their gradient."""
        return list(self.module.parameters())

    def hidden(self, values: Tensor) -> Tensor:
        """The top level's hidden states (time, batch, unit) for values (time, batch, input)."""
        return self.module(values)[0]

    def layers(self) -> tuple[Layer, ...]:
        """The layers with the weights as they are now."""
        return from_torch(self.module).layers


def _module(start: Model) -> Any:
    import torch

    first = start.layers[0]
    name, gates = _FUSED[first.cell_name]
    module = getattr(torch.nn, name)(first.n_inputs, first.n_units, len(start.layers))
    stacked = {
        f"{key}_l{layer.level}": torch.tensor(
            np.concatenate([layer.weights[f"{gate}.{role}"] for gate in gates])
        )
        for layer in start.layers
        for role, key in _ROLES.items()
    }
    module.load_state_dict(stacked)
    return module


@dataclass(frozen=True, eq=False)
class Stepped:
    """A stack that runs its cell's step on tensors, one timestep at a time."""

    start: tuple[Layer, ...]

    @cached_property
    def named(self) -> list[dict[str, Tensor]]:
        """By layer its weights by name."""
        return [{n: _tensor(a) for n, a in layer.weights.items()} for layer in self.start]

    @property
    def parameters(self) -> list[Tensor]:
        """All weights, as tensors that keep their gradient."""
        return [tensor for weights in self.named for tensor in weights.values()]

    def hidden(self, values: Tensor) -> Tensor:
        """The top level's hidden states (time, batch, unit) for values (time, batch, input)."""
        for layer, weights in zip(self.start, self.named, strict=True):
            values = _read(layer, _Weights(layer, weights), values)
        return values

    def layers(self) -> tuple[Layer, ...]:
        """The layers with the weights as they are now."""
        return tuple(
            replace(layer, weights={name: _array(tensor) for name, tensor in weights.items()})
            for layer, weights in zip(self.start, self.named, strict=True)
        )


@dataclass(frozen=True, eq=False)
class _Weights:
    """A layer's weights during one pass, stacked so that a step takes one product."""

    layer: Layer
    named: dict[str, Tensor]

    def gates(self, recurrence: str) -> tuple[str, ...]:
        return tuple(g.name for g in self.layer.cell.gates if g.recurrence == recurrence)

    def inputs(self, values: Tensor) -> dict[str, Tensor]:
        return {g.name: self.dense(g.name, "x", "b", values) for g in self.layer.cell.gates}

    def dense(self, gate: str, role: str, bias: str, vector: Tensor) -> Tensor:
        return vector @ self.named[f"{gate}.{role}"].T + self.bias(gate, bias)

    def bias(self, gate: str, role: str) -> Tensor:
        """Zeros where the cell adds it elsewhere, as after layer normalisation."""
        import torch

        given = role in self.layer.cell.biases and f"{gate}.{role}" in self.named
        return self.named[f"{gate}.{role}"] if given else torch.zeros(self.layer.n_units)

    @cached_property
    def outside(self) -> tuple[Tensor, Tensor]:
        """The stacked recurrent weights and biases of the gates taken before the step."""
        import torch

        gates = self.gates("outside")
        biases = [self.bias(gate, "bh") for gate in gates]
        return torch.cat([self.named[f"{gate}.h"] for gate in gates]).T, torch.cat(biases)


@dataclass(frozen=True, eq=False)
class _Recurrent:
    """What reaches a step from the step before."""

    weights: _Weights
    hidden: Tensor

    @cached_property
    def products(self) -> dict[str, Tensor]:
        matrix, bias = self.weights.outside
        gates = self.weights.gates("outside")
        parts = (self.hidden @ matrix + bias).chunk(len(gates), dim=-1)
        return dict(zip(gates, parts, strict=True))

    def __getitem__(self, gate: str) -> Tensor:
        return self.products[gate]

    def product(self, gate: str, vector: Tensor) -> Tensor:
        return self.weights.dense(gate, "h", "bh", vector)

    def weight(self, name: str) -> Tensor:
        return self.weights.named[name]


def _read(layer: Layer, weights: _Weights, values: Tensor) -> Tensor:
    import torch

    torch_ = get_backend("torch")
    products = weights.inputs(values)
    chosen = functions(layer.every_activation, torch_)
    state = _states(layer, values.shape[1], torch_)
    hidden = []
    for t in range(len(values)):
        x = {gate: product[t] for gate, product in products.items()}
        state = _step(layer, x, _Recurrent(weights, state["hidden"]), state, chosen, torch_)
        hidden.append(state["hidden"])
    return torch.stack(hidden)


def _states(layer: Layer, n_rows: int, torch_: Backend) -> dict[str, Tensor]:
    first = initial_states(layer, n_rows)
    return {name: torch_.array(state, np.dtype(np.float32)) for name, state in first.items()}


def _step(
    layer: Layer,
    x: dict[str, Tensor],
    recurrent: _Recurrent,
    state: dict[str, Tensor],
    chosen: dict[str, Function],
    torch_: Backend,
) -> dict[str, Tensor]:
    gate = Activations(chosen, torch_, layer.clip)
    return layer.cell.step(x, recurrent, state, gate, torch_)


def _tensor(values: Any) -> Tensor:
    import torch

    return torch.tensor(np.asarray(values), dtype=torch.float32, requires_grad=True)


def _array(tensor: Tensor) -> Any:
    return tensor.detach().numpy().copy()
