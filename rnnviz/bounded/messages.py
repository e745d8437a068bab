"""Messages between processes: pickled, with arrays apart; an answer is unpickled by a list.

A pickle may name any function. The process that asks takes an answer only when all names in it are
on a list: what reads a hostile file may itself have been taken over. A worker reads no files, and
what it sends is taken as it is.
"""

from __future__ import annotations

import importlib
import pickle
import struct
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from io import BytesIO
from types import MappingProxyType
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array, Arrays
from rnnviz.errors import RnnvizError

_SIZE = struct.Struct("<Q")
# Of a part: the file that it lies in, from where, and its bytes.
_PLACE = struct.Struct("<QQQ")
_SENT = 2**64 - 1  # no file: its bytes follow
_MAX_PARTS = 200_000
_ROOMS = ("core", "inputs", "network", "readers")
_ANY_MODULE = {
    "builtins": {"set", "frozenset", "complex", "slice", "range"},
    "collections": {"OrderedDict"},
    "numpy": {"dtype"},
    "numpy._core.multiarray": {"scalar"},
    "numpy._core.numeric": {"_frombuffer"},
    "pathlib": {"PosixPath", "PurePosixPath", "WindowsPath", "PureWindowsPath"},
    "pathlib._local": {"PosixPath", "PurePosixPath", "WindowsPath", "PureWindowsPath"},
    "rnnviz.errors": {"_rebuild"},
}


# So many bytes; EOFError where they end early.
Reader = Callable[[int], bytearray]


class TooLargeError(Exception):
    """An answer of more bytes than it may have."""


class NotAllowedError(Exception):
    """An answer that names what is not on the list."""


def _proxied(named: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(named)


class Pickler(pickle.Pickler):
    """A pickler that takes read-only mappings as well."""

    def reducer_override(self, value: Any) -> Any:
        """How a value is pickled where not as usual."""
        if isinstance(value, MappingProxyType):
            return _proxied, (dict(value),)
        return NotImplemented


def bytes_in(arguments: tuple[Any, ...]) -> tuple[bytes, ...]:
    """The bytes among arguments and in the fields of their dataclasses: the files of a call.

    >>> bytes_in((b"a", 1))
    (b'a',)
    """
    found: list[bytes] = []
    for one in arguments:
        values = [one]
        if is_dataclass(one):
            values = [getattr(one, field.name) for field in fields(one)]
        found += [value for value in values if isinstance(value, bytes)]
    return tuple(found)


def pack_answer(value: object, files: tuple[bytes, ...] = ()) -> Iterator[bytes | memoryview]:
    """Parts of a message, arrays without a copy; of one that lies in a file only its place."""
    buffers: list[pickle.PickleBuffer] = []
    body = BytesIO()
    Pickler(body, 5, buffer_callback=buffers.append).dump(value)
    views = [body.getbuffer(), *(buffer.raw() for buffer in buffers)]
    starts = [(_address(data), len(data)) for data in files if data]
    places = [_place(view, starts) for view in views]
    yield _SIZE.pack(len(views))
    yield b"".join(
        _PLACE.pack(*place, view.nbytes) for place, view in zip(places, views, strict=True)
    )
    yield from (view for (file, _), view in zip(places, views, strict=True) if file == _SENT)


def unpack_answer(
    read: Reader, bound: int, files: tuple[bytes, ...] = (), *, is_listed: bool = True
) -> Any:
    """The value of a message of at most `bound` bytes in which all names are on the list.

    is_listed  False for the message of a worker, which may name anything.

    Raises TooLargeError before more is received, NotAllowedError, EOFError, and whatever a
    damaged pickle may raise.
    """
    (n_parts,) = _SIZE.unpack(read(_SIZE.size))
    if n_parts > _MAX_PARTS:
        raise TooLargeError
    places = list(_PLACE.iter_unpack(read(n_parts * _PLACE.size)))
    if sum(size for file, _, size in places if file == _SENT) > bound:
        raise TooLargeError
    held = [data for data in files if data]
    body, *buffers = (
        read(size) if file == _SENT else _part(held[file], start, size)
        for file, start, size in places
    )
    unpickler = _ListedUnpickler if is_listed else pickle.Unpickler
    return unpickler(BytesIO(body), buffers=buffers).load()


def _address(data: bytes | memoryview) -> int:
    return int(np.frombuffer(data, np.uint8).__array_interface__["data"][0])


def _place(view: memoryview, files: list[tuple[int, int]]) -> tuple[int, int]:
    """The file that memory lies in and where; _SENT for none."""
    if view.nbytes:
        start = _address(view)
        for number, (first, size) in enumerate(files):
            if first <= start and start + view.nbytes <= first + size:
                return number, start - first
    return _SENT, 0


def _part(data: bytes, start: int, size: int) -> memoryview:
    if start + size > len(data):
        raise NotAllowedError("a part outside its file")
    return memoryview(data)[start : start + size]


class _ListedUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _STAND_INS:
            return _STAND_INS[module, name]
        if name in _ANY_MODULE.get(module, ()):
            return getattr(importlib.import_module(module), name)
        if module.partition(".")[0] == "rnnviz" and "." not in name:
            found = getattr(importlib.import_module(module), name, None)
            if _is_value_type(found, module):
                return found
        raise NotAllowedError(f"{module}.{name}")


def _is_value_type(found: Any, module: str) -> bool:
    """True for a class that only holds values: a record of these rooms, arrays, an error."""
    if not isinstance(found, type) or found.__module__ != module:
        return False
    if issubclass(found, RnnvizError) or found is Arrays:
        return True
    is_record = is_dataclass(found) or issubclass(found, Enum) or hasattr(found, "_fields")
    return is_record and module.split(".")[1] in _ROOMS


def _empty_array(kind: None, shape: tuple[int, ...], code: bytes) -> Array:
    if shape != (0,):
        raise NotAllowedError(f"an array of shape {shape}")
    return np.empty(0, code.decode("latin-1"))


# NumPy's own allocates what it is told to; a pickled array always begins empty.
_STAND_INS: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): None,
    ("numpy._core.multiarray", "_reconstruct"): _empty_array,
}
