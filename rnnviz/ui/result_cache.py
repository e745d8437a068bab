"""Results kept for every session: as many of those last used as a budget of bytes holds."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from hashlib import blake2b
from sys import getsizeof
from types import ModuleType
from typing import Any, ParamSpec, TypeVar

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


_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


@dataclass(eq=False)
class Keeper:
    """The owner of all results.

    budget  bytes that they take together; the latest one stays, however large.
    """

    budget: int
    _held: OrderedDict[bytes, tuple[Any, int]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _makers: dict[bytes, threading.RLock] = field(default_factory=dict)

    @property
    def weight(self) -> int:
        """Bytes held now."""
        with self._lock:
            return sum(size for _, size in self._held.values())

    def clear(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._held.clear()

    def keeps(self, make: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
        """The function, asked once for each choice; the representation of a choice names it.

        >>> squares = []
        >>> @Keeper(budget=1_000).keeps
        ... def square(number):
        ...     squares.append(number)
        ...     return number**2
        >>> square(3), square(3), squares
        (9, 9, [3])
        """

        @wraps(make)
        def kept(*given: _Given.args, **named: _Given.kwargs) -> _Made:
            key = _name(make, given, named)
            found, value = self._find(key)
            if not found:
                with self._making(key):
                    found, value = self._find(key)
                    if not found:
                        value = make(*given, **named)
                        self._take(key, value)
            return value  # type: ignore[no-any-return]

        return kept

    def _find(self, key: bytes) -> tuple[bool, Any]:
        with self._lock:
            if key not in self._held:
                return False, None
            self._held.move_to_end(key)
            return True, self._held[key][0]

    @contextmanager
    def _making(self, key: bytes) -> Iterator[None]:
        """Whoever else wants the same waits for it."""
        with self._lock:
            maker = self._makers.setdefault(key, threading.RLock())
        try:
            with maker:
                yield
        finally:
            with self._lock:
                self._makers.pop(key, None)

    def _take(self, key: bytes, value: Any) -> None:
        size = weight(value)
        with self._lock:
            self._held[key] = value, size
            total = sum(size for _, size in self._held.values())
            while total > self.budget and len(self._held) > 1:
                _, (_, freed) = self._held.popitem(last=False)
                total -= freed


def _name(make: Callable[..., Any], given: Any, named: Any) -> bytes:
    said = repr((make.__module__, make.__qualname__, given, sorted(named.items())))
    return blake2b(said.encode(errors="surrogatepass"), digest_size=16).digest()
