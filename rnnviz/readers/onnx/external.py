"""Weights that an ONNX file keeps in another file: only in one that lies beside it.

"External tensor data": https://github.com/onnx/onnx/blob/main/docs/ExternalData.md.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

from rnnviz.core.checks import shown
from rnnviz.errors import ModelError

# A link in the file's place is not followed, and a pipe is not waited for.
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def external_bytes(tensor: Any, size: int, folder: Path | None) -> bytes:
    """The tensor's `size` bytes, from the plain file beside the model that it names.

    Raises ModelError for a path that leads anywhere else, a missing or too short file, and for an
    upload, which has nothing beside it.
    """
    said = {entry.key: entry.value for entry in tensor.external_data}
    location = said.get("location", "")
    offset, length = _number(said, "offset", 0), _number(said, "length", size)
    if folder is None:
        raise ModelError(
            "The weights {tensor} are in another file, “{location}”, but an upload brings one file"
            " alone; save the model with its weights inside.",
            tensor=shown(tensor.name),
            location=shown(location),
        )
    data = _read(folder, location, offset, size) if _is_beside(location) else None
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


def _is_beside(location: str) -> bool:
    parts = (Path(location).name, location.replace("\\", "/").split("/")[-1])
    return location not in ("", ".", "..") and "\0" not in location and set(parts) == {location}


def _number(said: dict[str, str], key: str, default: int) -> int:
    text = said.get(key, "")
    is_number = text.isascii() and text.isdigit() and len(text) < 16
    return int(text) if is_number else (default if not text else -1)


def _read(folder: Path, location: str, offset: int, size: int) -> bytes | None:
    path = folder / location
    try:
        if path.is_symlink() or offset < 0:
            return None
        with os.fdopen(os.open(path, _FLAGS), "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode) or offset + size > about.st_size:
                return None
            file.seek(offset)
            return file.read(size)
    except OSError:
        return None
