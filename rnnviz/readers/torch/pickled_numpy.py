"""NumPy's arrays, scalars and dtypes in a pickle, as descriptions.

The states are those of `numpy/_core/src/multiarray/methods.c` (`array_reduce`) and `scalar`; joblib
writes an array's numbers behind its state (`joblib/numpy_pickle.py`, `NumpyArrayWrapper`).
"""

from __future__ import annotations

import math
from io import BytesIO
from typing import Any

import numpy as np

from rnnviz.readers.limits import MAX_PICKLE
from rnnviz.readers.number_types import ByteOrder, storage_itemsize
from rnnviz.readers.tensors import Latin1Text, PickledArray, StoredTensor
from rnnviz.readers.torch.pickle_vm import Constructor

_DTYPES = {
    **{"b1": "bool", "f2": "float16", "f4": "float32", "f8": "float64"},
    **{"c8": "complex64", "c16": "complex128"},
    **{
        f"{code}{n}": f"{dtype}{8 * n}"
        for code, dtype in (("i", "int"), ("u", "uint"))
        for n in (1, 2, 4, 8)
    },
}
_MAX_TEXT = 256  # characters of a token


class NumpyDtypeState:
    """Substitute for `numpy.dtype`: its code, and the byte order of its state."""

    def __init__(self, code: Any, *_: object) -> None:
        self.code = code if isinstance(code, str) else ""
        self.order: ByteOrder = "<"

    def set_state(self, state: Any) -> None:
        """Take the byte order from (version, order, …)."""
        if state[1] == ">":
            self.order = ">"


class NumpyArrayState:
    """Substitute for `numpy.ndarray`: its tensor, or its texts or objects where it holds such.

    objects  row after row.
    """

    def __init__(self, *_: object) -> None:
        self.tensor: StoredTensor | None = None
        self.objects: list[Any] = []
        self._texts: tuple[NumpyDtypeState, bytes] | None = None

    def set_state(self, state: Any) -> None:
        """Take (version, shape, dtype, is Fortran order, data)."""
        _, shape, dtype, is_fortran, data = state
        self.tensor = pickled_array(dtype, shape, is_fortran, data)
        self.objects = data if type(data) is list else []
        if isinstance(dtype, NumpyDtypeState) and dtype.code.startswith("U"):
            self._texts = dtype, _bytes(data)

    def texts(self) -> list[str]:
        """The texts of an array of texts or objects, row after row; none of another array."""
        if self._texts is None:
            return self.objects if all(type(text) is str for text in self.objects) else []
        dtype, data = self._texts
        return _texts(dtype, data)


class JoblibArrayState:
    """Substitute for joblib's `NumpyArrayWrapper`, whose numbers stand behind its state."""

    def __init__(self, *_: object) -> None:
        self.tensor: StoredTensor | None = None
        self._state: dict[str, Any] = {}

    def set_state(self, state: Any) -> None:
        """Take shape, order, dtype and alignment by name."""
        self._state = state

    def read_inline(self, stream: BytesIO) -> None:
        """Take the numbers behind a byte that says how many bytes of padding come first."""
        dtype, shape = self._state["dtype"], self._state["shape"]
        if self._state.get("numpy_array_alignment_bytes") is not None:
            stream.seek(stream.read(1)[0], 1)
        size = math.prod(shape) * storage_itemsize(_DTYPES[dtype.code])
        if not 0 <= size <= MAX_PICKLE:
            raise ValueError
        self.tensor = pickled_array(dtype, shape, self._state["order"] == "F", stream.read(size))


def pickled_array(dtype: Any, shape: Any, is_fortran: Any, data: Any) -> StoredTensor | None:
    """Array of numbers as a tensor; None for one of texts, dates or objects."""
    if not isinstance(dtype, NumpyDtypeState) or not isinstance(
        data, Latin1Text | bytes | bytearray | str
    ):
        return None
    name = _DTYPES.get(dtype.code)
    return PickledArray(name, dtype.order, shape, bool(is_fortran), data) if name else None


def array_from_buffer(data: Any, dtype: Any, shape: Any, order: Any) -> NumpyArrayState:
    """Array as protocol 5 writes it (`numpy/_core/numeric.py`, `_frombuffer`)."""
    array = NumpyArrayState()
    array.set_state((1, shape, dtype, order == "F", data))
    return array


def numpy_scalar(dtype: Any, data: Any = b"") -> int | float | str | None:
    """A single number or text as Python's own; None for a date and the like."""
    if not isinstance(dtype, NumpyDtypeState):
        return None
    if dtype.code.startswith("U"):
        return next(iter(_texts(dtype, _bytes(data))), "")
    name = _DTYPES.get(dtype.code)
    if name is None:
        return None
    [value] = np.frombuffer(_bytes(data), np.dtype(name).newbyteorder(dtype.order)).tolist()
    return value if isinstance(value, int | float) else None


def _bytes(data: Any) -> bytes:
    if isinstance(data, Latin1Text):
        return data.encoded()
    return data if isinstance(data, bytes) else b""


def _texts(dtype: NumpyDtypeState, data: bytes) -> list[str]:
    width = int(dtype.code[1:] or 0)
    if not 0 < width <= _MAX_TEXT or len(data) % (4 * width):
        return []
    return [str(text) for text in np.frombuffer(data, f"{dtype.order}U{width}")]


def _each(modules: tuple[str, ...], name: str, value: object) -> dict[str, object]:
    return {f"{module}.{name}": value for module in modules}


_MULTIARRAY = ("numpy.core.multiarray", "numpy._core.multiarray")
_NUMERIC = ("numpy.core.numeric", "numpy._core.numeric")
NUMPY_GLOBALS: dict[str, object] = {
    "numpy.ndarray": Constructor(lambda *_: None),
    "numpy.dtype": Constructor(NumpyDtypeState),
    "joblib.numpy_pickle.NumpyArrayWrapper": Constructor(JoblibArrayState),
    **_each(_MULTIARRAY, "_reconstruct", Constructor(NumpyArrayState)),
    **_each(_MULTIARRAY, "scalar", Constructor(numpy_scalar)),
    **_each(_NUMERIC, "_frombuffer", Constructor(array_from_buffer)),
}
