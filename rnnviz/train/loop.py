"""The training loop: some steps at a time, with what it has learned so far.

Adam (D. P. Kingma and J. Ba, ICLR 2015), the gradient's norm clipped to 1 (R. Pascanu, T. Mikolov
and Y. Bengio, ICML 2013). One thread: the same plan gives the same bits on every machine's cores.
"""

from __future__ import annotations

import importlib.util
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from rnnviz.core.backend import Tensor
from rnnviz.errors import MissingLibraryError, ModelError
from rnnviz.network.model import Model
from rnnviz.train.network import Network, network
from rnnviz.train.plan import Plan
from rnnviz.train.task import Batch, Task

__all__ = ["Plan", "Progress", "Snapshot", "Training", "moments"]

HELD_OUT_ROWS = 512
LONGEST_GRADIENT = 1.0
LAST_QUARTER = 0.25
# Apart from a plan's seed: what is learned from, and what is measured on.
_LEARN, _MEASURE = 1, 2


@dataclass(frozen=True)
class Progress:
    """One step of the optimiser.

    step     counted from 1.
    loss     of its batch, before the step.
    metric   on held-out data after the step, at the moments that are kept; else None.
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


def moments(steps: int, count: int) -> tuple[int, ...]:
    """The steps at which a model is kept: 0, then ever further apart, the last step last.

    >>> moments(100, 4)
    (0, 1, 10, 100)
    """
    spaced = np.geomspace(1, steps, count - 1) if count > 2 else [steps]
    return (0, *sorted({round(step) for step in spaced}))


class Training:
    """A training that goes on when it is told to, and can be left at any step.

    Two trainings of one plan give the same bits, however the steps are taken together.

    Raises MissingLibraryError without Torch, when its first step is taken.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._progress: list[Progress] = []
        self._kept: list[Snapshot] = []
        self._generator = np.random.default_rng([plan.seed, _LEARN])
        self._moments = frozenset(moments(plan.steps, plan.snapshots))
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
        """Whether the plan's last step is taken."""
        return self.step >= self.plan.steps

    @property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """The models kept so far, the untrained one first."""
        if not self._kept:
            with _one_thread():
                self._kept.append(self._snapshot(0))
        return tuple(self._kept)

    def model(self) -> Model:
        """The model with the weights as they are now."""
        return self._model(self.step)

    def snapshot(self) -> Snapshot:
        """The model as it is now, measured on held-out data."""
        with _one_thread():
            return self._snapshot(self.step)

    def _model(self, step: int) -> Model:
        return self._work.network.model(self.plan.source(step)) if step else self.plan.start

    def advance(self, steps: int = 1) -> Progress:
        """Take some steps, fewer where the plan ends; the last one's progress.

        Raises ModelError when the loss is no longer a number.
        """
        if steps < 1:
            raise ModelError(
                "A training goes on by at least 1 step, but {steps} came.", steps=steps
            )
        # The untrained network is measured before its first step.
        _ = self.snapshots
        with _one_thread():
            for _ in range(min(steps, self.plan.steps - self.step)):
                self._advance()
        return self._progress[-1]

    @cached_property
    def _work(self) -> _Work:
        return _work(self.plan)

    def _advance(self) -> None:
        start = time.perf_counter()
        batch = self.plan.of.batch(self._generator, self.plan.batch)
        loss = self._work.learn(batch, self._rate, self.step)
        self._seconds += time.perf_counter() - start
        step = self.step + 1
        kept = step in self._moments
        if kept:
            self._kept.append(self._snapshot(step))
        metric = self._kept[-1].metric if kept else None
        self._progress.append(Progress(step, loss, metric, self._seconds))

    @property
    def _rate(self) -> float:
        """The plan's, falling straight to a tenth over the last quarter of its steps."""
        left = 1 - self.step / self.plan.steps
        return self.plan.optimiser_rate * min(1.0, 0.1 + 0.9 * left / LAST_QUARTER)

    def _snapshot(self, step: int) -> Snapshot:
        loss, metric = self._work.measure()
        return Snapshot(step, self._model(step), loss, metric)


@dataclass(frozen=True, eq=False)
class _Work:
    """The tensors of a training, and the optimiser that turns them."""

    task: Task
    network: Network
    optimiser: Any
    held_out: Batch = field(repr=False)

    def learn(self, batch: Batch, rate: float, step: int) -> float:
        """One step of the optimiser; the batch's loss before it."""
        import torch

        self.optimiser.param_groups[0]["lr"] = rate
        self.optimiser.zero_grad()
        loss = _loss(self.task, self.network.outputs(_tensor(batch.sequence.values)), batch)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters, LONGEST_GRADIENT)
        _check_number(float(loss.detach()), float(norm), step)
        self.optimiser.step()
        return float(loss.detach())

    def measure(self) -> tuple[float, float]:
        """Loss and metric on held-out data."""
        import torch

        with torch.no_grad():
            outputs = self.network.outputs(_tensor(self.held_out.sequence.values))
            loss = float(_loss(self.task, outputs, self.held_out))
        return loss, self.task.measure(outputs.numpy(), self.held_out)


def _work(plan: Plan) -> _Work:
    _check_torch()
    import torch

    made = network(plan.start)
    optimiser = torch.optim.Adam(made.parameters, lr=plan.optimiser_rate)
    return _Work(plan.of, made, optimiser, held_out(plan))


def held_out(plan: Plan) -> Batch:
    """What a plan's snapshots are measured on."""
    return plan.of.held_out(np.random.default_rng([plan.seed, _MEASURE]), HELD_OUT_ROWS)


def _loss(task: Task, outputs: Tensor, batch: Batch) -> Tensor:
    import torch

    mask = torch.tensor(batch.mask)
    right = torch.tensor(batch.targets)[mask]
    if task.kind == "regress":
        return torch.nn.functional.mse_loss(outputs[mask], right.float())
    return torch.nn.functional.cross_entropy(outputs[mask], right)


def _tensor(values: Any) -> Tensor:
    import torch

    return torch.tensor(np.asarray(values), dtype=torch.float32)


def _check_number(loss: float, norm: float, step: int) -> None:
    if not (math.isfinite(loss) and math.isfinite(norm)):
        raise ModelError(
            "Training broke off after step {step}: the loss or its gradient is no longer a number;"
            " choose a smaller learning rate.",
            step=step,
        )


def _check_torch() -> None:
    if importlib.util.find_spec("torch") is None:
        raise MissingLibraryError(
            "Training needs PyTorch, which is not installed; run `pip install torch`."
        )


@contextmanager
def _one_thread() -> Iterator[None]:
    """Torch on one thread, and on as many as before afterwards."""
    _check_torch()
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
