"""A cache of results for every session, bounded by the bytes that they take together."""

from __future__ import annotations

import inspect
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from sys import getsizeof
from types import ModuleType
from typing import Any, NamedTuple, ParamSpec, TypeVar

import numpy as np

from rnnviz.ui.fingerprint import fingerprint

_P = ParamSpec("_P")
_R = TypeVar("_R")
# What an object takes beside its contents: a rough figure, small against any array.
_OVERHEAD = 64
# Values that refer to nothing else: most of what a figure holds.
_ATOMS = frozenset((int, float, bool, type(None)))


# Whose results are for everyone.
_ALL = ""


class _Kept(NamedTuple):
    value: Any
    n_bytes: int
    owner: str


@dataclass(eq=False)
class ResultCache:
    """Results by function and arguments; those unused for the longest time leave first.

    budget  bytes that all results take together; the latest one stays, however large.
    owner   tells who asks; "" for everyone. What only one has asked for goes with him (`drop`), or
            belongs to whoever asks for it once he is leaving: the same page, loaded again.
    """

    budget: int
    owner: Callable[[], str] = lambda: _ALL
    _results: OrderedDict[str, _Kept] = field(default_factory=OrderedDict)
    _leaving: set[str] = field(default_factory=set)
    _total: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _builds: dict[str, threading.RLock] = field(default_factory=dict)

    @property
    def n_bytes(self) -> int:
        """Bytes held now."""
        with self._lock:
            return self._total

    def clear(self) -> None:
        """Drop every result."""
        with self._lock:
            self._results.clear()
            self._total = 0

    def leave(self, owner: str, is_leaving: bool = True) -> None:
        """Let others take over what only this owner has asked for, or no longer."""
        with self._lock:
            (self._leaving.add if is_leaving else self._leaving.discard)(owner)

    def drop(self, owner: str) -> None:
        """Drop what nobody but this owner has asked for."""
        with self._lock:
            self._leaving.discard(owner)
            for key in [key for key, kept in self._results.items() if kept.owner == owner != _ALL]:
                self._total -= self._results.pop(key).n_bytes

    def cached(self, build: Callable[_P, _R]) -> Callable[_P, _R]:
        """The function, called once for equal arguments, however they are passed.

        Arguments are equal when they hold the same (`fingerprint`).

        >>> calls = []
        >>> @ResultCache(budget=1_000).cached
        ... def power(base, exponent=2):
        ...     calls.append(base)
        ...     return base**exponent
        >>> power(3), power(3, 2), power(exponent=2, base=3), calls
        (9, 9, 9, [3])
        """
        signature = inspect.signature(build)

        @wraps(build)
        def cached(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            key = _key(build, signature, *args, **kwargs)
            found, value = self._find(key)
            if not found:
                with self._building(key):
                    found, value = self._find(key)
                    if not found:
                        value = build(*args, **kwargs)
                        self._add(key, value)
            return value  # type: ignore[no-any-return]

        return cached

    def holds(self, function: Callable[_P, Any], *args: _P.args, **kwargs: _P.kwargs) -> bool:
        """True where the result of a cached function is kept for these arguments."""
        return self._find(_key(function, inspect.signature(function), *args, **kwargs))[0]

    def _find(self, key: str) -> tuple[bool, Any]:
        with self._lock:
            if key not in self._results:
                return False, None
            self._results.move_to_end(key)
            kept, asking = self._results[key], self.owner()
            if kept.owner not in (_ALL, asking):
                owner = asking if kept.owner in self._leaving else _ALL
                self._results[key] = kept._replace(owner=owner)
            return True, kept.value

    @contextmanager
    def _building(self, key: str) -> Iterator[None]:
        """While one thread builds a result, the others that want it wait."""
        with self._lock:
            lock = self._builds.setdefault(key, threading.RLock())
        try:
            with lock:
                yield
        finally:
            with self._lock:
                self._builds.pop(key, None)

    def _add(self, key: str, value: Any) -> None:
        size = sizeof(value)
        with self._lock:
            self._total += size - (self._results[key].n_bytes if key in self._results else 0)
            self._results[key] = _Kept(value, size, self.owner())
            while self._total > self.budget and len(self._results) > 1:
                self._total -= self._results.popitem(last=False)[1].n_bytes


def _key(
    function: Callable[..., Any], signature: inspect.Signature, *args: Any, **kwargs: Any
) -> str:
    bound = signature.bind(*args, **kwargs)
    bound.apply_defaults()
    return fingerprint(f"{function.__module__}.{function.__qualname__}", bound.arguments)


def sizeof(value: Any) -> int:
    """Bytes of a value and of all that it refers to, what is shared counted once.

    A view counts with all the memory that it keeps alive.

    >>> whole = np.zeros((1000, 10), np.float32)
    >>> 40_000 <= sizeof([whole, whole[:1]]) < 41_000
    True
    """
    seen: set[int] = set()
    waiting, total = [value], 0
    while waiting:
        one = waiting.pop()
        if (place := id(one)) in seen:
            continue
        seen.add(place)
        kind = type(one)
        if kind is str:
            total += getsizeof(one)
        elif kind in _ATOMS:
            total += _OVERHEAD
        elif kind is dict:
            total += _OVERHEAD
            waiting.extend(one)
            waiting.extend(one.values())
        else:
            own, parts = _own_size(one)
            total += own
            waiting.extend(parts)
    return total


def _own_size(value: Any) -> tuple[int, Iterable[Any]]:
    """A value's own bytes, and the values it refers to."""
    if isinstance(value, np.ndarray):
        if value.base is not None:
            return _OVERHEAD, (value.base,)
        return _OVERHEAD + value.nbytes, ()
    if isinstance(value, bytes | bytearray):
        return getsizeof(value), ()
    if isinstance(value, memoryview):
        return _OVERHEAD, (value.obj,)
    if isinstance(value, Mapping):
        return _OVERHEAD, (*value.keys(), *value.values())
    if isinstance(value, list | tuple | set | frozenset):
        return _OVERHEAD, value
    if isinstance(value, type | ModuleType):
        return 0, ()
    cells = getattr(value, "__closure__", None) or ()
    parts = [*getattr(value, "__dict__", {}).values(), *(cell.cell_contents for cell in cells)]
    parts += [getattr(value, name, None) for name in ("__self__", "func", "args", "keywords")]
    return _OVERHEAD + _foreign_bytes(value), parts


def _foreign_bytes(value: Any) -> int:
    """Bytes of an array that is not NumPy's."""
    size = getattr(value, "nbytes", 0)
    return size if isinstance(size, int) else 0
