"""Live `torch.nn` recurrent layers ▶ Model.

Row order of the stacked weights: LSTM i, f, g, o; GRU r, z, n (documentation of `torch.nn.LSTM`
and `torch.nn.GRU`, "Variables").
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.errors import ModelError
from rnnviz.frozen import Array
from rnnviz.model import Direction, Layer, Model

_ROWS = {
    "RNN": ("rnn", ("hidden",)),
    "LSTM": ("lstm", ("input", "forget", "candidate", "output")),
    "GRU": ("gru_reset_after", ("reset", "update", "candidate")),
}


def from_torch(module: Any) -> Model:
    """A model with the weights of a `torch.nn.RNN`, `LSTM` or `GRU`, all layers and directions.

    The weights are copied and dropout is left out; the module stays as it is. Sequences are (time,
    batch, feature) whatever its `batch_first`. Raises ModelError for another module.

    >>> import torch
    >>> from_torch(torch.nn.GRU(3, 5, num_layers=2)).levels[1][0].title
    'gru_reset_after layer 1 forward'
    """
    name = type(module).__name__
    # By its exact type: a subclass, or another library's LSTM, may compute something else.
    is_torch = type(module).__module__ == "torch.nn.modules.rnn"
    if not is_torch or name not in _ROWS or module.proj_size:
        raise ModelError(
            "from_torch takes a torch.nn.RNN, LSTM or GRU without projection, but {came} came.",
            came=name,
        )
    state = {key: _numpy(value) for key, value in module.state_dict().items()}
    both = bool(module.bidirectional)
    directions: tuple[Direction, ...] = ("forward", "backward") if both else ("forward",)
    layers = tuple(
        _layer(module, state, level, direction)
        for level in range(module.num_layers)
        for direction in directions
    )
    return Model(layers, source=f"torch.nn.{name}")


def _numpy(weight: Any) -> Array:
    # NumPy has no bfloat16; float32 holds all of its numbers and all of float16's.
    wide = weight.float() if weight.itemsize < 4 else weight
    return np.asarray(wide.detach().cpu().numpy())


def _layer(module: Any, state: dict[str, Array], level: int, direction: Direction) -> Layer:
    cell, gates = _ROWS[type(module).__name__]
    suffix = f"_l{level}" + ("_reverse" if direction == "backward" else "")
    roles = {"x": "weight_ih", "h": "weight_hh", "b": "bias_ih", "bh": "bias_hh"}
    weights = {
        f"{gate}.{role}": rows
        for role, name in roles.items()
        if name + suffix in state
        for gate, rows in zip(gates, np.split(state[name + suffix], len(gates)), strict=True)
    }
    relu = cell == "rnn" and module.nonlinearity == "relu"
    return Layer(
        cell,
        direction,
        weights,
        level=level,
        activations={"hidden": "relu"} if relu else {},
    )
