"""The waiting processes of this program, one for each kind of work, and how many children run."""

from __future__ import annotations

import atexit
import os
import threading
from typing import Literal

from rnnviz.bounded.limits import is_limited
from rnnviz.bounded.processes import ForkedProcess, Process, StartedProcess, WaitingProcess

Work = Literal["reading", "computing"]
Kind = Literal["reading", "computing", "working"]
_SLOTS: dict[Work, int] = {"reading": 2, "computing": 1}
# A framework takes hundreds of megabytes.
_IDLE_SECONDS: dict[Kind, float | None] = {"reading": None, "computing": 120, "working": 120}


class ProcessPool:
    """Waiting processes by the work that they are for.

    slots  of each work; who runs a child holds one, so that the others wait. Workers, the third
           kind, wait in lines of their own.
    """

    def __init__(self) -> None:
        self.slots = {work: threading.BoundedSemaphore(n) for work, n in _SLOTS.items()}
        self._waiting: dict[Kind, WaitingProcess] = {}
        self._lock = threading.Lock()

    def process(self, work: Kind, modules: tuple[str, ...]) -> Process:
        """A process for one call. Raises OSError where the system gives none."""
        if not is_limited():
            return StartedProcess()
        first = self.start(work)
        try:
            return ForkedProcess(first, modules)
        except OSError:
            self._drop(work, first)
            return ForkedProcess(self.start(work), modules)

    def start(self, work: Kind) -> WaitingProcess:
        """The waiting process, started where there is none."""
        with self._lock:
            if work not in self._waiting:
                self._waiting[work] = WaitingProcess(_IDLE_SECONDS[work])
            return self._waiting[work]

    def stop(self) -> None:
        """End all of them."""
        for work, one in list(self._waiting.items()):
            self._drop(work, one)

    def forget(self) -> None:
        """Forget them in a copy of this program, whose children they are not."""
        for one in self._waiting.values():
            one.forget()

    def _drop(self, work: Kind, ended: WaitingProcess) -> None:
        with self._lock:
            if self._waiting.get(work) is not ended:
                return
            del self._waiting[work]
        ended.stop()


_pool = ProcessPool()


def pool() -> ProcessPool:
    """The processes of this program."""
    return _pool


def _begin_anew() -> None:
    global _pool
    _pool.forget()
    _pool = ProcessPool()


atexit.register(lambda: _pool.stop())
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)
