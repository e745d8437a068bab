"""A model's weights as Torch parameters with gradients, for the optimiser.

`torch.nn` has fused RNN, LSTM and GRU; every other cell runs its own `Cell.step` on tensors.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from rnnviz.core.backend import Tensor, get_backend
from rnnviz.core.cell import Signals
from rnnviz.core.gate_order import GATE_ORDER, TORCH_PARAMETERS
from rnnviz.engine.layer_runner import LayerStep, initial_states
from rnnviz.engine.linear import Linear
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model

_FLOAT = np.dtype(np.float32)
_FUSED = {"rnn": "RNN", "lstm": "LSTM", "gru_reset_after": "GRU"}  # by cell its `torch.nn` class


class RecurrentLayers(Protocol):
    """The recurrent layers of a network, forward ones only."""

    @property
    def parameters(self) -> list[Tensor]:
        """All weights, as tensors that keep their gradient."""

    def hidden(self, values: Tensor) -> Tensor:
        """Hidden states of the top level (time, batch, unit), values (time, batch, input)."""

    def layers(self) -> tuple[Layer, ...]:
        """The layers with the weights as they are now."""


@dataclass(frozen=True, eq=False)
class TrainableModel:
    """A model to train: its recurrent layers, and the readout's V and d."""

    initial_model: Model
    recurrent: RecurrentLayers
    weights: Tensor
    bias: Tensor

    @property
    def parameters(self) -> list[Tensor]:
        """All weights, as tensors that keep their gradient."""
        return [*self.recurrent.parameters, self.weights, self.bias]

    def outputs(self, values: Tensor) -> Tensor:
        """Preactivations of the readout, (time, batch, output)."""
        return self.recurrent.hidden(values) @ self.weights.T + self.bias

    def model(self, source: str) -> Model:
        """The model with the weights as they are now."""
        readout = self.initial_model.readout
        assert readout is not None
        readout = replace(readout, weights=_array(self.weights), bias=_array(self.bias))
        layers = self.recurrent.layers()
        return replace(
            self.initial_model, layers=layers, readout=readout, source=source, is_trained=True
        )


def trainable_model(start: Model) -> TrainableModel:
    """A trainable copy of a model with a readout and forward layers of one cell.

    >>> import rnnviz as rv
    >>> len(trainable_model(rv.random_model("gru", 2, 3, n_outputs=1)).parameters)
    11
    """
    assert start.readout is not None
    fused = start.layers[0].cell_name in _FUSED
    layers: RecurrentLayers = TorchLayers(_module(start)) if fused else SteppedLayers(start.layers)
    readout = _tensor(start.readout.weights), _tensor(start.readout.bias)
    return TrainableModel(start, layers, *readout)


@dataclass(frozen=True, eq=False)
class TorchLayers:
    """Layers that one `torch.nn` module computes."""

    module: Any

    @property
    def parameters(self) -> list[Tensor]:
        """All weights, as tensors that keep their gradient."""
        return list(self.module.parameters())

    def hidden(self, values: Tensor) -> Tensor:
        """Hidden states of the top level (time, batch, unit), values (time, batch, input)."""
        return self.module(values)[0]

    def layers(self) -> tuple[Layer, ...]:
        """The layers with the weights as they are now."""
        from rnnviz.readers.torch.module import from_torch

        return from_torch(self.module).layers


def _module(start: Model) -> Any:
    import torch

    first = start.layers[0]
    make, gates = getattr(torch.nn, _FUSED[first.cell_name]), GATE_ORDER["torch"][first.cell_name]
    options = {"nonlinearity": first.activation("hidden")} if first.cell_name == "rnn" else {}
    module = make(first.n_inputs, first.n_units, len(start.layers), **options)
    stacked = {
        f"{key}_l{layer.level}": torch.tensor(
            np.concatenate([layer.weights[f"{gate}.{role}"] for gate in gates])
        )
        for layer in start.layers
        for role, key in TORCH_PARAMETERS.items()
    }
    module.load_state_dict(stacked)
    return module


@dataclass(frozen=True, eq=False)
class SteppedLayers:
    """Layers that run their cell's step on tensors, one timestep at a time."""

    initial: tuple[Layer, ...]

    @cached_property
    def weights(self) -> list[dict[str, Tensor]]:
        """Weights by name, by layer."""
        return [{n: _tensor(a) for n, a in layer.weights.items()} for layer in self.initial]

    @property
    def parameters(self) -> list[Tensor]:
        """All weights, as tensors that keep their gradient."""
        return [tensor for weights in self.weights for tensor in weights.values()]

    def hidden(self, values: Tensor) -> Tensor:
        """Hidden states of the top level (time, batch, unit), values (time, batch, input)."""
        torch_ = get_backend("torch")
        for layer, weights in zip(self.initial, self.weights, strict=True):
            # Made anew for every pass, because the gradient goes through the stacked weights.
            values = _forward(Linear(layer, torch_, _FLOAT, weights, torch_), values)
        return values

    def layers(self) -> tuple[Layer, ...]:
        """The layers with the weights as they are now."""
        return tuple(
            replace(layer, weights={name: _array(tensor) for name, tensor in weights.items()})
            for layer, weights in zip(self.initial, self.weights, strict=True)
        )


def _forward(linear: Linear, values: Tensor) -> Tensor:
    """Hidden states of a layer (time, batch, unit), values (time, batch, input)."""
    backend, step, products = linear.backend, LayerStep(linear), linear.inputs(values)
    first = initial_states(linear.layer, values.shape[1])
    state: Signals = {name: backend.array(array, _FLOAT) for name, array in first.items()}
    hidden = []
    for t in range(len(values)):
        state, _ = step({gate: product[t] for gate, product in products.items()}, state)
        hidden.append(state["hidden"])
    return backend.stack(hidden)


def _tensor(values: Any) -> Tensor:
    import torch

    return torch.tensor(np.asarray(values), dtype=torch.float32, requires_grad=True)


def _array(tensor: Tensor) -> Any:
    return tensor.detach().numpy().copy()
