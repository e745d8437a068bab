"""What is asked of the system's memory is asked where it can be, and nowhere fails."""

from __future__ import annotations

import ctypes
from typing import Any

import pytest

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
        ("linux", ("mallopt", "malloc_trim"), [("mallopt", -8, 2), ("malloc_trim", 0)]),
        ("linux", (), []),
        ("darwin", ("mallopt", "malloc_trim"), []),
    ],
)
def test_glibc_is_asked(
    monkeypatch: pytest.MonkeyPatch, platform: str, names: tuple[str, ...], calls: list[Any]
) -> None:
    library = Library(*names)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    monkeypatch.setattr("sys.platform", platform)
    process_memory.use_few_arenas()
    process_memory.give_back_freed_memory()
    assert library.calls == calls
