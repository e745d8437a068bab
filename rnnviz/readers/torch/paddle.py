"""State dicts of PaddlePaddle: PyTorch's names and gate orders, with copies and turned matrices.

`paddle.nn.LSTM` keeps each parameter twice, as `weight_ih_l0` and as `0.cell.weight_ih`
(`paddle/nn/layer/rnn.py`, `RNNBase`), and `paddle.nn.Linear` stores (input, output)
(`paddle/nn/layer/common.py`). `paddle.save` writes a tensor as its name and numbers, or adds a
table of names (`paddle/framework/io.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.readers.torch.checkpoint_layout import named_entries
from rnnviz.readers.torch.pickled_numpy import NumpyArrayState

_TABLE = "StructuredToParameterName@@"
_COPY = re.compile(
    r"(?P<path>(?:.*\.)?)(?P<level>\d{1,4})\.cell(?P<side>|_fw|_bw)\."
    r"(?P<role>(?:weight|bias)_(?:ih|hh))",
    re.DOTALL,
)
_MAX_LOOKED_AT = 1_000


def is_paddle(root: object) -> bool:
    """True for what paddle.save wrote."""
    entries = list(islice(named_entries(root), _MAX_LOOKED_AT))
    inner = [pair for _, value in entries for pair in islice(named_entries(value), 1)]
    return any(key == _TABLE or _is_named_array(value) for key, value in (*entries, *inner))


def _is_named_array(value: object) -> bool:
    is_pair = type(value) is tuple and len(value) == 2 and isinstance(value[0], str)
    return is_pair and isinstance(value[1], NumpyArrayState)  # type: ignore[index]


def from_paddle(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Arrays under PyTorch's names, each once, linear layers as (output, input).

    >>> fc = {"fc.weight": np.ones((5, 2)), "fc.bias": np.ones(2)}
    >>> from_paddle(fc)["fc.weight"].shape
    (2, 5)
    """
    return {
        name: array.T if _is_linear(name, arrays) else array
        for name, array in arrays.items()
        if not _is_copy(name, arrays)
    }


def _is_copy(name: str, arrays: Mapping[str, Array]) -> bool:
    found = _COPY.fullmatch(name)
    if found is None:
        return False
    end = "_reverse" if found["side"] == "_bw" else ""
    twin = arrays.get(f"{found['path']}{found['role']}_l{int(found['level'])}{end}")
    return twin is not None and np.array_equal(twin, arrays[name], equal_nan=True)


def _is_linear(name: str, arrays: Mapping[str, Array]) -> bool:
    path, _, own = name.rpartition("weight")
    bias = arrays.get(f"{path}bias")
    is_matrix = not own and arrays[name].ndim == 2
    return is_matrix and bias is not None and bias.shape == arrays[name].shape[1:]
