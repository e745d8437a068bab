"""The optimiser of a training: its step, and its measure on held-out data.

Adam (D. P. Kingma and J. Ba, ICLR 2015), the gradient's norm clipped to 1 (R. Pascanu, T. Mikolov
and Y. Bengio, ICML 2013).
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rnnviz.core.backend import Tensor
from rnnviz.errors import MissingLibraryError, ModelError
from rnnviz.train.config import TrainingConfig
from rnnviz.train.network import TrainableModel, trainable_model
from rnnviz.train.task import Batch, Task

HELD_OUT_ROWS = 512
MAX_GRADIENT_NORM = 1.0
# Random stream of a seed; the batches to learn from come from another.
_HELD_OUT_STREAM = 2


@dataclass(frozen=True, eq=False)
class OptimiserState:
    """Tensors of a training, its optimiser and its held-out data."""

    task: Task
    model: TrainableModel
    optimiser: Any
    held_out: Batch = field(repr=False)

    def learn(self, batch: Batch, rate: float, step: int) -> float:
        """One step of the optimiser; the batch's loss before it."""
        import torch

        self.optimiser.param_groups[0]["lr"] = rate
        self.optimiser.zero_grad()
        loss = _loss(self.task, self.model.outputs(_tensor(batch.sequence.values)), batch)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters, MAX_GRADIENT_NORM)
        _check_number(float(loss.detach()), float(norm), step)
        self.optimiser.step()
        return float(loss.detach())

    def measure(self) -> tuple[float, float]:
        """Loss and metric on held-out data."""
        import torch

        with torch.no_grad():
            outputs = self.model.outputs(_tensor(self.held_out.sequence.values))
            loss = float(_loss(self.task, outputs, self.held_out))
        return loss, self.task.measure(outputs.numpy(), self.held_out)


def optimiser_state(config: TrainingConfig) -> OptimiserState:
    """State of a training before its first step."""
    _check_torch()
    import torch

    model = trainable_model(config.initial_model)
    optimiser = torch.optim.Adam(model.parameters, lr=config.learning_rate)
    return OptimiserState(config.task, model, optimiser, held_out_batch(config))


def held_out_batch(config: TrainingConfig, rows: int = HELD_OUT_ROWS) -> Batch:
    """Batch of held-out data; with HELD_OUT_ROWS the one that the snapshots are measured on."""
    generator = np.random.default_rng([config.seed, _HELD_OUT_STREAM])
    return config.task.held_out_batch(generator, rows)


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
def torch_on_one_thread() -> Iterator[None]:
    """Torch on one thread inside, and on as many as before afterwards."""
    _check_torch()
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
