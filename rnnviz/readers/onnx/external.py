"""Data of a tensor that lies in another file beside the model.

ONNX IR specification, "External Tensor Data": location, offset, length. The location is a bare
name here, so that no file leads out of its folder.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.result import Source

# A link in the file's place is not followed, and a pipe is not waited for.
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


_EXTERNAL = 1  # TensorProto.DataLocation


def is_beside(tensor: Any) -> bool:
    """True for a tensor whose data lies in another file."""
    return bool(tensor.data_location == _EXTERNAL)


def external_location(tensor: Any) -> str:
    """The name of the file that it lies in."""
    return next((str(e.value) for e in tensor.external_data if e.key == "location"), "")


def file_size(location: str, source: Source) -> int:
    """Bytes of a file beside the model, 0 where there is none."""
    if location in source.beside:
        return len(source.beside[location])
    if source.folder is None or not _is_bare(location):
        return 0
    try:
        return (source.folder / location).lstat().st_size
    except OSError:
        return 0


def external_bytes(tensor: Any, size: int, source: Source) -> bytes:
    """The tensor's `size` bytes, from the file that it names, uploaded with the model or beside it.

    Raises ModelError for a path that leads anywhere else, and for a missing or too short file.
    """
    said = {entry.key: entry.value for entry in tensor.external_data}
    location = said.get("location", "")
    offset, length = _number(said, "offset", 0), _number(said, "length", size)
    if _is_bare(location) and not _is_there(source, location):
        raise ModelError(
            "The weights of “{name}” are in another file, “{location}”; choose both files together"
            " for an upload, or put it beside the model.",
            name=shown(source.name),
            location=shown(location),
        )
    data = _read(source, location, offset, size) if _is_bare(location) else None
    if data is None or length != size:
        raise ModelError(
            "The weights {tensor} should be {size} bytes of a plain file beside the model, but"
            " “{location}” does not give them; put it there, or save the model with its weights"
            " inside.",
            tensor=shown(tensor.name),
            size=size,
            location=shown(location),
        )
    return data


def _is_bare(location: str) -> bool:
    parts = (Path(location).name, location.replace("\\", "/").split("/")[-1])
    return location not in ("", ".", "..") and "\0" not in location and set(parts) == {location}


def _is_there(source: Source, location: str) -> bool:
    if location in source.beside:
        return True
    return source.folder is not None and os.path.lexists(source.folder / location)


def _number(said: dict[str, str], key: str, default: int) -> int:
    text = said.get(key, "")
    is_number = text.isascii() and text.isdigit() and len(text) < 16
    return int(text) if is_number else (default if not text else -1)


def _read(source: Source, location: str, offset: int, size: int) -> bytes | None:
    if offset < 0 or size < 0:
        return None
    if location in source.beside:
        part = source.beside[location][offset : offset + size]
        return part if len(part) == size else None
    return None if source.folder is None else _read_file(source.folder / location, offset, size)


def _read_file(path: Path, offset: int, size: int) -> bytes | None:
    try:
        if path.is_symlink():
            return None
        with os.fdopen(os.open(path, _FLAGS), "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode) or offset + size > about.st_size:
                return None
            file.seek(offset)
            return file.read(size)
    except OSError:
        return None
