"""Failures to write a file, in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

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


def _refused(target: object, reason: str) -> RnnvizError:
    return RnnvizError(
        "“{name}” cannot be written ({reason}); choose another place.",
        name=shown(str(target)),
        reason=reason,
    )
