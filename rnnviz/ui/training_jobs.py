"""Trainings in the background: a worker each, few at a time, none for ever."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import replace
from uuid import uuid4

from rnnviz.errors import InputError
from rnnviz.train.config import BOUNDS, TrainingConfig
from rnnviz.train.loop import EXTENDED_SNAPSHOTS, Progress, Snapshot
from rnnviz.ui.background_job import BackgroundJob, Slots, Status
from rnnviz.ui.training_work import TrainingNews, train_on

MAX_JOBS = 12
MAX_TRAININGS = 2
MAX_SECONDS = 600
MAX_SNAPSHOTS = int(BOUNDS["snapshots"][1])
_JOBS: OrderedDict[str, TrainingJob] = OrderedDict()
_LOCK = threading.Lock()
_SLOTS = Slots(MAX_TRAININGS)
# The second is imported at an optimiser's first step: it takes a second.
_MODULES = ("torch", "torch._dynamo")
_BROKEN = InputError("The training broke off; choose other settings and try again.")


class TrainingJob(BackgroundJob):
    """One training; the worker that runs it keeps it here in bytes, so that it can go on.

    plan       the configuration that is trained.
    begun      the one that it was begun with, before it was made longer.
    history    all steps so far.
    snapshots  the models kept so far, the untrained one first.
    health     of each of them, as `rnnviz.health` tells it.
    """

    def __init__(self, name: str, plan: TrainingConfig) -> None:
        super().__init__(f"training {name}", _SLOTS, _BROKEN)
        self.name, self.plan, self.begun = name, plan, plan
        self.history: tuple[Progress, ...] = ()
        self.snapshots: tuple[Snapshot, ...] = ()
        self.health: tuple[dict[str, float], ...] = ()
        self._kept = b""

    @property
    def progress(self) -> tuple[int, int]:
        """Steps taken, and the plan's."""
        return len(self.history), self.plan.steps

    @property
    def seconds(self) -> float:
        """Time that the steps took."""
        return self.history[-1].seconds if self.history else 0.0

    @property
    def is_done(self) -> bool:
        """True when the plan's last step is taken."""
        return len(self.history) >= self.plan.steps

    @property
    def longer(self) -> int:
        """Steps that it can be made longer by: as many as it was begun with, 0 for none."""
        can_keep = len(self.snapshots) + EXTENDED_SNAPSHOTS <= MAX_SNAPSHOTS
        fits = self.plan.steps + self.begun.steps <= BOUNDS["steps"][1]
        return self.begun.steps if self.is_done and can_keep and fits else 0

    def train_longer(self) -> None:
        """Make a training that is done longer, and go on with it."""
        if not self.is_alive and self.longer:
            self.plan = replace(self.plan, steps=self.plan.steps + self.longer)
            self.start()

    def work(self) -> Status:
        """Train to the last step, for at most MAX_SECONDS."""
        self._kept, is_done = self.in_worker(
            train_on,
            self.plan,
            self._kept,
            MAX_SECONDS,
            progress=self._take,
            modules=_MODULES,
        )
        return "done" if is_done else "stopped"

    def _take(self, news: TrainingNews) -> None:
        # Where the system ended a worker, the next goes on from where the one before it stopped.
        self.health = self.health[: news.n_snapshots] + news.health
        self.snapshots = self.snapshots[: news.n_snapshots] + news.snapshots
        self.history = self.history[: news.n_steps] + news.steps


def start_training(plan: TrainingConfig) -> TrainingJob:
    """A new training, started; the oldest that does not run makes room.

    Raises InputError when as many as the server keeps are at work.
    """
    job = TrainingJob(uuid4().hex[:12], plan)
    with _LOCK:
        _make_room()
        _JOBS[job.name] = job
    job.start()
    return job


def training_job(name: str) -> TrainingJob:
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
