"""Trainings in the background: a thread each, few at a time, none for ever."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from uuid import uuid4

from rnnviz.errors import InputError
from rnnviz.train.config import BOUNDS
from rnnviz.train.loop import EXTENDED_SNAPSHOTS, Progress, Snapshot, Training, TrainingConfig
from rnnviz.train.optimiser import held_out_batch
from rnnviz.ui.background_job import BackgroundJob, Status
from rnnviz.ui.training_health import model_health

MAX_JOBS = 12
HEALTH_ROWS = 8
"""Rows of held-out data on which the health of the kept models is measured."""
MAX_TRAINING_THREADS = 2
MAX_SECONDS = 600
MAX_SNAPSHOTS = int(BOUNDS["snapshots"][1])
# Seconds of training, and of a pause in which other threads draw pages.
_BURST, _PAUSE = 0.02, 0.004
_JOBS: OrderedDict[str, TrainingJob] = OrderedDict()
_LOCK = threading.Lock()
_SLOTS = threading.BoundedSemaphore(MAX_TRAINING_THREADS)
_BROKEN = InputError("The training broke off; choose other settings and try again.")


class TrainingJob(BackgroundJob):
    """One training and the thread that runs it; only that thread touches the training.

    begun      the configuration that it was begun with, before it was made longer.
    history    all steps so far.
    snapshots  the models kept so far, the untrained one first.
    health     of each of them, as `rnnviz.health` tells it.
    """

    def __init__(self, name: str, training: Training) -> None:
        super().__init__(f"training {name}", _SLOTS, _BROKEN)
        self.name, self.training, self.begun = name, training, training.config
        self.history: tuple[Progress, ...] = ()
        self.snapshots: tuple[Snapshot, ...] = ()
        self.health: tuple[dict[str, float], ...] = ()
        self._sequence = held_out_batch(training.config, HEALTH_ROWS).sequence

    @property
    def plan(self) -> TrainingConfig:
        """The configuration that is trained."""
        return self.training.config

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
            self.training.extend(self.longer)
            self.start()

    def work(self) -> Status:
        """Train to the last step, for at most MAX_SECONDS."""
        end = time.monotonic() + MAX_SECONDS
        self._publish()
        while not self.training.is_done and time.monotonic() < end:
            if self.is_stopping:
                return "stopped"
            self._train_briefly()
        return "done" if self.training.is_done else "stopped"

    def _train_briefly(self) -> None:
        start = time.monotonic()
        while time.monotonic() - start < _BURST and not self.training.is_done:
            self.training.advance()
        self._publish()
        time.sleep(_PAUSE)

    def _publish(self) -> None:
        kept = self.training.snapshots
        new = kept[len(self.health) :]
        self.health += tuple(model_health(one.model, self._sequence) for one in new)
        self.snapshots, self.history = kept, self.training.history


def start_training(plan: TrainingConfig) -> TrainingJob:
    """A new training, started; the oldest that does not run makes room.

    Raises InputError when as many as the server keeps are at work.
    """
    job = TrainingJob(uuid4().hex[:12], Training(plan))
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
