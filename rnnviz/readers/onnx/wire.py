"""Protobuf bytes, counted before they are parsed: a small file can unpack to much memory.

The wire format: https://protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from rnnviz.core.checks import shown
from rnnviz.errors import MissingLibraryError, ModelError
from rnnviz.readers.limits import check_file
from rnnviz.readers.result import Source

MAX_FIELDS = 400_000
MAX_PACKED = 20_000_000  # bytes of packed integers: each may become eight
MAX_MESSAGE_DEPTH = 64
_FIXED = {1: 8, 5: 4}
_LENGTH = 2


class _Damaged(Exception):
    pass


class _Field(NamedTuple):
    message: Any
    is_integers: bool
    is_text: bool


def check_wire(name: str, data: bytes, descriptor: Any) -> None:
    """Raise ModelError when the bytes are no whole messages of that kind, or too many."""
    try:
        _Walk(name, data).message(0, len(data), descriptor, 0)
    except _Damaged as error:
        raise damaged(name) from error


def damaged(name: str) -> ModelError:
    """The error for a file that is no whole ONNX model."""
    return ModelError(
        "“{name}” should be a complete ONNX model, but it is damaged or something else;"
        " export it again.",
        name=shown(name),
    )


class _Walk:
    def __init__(self, name: str, data: bytes) -> None:
        self.name, self.data = name, data
        self.n_fields, self.n_packed = 0, 0

    def message(self, start: int, end: int, descriptor: Any, depth: int) -> None:
        if depth > MAX_MESSAGE_DEPTH:
            raise _Damaged
        known = _fields(descriptor)
        while start < end:
            key, start = self._varint(start, end)
            start = self._field(key & 7, known.get(key >> 3), start, end, depth)

    def _field(self, wire: int, field: _Field | None, start: int, end: int, depth: int) -> int:
        self._count(1, 0)
        if wire == 0:
            return self._varint(start, end)[1]
        size, start = self._size(wire, start, end)
        if size > end - start:
            raise _Damaged
        if field is not None and wire == _LENGTH:
            if field.message is not None:
                self.message(start, start + size, field.message, depth + 1)
            if field.is_text:
                self._check_text(start, start + size)
            self._count(0, size * field.is_integers)
        return start + size

    def _size(self, wire: int, start: int, end: int) -> tuple[int, int]:
        if wire == _LENGTH:
            return self._varint(start, end)
        if wire not in _FIXED:
            raise _Damaged
        return _FIXED[wire], start

    def _varint(self, start: int, end: int) -> tuple[int, int]:
        if start < end and self.data[start] < 128:
            return self.data[start], start + 1
        number = 0
        for shift, byte in enumerate(self.data[start : min(end, start + 10)]):
            number |= (byte & 127) << 7 * shift
            if byte < 128:
                return number, start + shift + 1
        raise _Damaged

    def _check_text(self, start: int, end: int) -> None:
        # protobuf would hand out bytes in a text's place.
        try:
            self.data[start:end].decode()
        except UnicodeDecodeError as error:
            raise _Damaged from error

    def _count(self, fields: int, packed: int) -> None:
        self.n_fields += fields
        self.n_packed += packed
        if self.n_fields > MAX_FIELDS or self.n_packed > MAX_PACKED:
            raise ModelError(
                "“{name}” is made of more parts than an ONNX model of a recurrent network has;"
                " export the recurrent part alone.",
                name=shown(self.name),
            )


@cache
def _fields(descriptor: Any) -> dict[int, _Field]:
    return {
        field.number: _Field(
            field.message_type, _is_integers(field), field.type == field.TYPE_STRING
        )
        for field in descriptor.fields
    }


def _is_integers(field: Any) -> bool:
    integers = (field.CPPTYPE_INT32, field.CPPTYPE_INT64, field.CPPTYPE_UINT64)
    return field.cpp_type in integers


MAX_MESSAGE_BYTES = 200_000_000


def parsed(source: Source) -> Any:
    """The file's ModelProto. Data outside the file is left where it is.

    Raises ModelError for a damaged or too large file; MissingLibraryError without onnx.
    """
    onnx = _library()
    check_file(source)
    if len(source.data) > MAX_MESSAGE_BYTES:
        raise ModelError(
            "An ONNX file may be {bound} bytes large, but “{name}” has {came};"
            " export the recurrent part alone.",
            bound=MAX_MESSAGE_BYTES,
            name=shown(source.name),
            came=len(source.data),
        )
    check_wire(source.name, source.data, onnx.ModelProto.DESCRIPTOR)
    model = _parsed(onnx, source)
    if not model.HasField("graph"):
        raise damaged(source.name)
    return model


def _parsed(onnx: Any, source: Source) -> Any:
    try:
        return onnx.load_from_string(source.data)
    # The protobuf package's DecodeError; what else a damaged file meets there is no other answer.
    except Exception as error:
        raise damaged(source.name) from error


def _library() -> Any:
    try:
        import onnx
    except ImportError as error:
        raise MissingLibraryError(
            "Reading ONNX needs onnx, which is not installed; install it with: pip install onnx"
        ) from error
    return onnx
