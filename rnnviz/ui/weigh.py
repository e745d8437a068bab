"""How many bytes a result holds in memory: its arrays, files and texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from sys import getsizeof
from types import ModuleType
from typing import Any

import numpy as np

# What an object takes beside its contents: a rough figure, small against any array.
_EACH = 64


def weight(value: Any) -> int:
    """Bytes of all that hangs on a value, what is shared counted once.

    A view counts with all the memory that it keeps alive.

    >>> whole = np.zeros((1000, 10), np.float32)
    >>> 40_000 <= weight([whole, whole[:1]]) < 41_000
    True
    """
    seen: set[int] = set()
    waiting, total = [value], 0
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        own, parts = _own(one)
        total += own
        waiting.extend(parts)
    return total


def _own(value: Any) -> tuple[int, Iterable[Any]]:
    """A value's own bytes, and what hangs on it."""
    if isinstance(value, np.ndarray):
        return (_EACH, (value.base,)) if value.base is not None else (_EACH + value.nbytes, ())
    if isinstance(value, bytes | bytearray | str):
        return getsizeof(value), ()
    if isinstance(value, memoryview):
        return _EACH, (value.obj,)
    if isinstance(value, Mapping):
        return _EACH, (*value.keys(), *value.values())
    if isinstance(value, list | tuple | set | frozenset):
        return _EACH, value
    if isinstance(value, type | ModuleType):
        return 0, ()
    cells = getattr(value, "__closure__", None) or ()
    parts = [*getattr(value, "__dict__", {}).values(), *(cell.cell_contents for cell in cells)]
    parts += [getattr(value, name, None) for name in ("__self__", "func", "args", "keywords")]
    return _EACH + _foreign(value), parts


def _foreign(value: Any) -> int:
    """Bytes of arrays that are not NumPy's."""
    size = getattr(value, "nbytes", 0)
    return size if isinstance(size, int) else 0
