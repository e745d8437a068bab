"""Gradient of a layer's last hidden state with respect to each step's input, by torch itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.readers.torch.layer_run import LayerReading
from rnnviz.readers.torch.layers import nonlinearity, recurrent_kind, weight_names
from rnnviz.readers.torch.numbers import numpy_of


def last_gradient(layer: Any, reading: LayerReading) -> Array:
    """Norms (time, batch) of the gradient of the last hidden state, summed over its forward units.

    The layer's function runs once more, on the weights and inputs of the call, without dropout; the
    module itself, its gradients and its random numbers are left alone.
    """
    import torch

    with torch.enable_grad(), torch.autocast(reading.inputs.device.type, enabled=False):
        values = reading.inputs.float().detach().requires_grad_()
        hidden = _run(layer, reading, values)
        n_forward = getattr(layer, "proj_size", 0) or layer.hidden_size
        ending = _last(hidden, reading)[:, :n_forward]
        (gradient,) = torch.autograd.grad(ending.sum(), values)
    return np.asarray(np.linalg.norm(numpy_of(gradient), axis=2))


def _last(hidden: Any, reading: LayerReading) -> Any:
    """Hidden states (batch, unit) of every row's last step."""
    import torch

    if reading.is_full:
        return hidden[-1]
    last = torch.tensor(reading.lengths, device=hidden.device) - 1
    return hidden[last, torch.arange(len(last), device=hidden.device)]


def _run(layer: Any, reading: LayerReading, values: Any) -> Any:
    """Hidden states (time, batch, unit); those behind a row's end do not change those before."""
    import torch

    names = weight_names(layer)
    weights = [reading.weights[name].float() for name in names]
    n_layers = getattr(layer, "num_layers", 1)
    is_both = getattr(layer, "bidirectional", False)
    options = (layer.bias, n_layers, 0.0, True, is_both, False)
    is_lstm = recurrent_kind(layer).startswith("LSTM")
    start = _start(layer, reading, is_lstm, n_layers * (1 + is_both))
    if is_lstm:
        return torch.lstm(values, start, weights, *options)[0]
    return _function(layer)(values, start[0], weights, *options)[0]


def _function(layer: Any) -> Any:
    import torch

    if recurrent_kind(layer).startswith("GRU"):
        return torch.gru
    return torch.rnn_relu if nonlinearity(layer) == "relu" else torch.rnn_tanh


def _start(layer: Any, reading: LayerReading, is_lstm: bool, count: int) -> list[Any]:
    if reading.start is not None:
        return [state.float() for state in reading.start]
    hidden = getattr(layer, "proj_size", 0) or layer.hidden_size
    widths = (hidden, layer.hidden_size) if is_lstm else (hidden,)
    n_rows = len(reading.lengths)
    return [reading.inputs.new_zeros(count, n_rows, w, dtype=_float()) for w in widths]


def _float() -> Any:
    import torch

    return torch.float32
