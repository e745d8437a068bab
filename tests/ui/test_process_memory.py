"""What is asked of the system's memory is asked where it can be, and nowhere fails."""

from __future__ import annotations

import ctypes
import runpy
from typing import Any

import pytest

from rnnviz.core.resources import app_file
from rnnviz.ui import process_memory


class Library:
    """A C library that remembers what was called."""

    def __init__(self, *names: str) -> None:
        self.calls: list[tuple[Any, ...]] = []
        for name in names:
            setattr(self, name, lambda *given, name=name: self.calls.append((name, *given)))


@pytest.mark.parametrize(
    ("platform", "names", "calls"),
    [
        ("linux", ("malloc_trim",), [("malloc_trim", 0)]),
        ("linux", (), []),
        ("darwin", ("malloc_trim",), []),
    ],
)
def test_glibc_is_asked(
    monkeypatch: pytest.MonkeyPatch, platform: str, names: tuple[str, ...], calls: list[Any]
) -> None:
    library = Library(*names)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    monkeypatch.setattr("sys.platform", platform)
    process_memory.give_back_freed_memory()
    assert library.calls == calls


@pytest.mark.parametrize(
    ("platform", "names", "calls"),
    [("linux", ("mallopt",), [("mallopt", -8, 2)]), ("linux", (), []), ("win32", (), [])],
)
def test_a_server_asks_for_few_arenas_as_it_is_imported(
    monkeypatch: pytest.MonkeyPatch, platform: str, names: tuple[str, ...], calls: list[Any]
) -> None:
    library = Library(*names)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    monkeypatch.setattr("sys.platform", platform)
    runpy.run_path(str(app_file()), run_name="server")
    assert library.calls == calls
