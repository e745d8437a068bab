"""The order in which a framework stacks the gates of a cell in one matrix, written once.

PyTorch: `torch.nn.LSTM`, `GRU`, `RNN`, "Variables". Keras: `keras.layers.LSTM`, `GRU`. ONNX:
operators LSTM, GRU and RNN, inputs W, R and B.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rnnviz.core.arrays import Array

_TORCH_LSTM = ("input", "forget", "candidate", "output")
_ONNX_LSTM = ("input", "output", "forget", "candidate")
_UPDATE_FIRST = ("update", "reset", "candidate")

GATE_ORDER: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "torch": {
            "rnn": ("hidden",),
            "lstm": _TORCH_LSTM,
            "lstm_projected": _TORCH_LSTM,
            "gru_reset_after": ("reset", "update", "candidate"),
        },
        "keras": {
            "rnn": ("hidden",),
            "lstm": _TORCH_LSTM,
            "gru": _UPDATE_FIRST,
            "gru_reset_after": _UPDATE_FIRST,
        },
        "onnx": {
            "rnn": ("hidden",),
            "lstm": _ONNX_LSTM,
            "lstm_coupled": _ONNX_LSTM,
            "lstm_peephole": _ONNX_LSTM,
            "gru": _UPDATE_FIRST,
            "gru_reset_after": _UPDATE_FIRST,
        },
    }
)
"""By framework and cell the gates from the first row to the last."""

TORCH_PARAMETERS: Mapping[str, str] = MappingProxyType(
    {"x": "weight_ih", "h": "weight_hh", "b": "bias_ih", "bh": "bias_hh"}
)
"""By role of `gate.role` the parameter of `torch.nn` that holds it for all gates."""


def split_gates(gates: tuple[str, ...], stacked: Mapping[str, Array]) -> dict[str, Array]:
    """Weights `gate.role` (unit, …), views of each role's matrix (gate × unit, …).

    >>> import numpy as np
    >>> split_gates(("reset", "update"), {"b": np.array([1.0, 2.0])})["update.b"].tolist()
    [2.0]
    """
    return {
        f"{gate}.{role}": block
        for role, array in stacked.items()
        for gate, block in zip(gates, array.reshape(len(gates), -1, *array.shape[1:]), strict=True)
    }
