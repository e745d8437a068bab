"""How the server's freed memory goes back to the system, where that is glibc's to decide."""

from __future__ import annotations

import ctypes
import sys
from typing import Any


def give_back_freed_memory() -> None:
    """Give freed memory back to the system at once."""
    trim: Any = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
