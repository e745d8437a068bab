"""Trainings at work beside the pages: a thread each, few at a time, none for ever."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Literal
from uuid import uuid4

from rnnviz.errors import InputError, RnnvizError
from rnnviz.train.loop import Plan, Progress, Snapshot, Training

MAX_JOBS = 12
MAX_AT_ONCE = 2
MAX_SECONDS = 600
# Between two stretches of training other threads, which draw pages, get their turn.
_STRETCH, _REST = 0.02, 0.004
# How often one that waits for a seat looks whether it was told to stop, in seconds.
_GLANCE = 0.1
_LOG = logging.getLogger(__name__)
_JOBS: OrderedDict[str, Job] = OrderedDict()
_LOCK = threading.Lock()
_SEATS = threading.BoundedSemaphore(MAX_AT_ONCE)

Status = Literal["waiting", "running", "stopped", "done", "failed"]


@dataclass(eq=False)
class Job:
    """One training and the thread that carries it on; only that thread touches the training.

    error      what ended it, in words, None when nothing did.
    history    all steps so far.
    snapshots  the models kept so far, the untrained one first.
    """

    name: str
    training: Training
    error: RnnvizError | None = None
    history: tuple[Progress, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    _status: Status = "waiting"
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    @property
    def status(self) -> Status:
        """Where it stands."""
        return self._status

    @property
    def is_alive(self) -> bool:
        """Whether it goes on by itself."""
        return self._status in ("waiting", "running")

    @property
    def plan(self) -> Plan:
        """What is trained."""
        return self.training.plan

    @property
    def step(self) -> int:
        """Steps taken."""
        return len(self.history)

    @property
    def is_done(self) -> bool:
        """Whether the plan's last step is taken."""
        return self.step >= self.plan.steps

    @property
    def seconds_left(self) -> float | None:
        """What the rest will take at the pace so far; None before a pace is known."""
        if not self.history:
            return None
        return self.history[-1].seconds / self.step * (self.plan.steps - self.step)

    def go(self) -> None:
        """Begin, or go on after a stop."""
        if self.is_alive and self._thread is not None:
            return
        self._stop.clear()
        self._status = "waiting"
        self._thread = threading.Thread(
            target=self._work, name=f"training {self.name}", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop after the stretch at hand; `go` goes on."""
        self._stop.set()

    def wait(self, seconds: float) -> None:
        """Until it has stopped or is done, but no longer than this."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _work(self) -> None:
        while not _SEATS.acquire(timeout=_GLANCE):
            if self._stop.is_set():
                self._status = "stopped"
                return
        try:
            _step_back()
            self._status = "running"
            self._status = self._carried_on()
        finally:
            _SEATS.release()

    def _carried_on(self) -> Status:
        end = time.monotonic() + MAX_SECONDS
        try:
            self._publish()
            while not self.training.is_done and time.monotonic() < end:
                if self._stop.is_set():
                    return "stopped"
                self._stretch()
        except RnnvizError as error:
            self.error = error
            return "failed"
        except Exception:
            _LOG.exception("A training failed")
            self.error = InputError("The training broke off; choose other settings and try again.")
            return "failed"
        return "done" if self.training.is_done else "stopped"

    def _stretch(self) -> None:
        start = time.monotonic()
        while time.monotonic() - start < _STRETCH and not self.training.is_done:
            self.training.advance()
        self._publish()
        time.sleep(_REST)

    def _publish(self) -> None:
        self.snapshots, self.history = self.training.snapshots, self.training.history


def _step_back() -> None:
    """Let every other thread of the machine go first, where the system knows priorities."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


def start(plan: Plan) -> Job:
    """A new training on its way; the oldest that nobody carries on makes room.

    Raises InputError when as many as the server keeps are at work.
    """
    job = Job(uuid4().hex[:12], Training(plan))
    with _LOCK:
        _make_room()
        _JOBS[job.name] = job
    job.go()
    return job


def job(name: str) -> Job:
    """A training by its name. Raises InputError when the server no longer has it."""
    with _LOCK:
        if name in _JOBS:
            return _JOBS[name]
    raise InputError(
        "This training is no longer on the server, which keeps the last {count}; start it again.",
        count=MAX_JOBS,
    )


def _make_room() -> None:
    idle = [name for name, one in _JOBS.items() if not one.is_alive]
    if len(_JOBS) < MAX_JOBS:
        return
    if not idle:
        raise InputError(
            "The server is busy with {count} trainings; try again in a few minutes.",
            count=MAX_JOBS,
        )
    del _JOBS[idle[0]]
