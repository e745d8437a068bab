"""A file's bytes ▶ an ONNX ModelProto, checked before it is parsed."""

from __future__ import annotations

from typing import Any

from rnnviz.core.checks import shown
from rnnviz.errors import MissingLibraryError, ModelError
from rnnviz.readers.limits import check_file
from rnnviz.readers.onnx.wire import check_wire, damaged
from rnnviz.readers.result import Source

MAX_BYTES = 200_000_000


def parsed(source: Source) -> Any:
    """The file's ModelProto. Data outside the file is left where it is.

    Raises ModelError for a damaged or too large file; MissingLibraryError without onnx.
    """
    onnx = _library()
    check_file(source)
    if len(source.data) > MAX_BYTES:
        raise ModelError(
            "An ONNX file may be {bound} bytes large, but “{name}” has {came};"
            " export the recurrent part alone.",
            bound=MAX_BYTES,
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
