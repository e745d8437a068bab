"""How the server's freed memory goes back to the system, where that is glibc's to decide."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

# Of malloc.h.
_ARENA_MAX = -8


def use_few_arenas() -> None:
    """Let all threads take memory from two places.

    Each run of the script has a thread of its own. By default threads take from eight places a
    core, and what is freed in one place is of no use in another.
    """
    _call("mallopt", _ARENA_MAX, 2)


def give_back_freed_memory() -> None:
    """Give freed memory back to the system at once."""
    _call("malloc_trim", 0)


def _call(name: str, *given: int) -> None:
    function: Any = getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
    if function is not None:
        function(*given)
