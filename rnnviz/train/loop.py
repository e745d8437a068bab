"""The training loop, some steps at a time, and the snapshots that it keeps.

One thread: equal settings give equal bits on every machine's cores.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from rnnviz.core.checks import is_whole_number, shown
from rnnviz.core.writing import writing
from rnnviz.errors import ModelError
from rnnviz.network.model import Model
from rnnviz.train.config import TrainingConfig
from rnnviz.train.optimiser import OptimiserState, optimiser_state, torch_on_one_thread
from rnnviz.train.saved_model import saved_model

__all__ = ["Progress", "Snapshot", "Training", "TrainingConfig", "snapshot_steps"]

LAST_QUARTER = 0.25
# Models that a part added to a training keeps, the one that it starts from included.
EXTENDED_SNAPSHOTS = 5
# Random stream of a seed; the batches to measure on come from another.
_TRAINING_STREAM = 1


@dataclass(frozen=True)
class Progress:
    """One step of the optimiser.

    step     counted from 1.
    loss     of its batch, before the step.
    metric   on held-out data after a step that a snapshot is kept of; else None.
    seconds  of training so far.
    """

    step: int
    loss: float
    metric: float | None
    seconds: float


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A model after `step` steps, with its loss and metric on held-out data."""

    step: int
    model: Model
    loss: float
    metric: float


def snapshot_steps(steps: int, count: int) -> tuple[int, ...]:
    """Steps at which a snapshot is kept: 0, then ever further apart, the last step last.

    >>> snapshot_steps(100, 4)
    (0, 1, 10, 100)
    """
    spaced = np.geomspace(1, steps, count - 1) if count > 2 else [steps]
    return (0, *sorted({round(step) for step in spaced}))


class Training:
    """A training that takes its steps when told to, and can be left at any step.

    Equal settings give equal bits, however many steps are taken at once.

    Raises MissingLibraryError without Torch, when its first step is taken.
    """

    def __init__(self, config: TrainingConfig) -> None:
        self.config = config
        self._progress: list[Progress] = []
        self._snapshots: list[Snapshot] = []
        self._generator = np.random.default_rng([config.seed, _TRAINING_STREAM])
        self._snapshot_steps = frozenset(snapshot_steps(config.steps, config.snapshots))
        self._seconds = 0.0

    @property
    def history(self) -> tuple[Progress, ...]:
        """Every step taken so far."""
        return tuple(self._progress)

    @property
    def step(self) -> int:
        """Steps taken so far."""
        return len(self._progress)

    @property
    def is_done(self) -> bool:
        """True when the last step is taken."""
        return self.step >= self.config.steps

    @property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """The models kept so far, the untrained one first."""
        if not self._snapshots:
            with torch_on_one_thread():
                self._snapshots.append(self._snapshot(0))
        return tuple(self._snapshots)

    def model(self) -> Model:
        """The model with the weights as they are now."""
        return self._model(self.step)

    def snapshot(self) -> Snapshot:
        """The model as it is now, measured on held-out data."""
        with torch_on_one_thread():
            return self._snapshot(self.step)

    def save(self, path: str | Path) -> None:
        """Write the model as it is now into a .safetensors file that `read_model` opens.

        Its vocabulary, its outputs' names, its task and an example travel with it. Raises
        RnnvizError where the file cannot be written.
        """
        data = saved_model(self.model(), self.config)
        with writing(path):
            Path(path).write_bytes(data)

    def _model(self, step: int) -> Model:
        if step == 0:
            return self.config.initial_model
        return self._state.model.model(self.config.source(step))

    def advance(self, steps: int = 1) -> Progress:
        """Progress at the last of some steps taken, fewer where the training ends.

        Raises ModelError when the loss is no longer a number.
        """
        if not _is_count(steps):
            raise ModelError(
                "A training goes on by at least 1 step, but {steps} came.", steps=shown(steps)
            )
        # The untrained network is measured before its first step.
        _ = self.snapshots
        with torch_on_one_thread():
            for _ in range(min(steps, self.config.steps - self.step)):
                self._advance()
        return self._progress[-1]

    def extend(self, steps: int) -> None:
        """Plan so many steps more: they go on from the weights, the optimiser and the data so far.

        A longer plan from the beginning would have taken the same steps.

        Raises ModelError for a training whose learning rate cools, for fewer than 1 step, and for
        more than a training may have.
        """
        if self.config.cools or not _is_count(steps):
            raise ModelError(
                "A training is made longer by at least 1 step, and only with cools=False, whose"
                " learning rate stays; {steps} more steps were asked for.",
                steps=shown(steps),
            )
        before = self.config.steps
        self.config = replace(self.config, steps=before + int(steps))
        self._snapshot_steps |= frozenset(
            before + step for step in snapshot_steps(steps, EXTENDED_SNAPSHOTS)[1:]
        )

    @cached_property
    def _state(self) -> OptimiserState:
        return optimiser_state(self.config)

    def _advance(self) -> None:
        start = time.perf_counter()
        batch = self.config.task.training_batch(self._generator, self.config.batch)
        loss = self._state.learn(batch, self._rate, self.step)
        self._seconds += time.perf_counter() - start
        step = self.step + 1
        metric = None
        if step in self._snapshot_steps:
            self._snapshots.append(self._snapshot(step))
            metric = self._snapshots[-1].metric
        self._progress.append(Progress(step, loss, metric, self._seconds))

    @property
    def _rate(self) -> float:
        """Learning rate, where it cools falling in a line to a tenth over the last quarter."""
        if not self.config.cools:
            return self.config.learning_rate
        left = 1 - self.step / self.config.steps
        return self.config.learning_rate * min(1.0, 0.1 + 0.9 * left / LAST_QUARTER)

    def _snapshot(self, step: int) -> Snapshot:
        loss, metric = self._state.measure()
        return Snapshot(step, self._model(step), loss, metric)


def _is_count(steps: object) -> bool:
    return is_whole_number(steps) and steps >= 1
