"""Libraries that only some results need: what to install where one is missing."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from rnnviz.errors import MissingLibraryError


def optional_library(name: str, *, package: str = "") -> Any:
    """A library. Raises MissingLibraryError, with its install line, where it is not installed.

    package  its name where it is installed from, if that is another.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise _missing(package or name) from error


def check_library(name: str) -> None:
    """Raise MissingLibraryError for a library that is not installed; none is imported."""
    if find_spec(name) is None:
        raise _missing(name)


def _missing(name: str) -> MissingLibraryError:
    return MissingLibraryError(
        "This needs {package}, which is not installed; run `pip install {package}`.", package=name
    )
