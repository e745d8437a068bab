"""Files that are written whole or not at all, and failures to write in one sentence."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from rnnviz.core.checks import shown
from rnnviz.errors import RnnvizError


@contextmanager
def writing(target: object) -> Iterator[None]:
    """Block that writes to a path; where that cannot be written, it raises RnnvizError.

    >>> with writing("/"):
    ...     open("/", "w")
    Traceback (most recent call last):
    rnnviz.errors.RnnvizError: “/” cannot be written (Is a directory); choose another place.
    """
    if "\0" in str(target):
        raise _refused(target, "a NUL character")
    try:
        yield
    except OSError as error:
        raise _refused(target, error.strerror or type(error).__name__) from error
    except UnicodeEncodeError as error:
        raise _refused(target, "half of a character") from error


def check_place(target: Path) -> None:
    """Raise RnnvizError for a path that cannot be written, before anything is computed for it."""
    with writing(target):
        if not target.parent.is_dir():
            raise RnnvizError(
                "“{folder}” should be a folder to write “{name}” in, but there is none;"
                " make it or choose another.",
                folder=shown(target.parent),
                name=shown(target.name),
            )
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not os.access(target if target.exists() else target.parent, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def write_whole(target: Path, data: bytes) -> None:
    """Write a file; until all of it is written, what was there stays.

    Raises RnnvizError for a path that cannot be written.
    """
    check_place(target)
    with writing(target):
        # What a link leads to is replaced, not the link.
        place = Path(os.path.realpath(target))
        part = place.with_name(f".{uuid4().hex}.part")
        try:
            part.write_bytes(data)
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)


def _refused(target: object, reason: str) -> RnnvizError:
    return RnnvizError(
        "“{name}” cannot be written ({reason}); choose another place.",
        name=shown(str(target)),
        reason=reason,
    )
