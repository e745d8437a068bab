"""Where the files beside the code are: samples, strings, diagrams."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def asset(*parts: str) -> Path:
    """The path of a shipped file, in a checkout (`assets/`) and in an installed package.

    >>> asset("samples").name
    'samples'
    """
    installed = _PACKAGE / "_assets"
    folder = installed if installed.is_dir() else _PACKAGE.parent / "assets"
    return folder.joinpath(*parts)
