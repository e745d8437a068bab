"""State dicts of PaddlePaddle: PyTorch's names and gate orders, with turned matrices.

`paddle.nn.Linear` stores (input, output) (`paddle/nn/layer/common.py`). `paddle.save` writes a
tensor as its name and numbers, or adds a table of names (`paddle/framework/io.py`). Copies of
recurrent layers are left out as those of other files are (`rnnviz.readers.copies`).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from rnnviz.core.arrays import Array
from rnnviz.readers.torch.checkpoint_layout import named_entries
from rnnviz.readers.torch.pickled_numpy import NumpyArrayState

_TABLE = "StructuredToParameterName@@"
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
    """Arrays with linear layers as PyTorch has them, (output, input).

    >>> import numpy as np
    >>> fc = {"fc.weight": np.ones((5, 2)), "fc.bias": np.ones(2)}
    >>> from_paddle(fc)["fc.weight"].shape
    (2, 5)
    """
    return {name: array.T if _is_linear(name, arrays) else array for name, array in arrays.items()}


def _is_linear(name: str, arrays: Mapping[str, Array]) -> bool:
    path, _, own = name.rpartition("weight")
    bias = arrays.get(f"{path}bias")
    is_matrix = not own and arrays[name].ndim == 2
    return is_matrix and bias is not None and bias.shape == arrays[name].shape[1:]
