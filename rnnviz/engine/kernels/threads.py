"""One thread for a job whose products are too small to share; put back when the last one ends.

Waiting threads make a trace of 5 ms take 48: products on two threads pay only for very many units.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

_lock = Lock()
# What puts the numbers back; empty while no job asks for one thread. Guarded by the lock.
_before: list[Callable[[], None]] = []
_jobs = [0]


@contextmanager
def one_thread(wanted: bool = True) -> Iterator[None]:
    """NumPy's products and Torch's run on one thread inside.

    Threads are the process's: while jobs overlap all keep one, and the last puts the number back.
    Without threadpoolctl NumPy's stay as they are.

    >>> with one_thread():
    ...     pass
    """
    if not wanted:
        yield
        return
    _begin()
    try:
        yield
    finally:
        _end()


def _begin() -> None:
    with _lock:
        _jobs[0] += 1
        if _jobs[0] == 1:
            _before.extend(_set_one(library) for library in (*_products(), *_torch()))


def _end() -> None:
    with _lock:
        _jobs[0] -= 1
        if _jobs[0] == 0:
            for put_back in _before:
                put_back()
            _before.clear()


def _set_one(library: Any) -> Callable[[], None]:
    number = library.get_num_threads()
    if number != 1:
        _set(library, 1)
    return lambda: None if number == 1 else _set(library, number)


def _set(library: Any, number: int) -> None:
    """Set a library's threads from any thread of ours.

    threadpoolctl 3.8 lets only the first thread that ever set OpenBLAS's number set it again; of
    others it ignores the wish without a word.
    """
    free = getattr(library, "clear_controlling_thread", _no_owner)
    free(force=True)
    library.set_num_threads(number)
    free(force=True)


def _no_owner(force: bool) -> None:
    """Where a library has no owning thread there is nothing to free."""


@cache
def _products() -> tuple[Any, ...]:
    """The libraries that compute NumPy's products."""
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return ()
    return tuple(ThreadpoolController().select(user_api="blas").lib_controllers)


def _torch() -> tuple[Any, ...]:
    torch = sys.modules.get("torch")
    return (torch,) if hasattr(torch, "set_num_threads") else ()
