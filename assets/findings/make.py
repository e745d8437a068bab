"""LSTMs with a part left out, trained again: `python -m assets.findings.make`.

The networks of a seed start from the same weights and read the same batches; the same PyTorch on
the same kind of processor gives the same bits.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from rnnviz.findings.lstm_variants import VARIANTS, VariantNetworks
from rnnviz.findings.variant_losses import N_SEEDS, TASK_NAMES, task_losses
from rnnviz.train.safetensors_io import write_arrays
from rnnviz.train.task import Task
from rnnviz.train.tasks import TASKS

FILE = Path(__file__).with_name("lstm_variants.safetensors")
N_UNITS = 10
STEPS = {"brackets": 1000, "temporal_order": 2000, "flip_flop": 500}
RATES = {"brackets": 0.01, "temporal_order": 0.003, "flip_flop": 0.01}
BATCH = 32
LAST_QUARTER = 0.25


def drawn(task: Task, seed: int) -> tuple[Any, ...]:
    """Weights of one network; 1 is added to the forget gate's bias."""
    generator = torch.Generator().manual_seed(seed)
    sizes = (
        (task.n_inputs, 4 * N_UNITS),
        (N_UNITS, 4 * N_UNITS),
        (1, 4 * N_UNITS),
        (N_UNITS, task.n_outputs),
        (1, task.n_outputs),
    )
    bound = N_UNITS**-0.5
    tensors = [(2 * torch.rand(*size, generator=generator) - 1) * bound for size in sizes]
    tensors[2][:, N_UNITS : 2 * N_UNITS] += 1
    return tuple(tensors)


def trained(task: Task) -> VariantNetworks:
    """All variants of all seeds, trained side by side."""
    names = tuple(name for name in VARIANTS for _ in range(N_SEEDS))
    starts = [drawn(task, number % N_SEEDS) for number in range(len(names))]
    tensors = tuple(torch.stack(one).requires_grad_() for one in zip(*starts, strict=True))
    networks = VariantNetworks(names, tensors)
    optimiser = torch.optim.Adam(tensors)
    generator = np.random.default_rng(0)
    steps = STEPS[task.name]
    for step in range(steps):
        left = 1 - step / steps
        optimiser.param_groups[0]["lr"] = RATES[task.name] * min(
            1.0, 0.1 + 0.9 * left / LAST_QUARTER
        )
        losses = task_losses(networks, task, task.training_batch(generator, BATCH))
        optimiser.zero_grad()
        losses.sum().backward()
        clip(tensors)
        optimiser.step()
        if step % 100 == 0 or step == steps - 1:
            print(task.name, step, np.round(losses.detach().numpy(), 3).tolist(), flush=True)
    return networks


def clip(tensors: tuple[Any, ...]) -> None:
    """Clip the gradient of each network to a norm of 1."""
    with torch.no_grad():
        norm = sum((one.grad**2).sum(dim=(1, 2)) for one in tensors) ** 0.5
        for one in tensors:
            one.grad /= norm.clamp(min=1)[:, None, None]


def main() -> None:
    """Train on every task, and write one file."""
    torch.set_num_threads(1)
    arrays = {
        f"{name}.{number}": tensor.detach().numpy()
        for name in TASK_NAMES
        for number, tensor in enumerate(trained(TASKS[name]).tensors)
    }
    FILE.write_bytes(
        write_arrays(arrays, {"networks": " ".join(n for n in VARIANTS for _ in range(N_SEEDS))})
    )


if __name__ == "__main__":
    main()
