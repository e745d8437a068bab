"""Paths of shipped files: samples, translations, diagrams and the app's script."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def asset(*parts: str) -> Path:
    """Path of a shipped file, in a checkout (`assets/`) and in an installed package.

    >>> asset("samples").name
    'samples'
    """
    installed = _PACKAGE / "_assets"
    folder = installed if installed.is_dir() else _PACKAGE.parent / "assets"
    return folder.joinpath(*parts)


def app_file() -> Path:
    """Path of the script Streamlit runs, in a checkout and in an installed package.

    The app's settings, `.streamlit/config.toml`, are beside it in both.

    >>> app_file().name
    'app.py'
    """
    installed = _PACKAGE / "_app" / "app.py"
    return installed if installed.is_file() else _PACKAGE.parent / "app.py"
