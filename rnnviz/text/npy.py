"""NumPy's .npy ▶ array, its header checked before its numbers are read.

NEP 1 and `numpy.lib.format`: magic, version, a header that gives type, order and shape, then the
numbers. Nothing is unpickled: object arrays are refused by their header.
"""

from __future__ import annotations

import math
from typing import IO, TYPE_CHECKING

import numpy as np
from numpy.lib import format as npy_format

from rnnviz.core.checks import shown
from rnnviz.errors import InputError
from rnnviz.inputs.source import check_unpacked

if TYPE_CHECKING:
    from rnnviz.core.arrays import Array

_HEADERS = {
    (1, 0): npy_format.read_array_header_1_0,
    (2, 0): npy_format.read_array_header_2_0,
}


def npy_array(name: str, stream: IO[bytes]) -> Array:
    """The array of 1 to 3 axes, of real numbers, booleans or dates.

    Raises InputError for any other array, one that is too large, and a damaged file.

    >>> from io import BytesIO
    >>> stream = BytesIO()
    >>> np.save(stream, np.array([1, 2]))
    >>> npy_array("a.npy", BytesIO(stream.getvalue())).tolist()
    [1, 2]
    """
    shape, by_column, dtype = _header(name, stream)
    _check_dtype(name, dtype)
    _check_shape(name, shape)
    n_values = math.prod(shape)
    # Numbers become float64, whatever they were.
    check_unpacked(name, n_values * max(dtype.itemsize, 8))
    data = stream.read(n_values * dtype.itemsize)
    if len(data) < n_values * dtype.itemsize:
        raise _damaged(name)
    return np.frombuffer(data, dtype).reshape(shape, order="F" if by_column else "C")


def _header(name: str, stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[np.generic]]:
    try:
        return _HEADERS[npy_format.read_magic(stream)](stream)
    except Exception as error:
        # NumPy evaluates the header as a Python literal and lets any of its parser's errors out.
        raise _damaged(name) from error


def _check_dtype(name: str, dtype: np.dtype[np.generic]) -> None:
    is_date = dtype.kind == "M" and "[" in dtype.str  # <M8[D]; <M8 alone has no unit
    if dtype.kind not in "biuf" and not is_date:
        raise InputError(
            "An array of real numbers was expected, but “{name}” holds type {dtype};"
            " convert it and save it again.",
            name=shown(name),
            dtype=shown(dtype),
        )


def _check_shape(name: str, shape: tuple[int, ...]) -> None:
    if len(shape) not in (1, 2, 3) or min(shape) < 1:
        raise InputError(
            "An array (time,), (time, feature) or (time, batch, feature) with at least one of"
            " each was expected, but “{name}” has shape {shape}; reshape it.",
            name=shown(name),
            shape=shown(shape),
        )


def _damaged(name: str) -> InputError:
    return InputError(
        "“{name}” should be a complete NumPy array of format 1 or 2, but it is damaged or not"
        " one; save it again with numpy.save.",
        name=shown(name),
    )
