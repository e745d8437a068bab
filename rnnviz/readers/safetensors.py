"""safetensors files as arrays by name.

The format (github.com/huggingface/safetensors, "Format"): the header's length in 8 bytes, a JSON
object that gives each tensor's type, shape and offsets, then the numbers without gap or overlap,
little-endian.
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
from rnnviz.readers.number_types import storage_itemsize
from rnnviz.readers.result import Source
from rnnviz.readers.tensors import Storage, TensorView, checked_nbytes, unsupported_tensor
from rnnviz.readers.torch.checkpoint_layout import strip_prefixes

_LENGTH = 8
_DTYPES = {
    **{"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "BOOL": "bool"},
    "C64": "complex64",
    **{f"I{bits}": f"int{bits}" for bits in (8, 16, 32, 64)},
    **{f"U{bits}": f"uint{bits}" for bits in (8, 16, 32, 64)},
    **{"F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2", "F8_E8M0": "float8_e8m0fnu"},
    **{"F8_E4M3FNUZ": "float8_e4m3fnuz", "F8_E5M2FNUZ": "float8_e5m2fnuz"},
}


def read_safetensors(source: Source) -> Mapping[str, Array]:
    """Arrays of a safetensors file by name; narrower floats become float32, float64 stays.

    The names lose the prefixes `module.` and `_orig_mod.`. Raises ModelError for another or a
    damaged file, before its memory is allocated.

    >>> import numpy as np
    >>> from safetensors.numpy import save
    >>> read_safetensors(Source("a.safetensors", save({"rnn.b": np.ones(2, np.float16)})))
    {'rnn.b': array([1., 1.], dtype=float32)}
    """
    return read_safetensors_content(source)[0]


def read_safetensors_content(source: Source) -> tuple[Mapping[str, Array], Mapping[str, str]]:
    """Arrays of a safetensors file by name, and its metadata, texts by name.

    Raises ModelError as `read_safetensors`.
    """
    check_file(source)
    header, data = _parts(source)
    metadata = _texts(header.pop("__metadata__", None))
    offsets = [_offsets(source, entry) for entry in header.values()]
    _check_contiguous(source, offsets, len(data))
    tensors = {name: _tensor(source, name, entry) for name, entry in header.items()}
    check_tensors(source, [checked_nbytes(source, name, t) for name, t in tensors.items()])
    arrays = {
        name: tensor.array(data[start:end], "<")
        for (name, tensor), (start, end) in zip(tensors.items(), offsets, strict=True)
    }
    return strip_prefixes(arrays), metadata


def _parts(source: Source) -> tuple[dict[str, Any], memoryview]:
    length = int.from_bytes(source.data[:_LENGTH], "little")
    if not 2 <= length <= len(source.data) - _LENGTH:
        raise _damaged(source)
    if length > MAX_HEADER:
        raise ModelError(
            "The header of “{name}” may have {bound} bytes, but it has {came}; save long texts of"
            " its metadata, such as a vocabulary, into a file beside it.",
            name=shown(source.name),
            bound=MAX_HEADER,
            came=length,
        )
    end = _LENGTH + length
    return _header(source, source.data[_LENGTH:end]), memoryview(source.data)[end:]


def _header(source: Source, text: bytes) -> dict[str, Any]:
    def unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        named = dict(pairs)
        if len(named) < len(pairs):
            raise _damaged(source)
        return named

    try:
        header = dict(json.loads(text.decode(), object_pairs_hook=unique_names))
        # Half a character, "\\ud800", is no text, as the format's own reader has it.
        "".join(header).encode()
        return header
    except RnnvizError:
        raise
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged(source) from error


def _texts(metadata: object) -> dict[str, str]:
    """The metadata's texts; what the format does not allow is no evidence."""
    entries = metadata.items() if isinstance(metadata, dict) else ()
    return {name: text for name, text in entries if isinstance(text, str)}


def _offsets(source: Source, entry: Any) -> tuple[int, int]:
    """Start and end of a tensor's bytes."""
    offsets = entry.get("data_offsets") if isinstance(entry, dict) else None
    if not isinstance(offsets, list) or [type(n) for n in offsets] != [int, int]:
        raise _damaged(source)
    return offsets[0], offsets[1]


def _check_contiguous(source: Source, offsets: list[tuple[int, int]], size: int) -> None:
    end = 0
    for start, next_end in sorted(offsets):
        if start != end or next_end < start:
            raise _damaged(source)
        end = next_end
    if end != size:
        raise _damaged(source)


def _tensor(source: Source, name: str, entry: dict[str, Any]) -> TensorView:
    code, shape = entry.get("dtype"), entry.get("shape")
    start, end = entry["data_offsets"]
    if not isinstance(code, str) or not isinstance(shape, list):
        raise _damaged(source)
    if code not in _DTYPES:
        raise unsupported_tensor(source, name, shown(code))
    dtype = _DTYPES[code]
    if any(type(n) is not int or n < 0 for n in shape):
        raise _damaged(source)
    count = math.prod(shape)
    if count * storage_itemsize(dtype) != end - start:
        raise _damaged(source)
    strides = tuple(math.prod(shape[axis + 1 :]) for axis in range(len(shape)))
    return TensorView(dtype, Storage(dtype, name, count, 0, count), 0, tuple(shape), strides)


def _damaged(source: Source) -> ModelError:
    return ModelError(
        "“{name}” should be a safetensors file, a header of names and places and then the numbers"
        " without gap or overlap, but it is damaged, cut off or something else; copy or save it"
        " again.",
        name=shown(source.name),
    )
