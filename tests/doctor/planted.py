"""Faults that are planted: state dicts and models as faulty programs leave them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from rnnviz import Layer, Model, from_torch
from tests.witnesses import Array, normal

State = dict[str, Array]
TORCH_GATES = {"LSTM": "ifgo", "GRU": "rzn"}


def network(name: str, *, inputs: int = 4, units: int = 6, seed: int = 0, **options: Any) -> Any:
    """A float32 torch.nn module with every number drawn."""
    module = getattr(torch.nn, name)(inputs, units, **options)
    with torch.no_grad():
        for i, weight in enumerate(module.parameters()):
            weight.copy_(torch.tensor(0.6 * normal(*weight.shape, seed=100 * seed + i)))
    return module.eval()


def state_of(module: Any) -> State:
    """The module's arrays by name, copied."""
    return {name: value.numpy().copy() for name, value in module.state_dict().items()}


def loaded(module: Any, state: State) -> Model:
    """The model of a module of the same shape with other arrays, as torch itself loads them."""
    options = {"num_layers": module.num_layers, "bidirectional": module.bidirectional}
    twin = type(module)(module.input_size, module.hidden_size, **options)
    twin.load_state_dict({name: torch.tensor(array) for name, array in state.items()})
    return from_torch(twin)


def with_blocks(state: State, order: tuple[int, ...], names: str = "") -> State:
    """Blocks of gates in another order, in all arrays or in those whose names hold a text."""

    def moved(array: Array) -> Array:
        blocks = np.split(array, len(order))
        return np.concatenate([blocks[i] for i in order])

    return {name: moved(array) if names in name else array for name, array in state.items()}


def changed(state: State, names: str, change: Callable[[Array], Array]) -> State:
    """A change of the arrays whose names hold a text."""
    return {name: change(a).astype(a.dtype) if names in name else a for name, a in state.items()}


def exchanged(state: State, one: str, other: str) -> State:
    """Arrays whose names end so with those that end otherwise, in each other's place."""
    pairs = [(name, name.replace(one, other)) for name in state if name.endswith(one)]
    moved = {place: state[name] for a, b in pairs for place, name in ((a, b), (b, a))}
    return state | moved


def with_layer(model: Model, index: int = 0, **changes: Any) -> Model:
    """A model with other settings of one layer."""
    layers = list(model.layers)
    layers[index] = replace(layers[index], **changes)
    return replace(model, layers=tuple(layers))


def with_weights(model: Model, change: Callable[[Layer], dict[str, Array]]) -> Model:
    """A model with other weights in all layers."""
    layers = tuple(replace(layer, weights=change(layer)) for layer in model.layers)
    return replace(model, layers=layers)


def quantised(array: Array, axis: int | None = None) -> Array:
    """Numbers through int8 and back: symmetric, one scale or one a row."""
    scale = np.abs(array).max(axis=axis, keepdims=True) / 127
    return np.asarray(np.clip(np.round(array / scale), -127, 127) * scale)
