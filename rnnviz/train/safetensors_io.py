"""Arrays by name in one file, in the safetensors layout, written and read with NumPy alone.

Eight bytes, the header's length, little-endian; the header, JSON, by name the type, the shape and
where the numbers lie; the numbers. https://github.com/huggingface/safetensors, "Format".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.errors import ModelError

_ALIGNED = 8
_METADATA = "__metadata__"


def write_arrays(arrays: Mapping[str, Array], metadata: Mapping[str, str] = {}) -> bytes:
    """A file's bytes with the arrays as float32, in the order given.

    metadata  texts by name that travel with them.

    >>> write_arrays({"bias": np.zeros(2)})[8:].decode("ascii")[:24]
    '{"bias":{"dtype":"F32","'
    """
    header: dict[str, Any] = {_METADATA: dict(metadata)} if metadata else {}
    body = b""
    for name, array in arrays.items():
        numbers = np.ascontiguousarray(array, "<f4").tobytes()
        span = [len(body), len(body) + len(numbers)]
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": span}
        body += numbers
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNED)
    return len(text).to_bytes(8, "little") + text + body


def read_arrays(data: bytes) -> dict[str, Array]:
    """The float32 arrays of a file that `write_arrays` made, by name.

    Raises ModelError when the bytes are not such a file.

    >>> read_arrays(write_arrays({"bias": np.ones(2)}))["bias"]
    array([1., 1.], dtype=float32)
    """
    try:
        length = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + length])
        return {
            name: _array(data, 8 + length, entry)
            for name, entry in header.items()
            if name != _METADATA
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(
            "A file of a model trained here is damaged; install rnnviz again."
        ) from error


def _array(data: bytes, body: int, entry: Mapping[str, Any]) -> Array:
    first, last = entry["data_offsets"]
    numbers = np.frombuffer(data[body + first : body + last], "<f4")
    return numbers.reshape(entry["shape"]).astype(np.float32)
