"""Results kept for every session: as many of those last used as a budget of bytes holds."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from hashlib import blake2b
from typing import Any, ParamSpec, TypeVar

from rnnviz.ui.weigh import weight

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
