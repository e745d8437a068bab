"""A training as a worker goes on with it; this is read without Streamlit."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable
from dataclasses import dataclass

from rnnviz.bounded.call import WorkStopped
from rnnviz.train.config import TrainingConfig
from rnnviz.train.loop import Progress, Snapshot, Training
from rnnviz.train.optimiser import held_out_batch
from rnnviz.ui.training_health import model_health

HEALTH_ROWS = 8
"""Rows of held-out data on which the health of the kept models is measured."""
# Seconds of training between two tellings.
_BURST = 0.1


@dataclass(frozen=True, eq=False)
class TrainingNews:
    """What came after the first `n_steps` steps and `n_snapshots` kept models.

    health  of each of these models, as `rnnviz.health` tells it.
    """

    n_steps: int
    n_snapshots: int
    steps: tuple[Progress, ...]
    snapshots: tuple[Snapshot, ...]
    health: tuple[dict[str, float], ...]


def train_on(
    plan: TrainingConfig,
    kept: bytes,
    seconds: float,
    progress: Callable[[TrainingNews], object],
) -> tuple[bytes, bool]:
    """Train to the plan's last step, for at most so many seconds or until `progress` ends it.

    kept  the training as it was left; b"" to begin.

    The training as it stands then, and whether it is done; in bytes, which need no Torch.
    """
    training: Training = pickle.loads(kept) if kept else Training(plan)
    if plan.steps > training.config.steps:
        training.extend(plan.steps - training.config.steps)
    telling = _Telling(training, progress)
    end = time.monotonic() + seconds
    try:
        telling.tell()
        while not training.is_done and time.monotonic() < end:
            _train_briefly(training)
            telling.tell()
    except WorkStopped:
        pass
    return pickle.dumps(training), training.is_done


def _train_briefly(training: Training) -> None:
    start = time.monotonic()
    while time.monotonic() - start < _BURST and not training.is_done:
        training.advance()


class _Telling:
    """Tells what is new of a training since it last told."""

    def __init__(self, training: Training, progress: Callable[[TrainingNews], object]) -> None:
        self.training, self.progress = training, progress
        self._n_steps, self._n_snapshots = training.step, 0
        self._sequence = held_out_batch(training.config, HEALTH_ROWS).sequence

    def tell(self) -> None:
        steps = self.training.history[self._n_steps :]
        kept = self.training.snapshots[self._n_snapshots :]
        health = tuple(model_health(one.model, self._sequence) for one in kept)
        news = TrainingNews(self._n_steps, self._n_snapshots, steps, kept, health)
        self._n_steps += len(steps)
        self._n_snapshots += len(kept)
        self.progress(news)
