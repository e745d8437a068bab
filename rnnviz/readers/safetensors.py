"""safetensors ▶ arrays by name.

The format (github.com/huggingface/safetensors, "Format"): the header's length in 8 bytes, a JSON
object that gives each tensor's type, shape and place, then the numbers without gap or overlap, in
little order.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError, RnnvizError
from rnnviz.readers.limits import MAX_HEADER, check_file, check_tensors
from rnnviz.readers.result import Source
from rnnviz.readers.tensors import (
    Storage,
    TensorView,
    checked_nbytes,
    storage_itemsize,
    unsupported_tensor,
)
from rnnviz.readers.torch.checkpoint_layout import strip_prefixes

_LENGTH = 8
_KINDS = {
    **{"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "BOOL": "bool"},
    **{f"I{bits}": f"int{bits}" for bits in (8, 16, 32, 64)},
    **{f"U{bits}": f"uint{bits}" for bits in (8, 16, 32, 64)},
    **{"F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2", "F8_E8M0": "float8_e8m0fnu"},
    **{"F8_E4M3FNUZ": "float8_e4m3fnuz", "F8_E5M2FNUZ": "float8_e5m2fnuz"},
}


def read_safetensors(source: Source) -> Mapping[str, Array]:
    """The tensors by name; float64 stays, narrower floats become float32.

    `module.` and `_orig_mod.` are left out of the names. Raises ModelError for a file that does not
    keep to the format, and before memory is taken for it.

    >>> import numpy as np
    >>> from safetensors.numpy import save
    >>> arrays(Source("a.safetensors", save({"rnn.b": np.ones(2, np.float16)})))
    {'rnn.b': array([1., 1.], dtype=float32)}
    """
    check_file(source)
    header, data = _parts(source)
    places = [_place(source, name, entry) for name, entry in header.items()]
    _check_gapless(source, places, len(data))
    tensors = {name: _tensor(source, name, entry) for name, entry in header.items()}
    check_tensors(source, [checked_nbytes(source, name, t) for name, t in tensors.items()])
    return strip_prefixes(
        {
            name: tensor.array(data[start:end], "<")
            for (name, tensor), (start, end) in zip(tensors.items(), places, strict=True)
        }
    )


def _parts(source: Source) -> tuple[dict[str, Any], memoryview]:
    length = int.from_bytes(source.data[:_LENGTH], "little")
    if not 2 <= length <= min(MAX_HEADER, len(source.data) - _LENGTH):
        raise _damaged(source)
    end = _LENGTH + length
    return _header(source, source.data[_LENGTH:end]), memoryview(source.data)[end:]


def _header(source: Source, text: bytes) -> dict[str, Any]:
    def no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        named = dict(pairs)
        if len(named) < len(pairs):
            raise _damaged(source)
        return named

    try:
        header = json.loads(text.decode(), object_pairs_hook=no_name_twice)
        header.pop("__metadata__", None)
        return dict(header)
    except RnnvizError:
        raise
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged(source) from error


def _place(source: Source, name: str, entry: Any) -> tuple[int, int]:
    """Where a tensor's bytes start and end."""
    given = entry.get("data_offsets") if isinstance(entry, dict) else None
    if not isinstance(given, list) or [type(n) for n in given] != [int, int]:
        raise _damaged(source)
    return given[0], given[1]


def _check_gapless(source: Source, places: list[tuple[int, int]], size: int) -> None:
    end = 0
    for start, next_end in sorted(places):
        if start != end or next_end < start:
            raise _damaged(source)
        end = next_end
    if end != size:
        raise _damaged(source)


def _tensor(source: Source, name: str, entry: dict[str, Any]) -> TensorView:
    dtype, shape = entry.get("dtype"), entry.get("shape")
    start, end = entry["data_offsets"]
    if not isinstance(dtype, str) or not isinstance(shape, list):
        raise _damaged(source)
    if dtype not in _KINDS:
        raise unsupported_tensor(source, name, shown(dtype))
    kind = _KINDS[dtype]
    if any(type(n) is not int or n < 0 for n in shape):
        raise _damaged(source)
    count = math.prod(shape)
    if count * storage_itemsize(kind) != end - start:
        raise _damaged(source)
    return TensorView(kind, Storage(kind, name, count, 0, count), 0, tuple(shape), _by_row(shape))


def _by_row(shape: list[int]) -> tuple[int, ...]:
    return tuple(math.prod(shape[axis + 1 :]) for axis in range(len(shape)))


def _damaged(source: Source) -> ModelError:
    return ModelError(
        "“{name}” should be a safetensors file, a header of names and places and then the numbers"
        " without gap or overlap, but it is damaged, cut off or something else; copy or save it"
        " again.",
        name=shown(source.name),
    )
