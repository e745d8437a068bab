"""Work beside the pages: a thread of its own, few at a time, and stopped when asked to."""

from __future__ import annotations

import logging
import os
import sys
import threading
from typing import Literal

from rnnviz.errors import InputError, RnnvizError

# How often one that waits for a seat looks whether it was told to stop, in seconds.
_GLANCE = 0.1
_LOG = logging.getLogger(__name__)

Status = Literal["waiting", "running", "stopped", "done", "failed"]
Seats = threading.BoundedSemaphore


class Work:
    """One piece of work and the thread that carries it on; a kind of work says how in `carry_on`.

    title   what the thread is called.
    seats   whoever works sits on one; the others wait.
    broken  what is said when it broke for a reason that nobody can be told.
    """

    def __init__(self, title: str, seats: Seats, broken: InputError) -> None:
        self.title, self.seats, self.broken = title, seats, broken
        self.error: RnnvizError | None = None
        self._status: Status = "waiting"
        self._told = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def carry_on(self) -> Status:
        """Work until it is done or `is_told_to_stop`; how it ended.

        Raises RnnvizError for what can be said in a sentence.
        """
        raise NotImplementedError

    @property
    def status(self) -> Status:
        """Where it stands."""
        return self._status

    @property
    def is_alive(self) -> bool:
        """Whether it goes on by itself."""
        return self._status in ("waiting", "running")

    @property
    def is_told_to_stop(self) -> bool:
        """Whether it is to stop as soon as it can."""
        return self._told.is_set()

    def go(self) -> None:
        """Begin, or go on after a stop."""
        with self._lock:
            self._told.clear()
            if self.is_alive and self._thread is not None:
                return
            self.error = None
            self._status = "waiting"
            self._thread = threading.Thread(target=self._work, name=self.title, daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop after the stretch at hand; `go` goes on."""
        self._told.set()

    def wait(self, seconds: float) -> None:
        """Until it has stopped or is done, but no longer than this."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _work(self) -> None:
        while not self.seats.acquire(timeout=_GLANCE):
            if self.is_told_to_stop:
                self._status = "stopped"
                return
        try:
            _step_back()
            self._status = "running"
            self._status = self._ended()
        finally:
            self.seats.release()

    def _ended(self) -> Status:
        try:
            return self.carry_on()
        except RnnvizError as error:
            self.error = error
        except Exception:
            _LOG.exception("%s failed", self.title)
            self.error = self.broken
        return "failed"


def _step_back() -> None:
    """Let every other thread of the machine go first, where the system knows priorities."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
