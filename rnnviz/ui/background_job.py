"""Background jobs: each in a worker process, few at a time, stopped on request.

A thread of this process waits for the worker and does no work of its own.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any, Literal, TypeVar
from weakref import WeakSet

from rnnviz.bounded.call import WorkStopped
from rnnviz.bounded.worker import run_in_worker
from rnnviz.errors import InputError, RnnvizError
from rnnviz.ui.waiting_line import Slots

__all__ = ["BackgroundJob", "Slots", "Status"]

# How often a job that waits for a slot checks whether it is to stop, in seconds.
_POLL_SECONDS = 0.1
_LOG = logging.getLogger(__name__)
_R = TypeVar("_R")

Status = Literal["waiting", "running", "stopped", "done", "failed"]
_ALL: WeakSet[BackgroundJob] = WeakSet()
_ALL_LOCK = threading.Lock()


class BackgroundJob:
    """A job and the thread that waits for it; a subclass does its work in `work`.

    title   the thread's name.
    slots   a running job holds one; the others wait for it in line.
    broken  the error shown when the job fails for a reason that is not shown.
    """

    def __init__(self, title: str, slots: Slots, broken: InputError) -> None:
        self.title, self.slots, self.broken = title, slots, broken
        self.error: RnnvizError | None = None
        self._status: Status = "waiting"
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        with _ALL_LOCK:
            _ALL.add(self)

    @property
    def kind(self) -> str:
        """First word of its title."""
        return self.title.partition(" ")[0]

    def work(self) -> Status:
        """Work until it is done or `is_stopping`; the status in which it ends.

        Raises RnnvizError for a failure that is shown to the user.
        """
        raise NotImplementedError

    @property
    def progress(self) -> tuple[int, int]:
        """Steps done, and steps in all."""
        raise NotImplementedError

    @property
    def seconds(self) -> float:
        """Time that the steps done took."""
        raise NotImplementedError

    @property
    def seconds_left(self) -> float | None:
        """Estimate for the rest at the pace so far; None before the first step."""
        done, total = self.progress
        return self.seconds / done * (total - done) if done else None

    @property
    def status(self) -> Status:
        """Waiting, running, or how it ended."""
        return self._status

    @property
    def place(self) -> int:
        """Place in the line of those that wait, 1 for the next."""
        return self.slots.place(self)

    @property
    def is_alive(self) -> bool:
        """True when it waits or runs."""
        return self._status in ("waiting", "running")

    @property
    def is_stopping(self) -> bool:
        """True when it is to stop soon."""
        return self._stop.is_set()

    @property
    def is_unwanted(self) -> bool:
        """True when its work is to end: it was stopped, or nobody looks at it any more."""
        return self.is_stopping

    def start(self) -> None:
        """Start, or continue after a stop."""
        with self._lock:
            self._stop.clear()
            if self.is_alive and self._thread is not None:
                return
            self.error = None
            self._status = "waiting"
            self._thread = threading.Thread(target=self._run, name=self.title, daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop as soon as its work can; `start` continues."""
        self._stop.set()

    def wait(self, seconds: float) -> None:
        """Wait until the job ends, at most so many seconds."""
        if self._thread is not None:
            self._thread.join(seconds)

    def in_worker(
        self,
        function: Callable[..., _R],
        *arguments: Any,
        progress: Callable[[Any], object] | None = None,
        modules: tuple[str, ...] = (),
        **keywords: Any,
    ) -> _R:
        """The result of a module's function in a worker, see `run_in_worker`; for `work`."""
        options: dict[str, Any] = {"progress": progress, "modules": modules}
        return run_in_worker(
            function, *arguments, is_unwanted=lambda: self.is_unwanted, **options, **keywords
        )

    def _run(self) -> None:
        while not self.slots.enter(self, _POLL_SECONDS):
            if self.is_unwanted:
                self.slots.withdraw(self)
                self._status = "stopped"
                return
        try:
            self._status = "running"
            self._status = self._ended()
        finally:
            self.slots.leave()

    def _worked(self) -> Status:
        """The status in which the work ends; it begins again where it is wanted again meanwhile."""
        while True:
            try:
                return self.work()
            except WorkStopped:
                if self.is_unwanted:
                    return "stopped"

    def _ended(self) -> Status:
        try:
            return self._worked()
        except RnnvizError as error:
            self.error = error
        except Exception:
            _LOG.exception("%s failed", self.title)
            self.error = self.broken
        return "failed"


def all_jobs() -> list[BackgroundJob]:
    """Every job that the server has, whatever it does."""
    with _ALL_LOCK:
        return list(_ALL)
