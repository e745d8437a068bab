"""What it costs to leave a part of an LSTM out: losses of trained variants on three tasks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.backend import Tensor
from rnnviz.core.resources import asset
from rnnviz.findings.finding import TellProgress
from rnnviz.findings.lstm_variants import VARIANTS, VariantNetworks
from rnnviz.train.optimiser import torch_on_one_thread
from rnnviz.train.safetensors_io import read_arrays
from rnnviz.train.task import Batch, Task
from rnnviz.train.tasks import TASKS

TASK_NAMES = ("brackets", "temporal_order", "flip_flop")
# Networks of each variant, in the order of the file.
N_SEEDS = 4
_ROWS, _SEED = 200, 1


def variant_losses(tell: TellProgress) -> Mapping[str, Array]:
    """Losses of each variant on held-out data, (task, seed), as a share of the loss of the best
    answer that does not look at the input."""
    found = []
    for number, name in enumerate(TASK_NAMES, start=1):
        task = TASKS[name]
        batch = task.held_out_batch(np.random.default_rng(_SEED), _ROWS)
        losses = _losses_of_networks(name, batch)
        found.append(losses.reshape(-1, N_SEEDS) / blind_loss(task, batch))
        tell(number / len(TASK_NAMES))
    return dict(zip(VARIANTS, np.stack(found, axis=1), strict=True))


def _losses_of_networks(name: str, batch: Batch) -> Array:
    # Where there is no PyTorch, the first line says so.
    with torch_on_one_thread():
        import torch

        with torch.no_grad():
            return np.asarray(task_losses(_networks(name), TASKS[name], batch), float)


def task_losses(networks: VariantNetworks, task: Task, batch: Batch) -> Tensor:
    """Loss of every network on a batch, (network,): cross entropy in nats, or squared error."""
    import torch

    outputs = networks.outputs(torch.tensor(batch.sequence.values).float())
    counts = torch.tensor(batch.mask)
    answers, right = outputs[:, counts], torch.tensor(batch.targets)[counts]
    if task.kind == "regress":
        return ((answers - right.float()) ** 2).mean(dim=(1, 2))
    said = torch.log_softmax(answers, 2)
    return -said.gather(2, right[None, :, None].expand(len(said), -1, 1)).mean(dim=(1, 2))


def blind_loss(task: Task, batch: Batch) -> float:
    """Loss of the best constant answer: the targets' variance, or their entropy in nats."""
    right = batch.targets[batch.mask]
    if task.kind == "regress":
        return float(right.var(axis=0).mean())
    shares = np.bincount(right) / len(right)
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum())


@lru_cache(maxsize=1)
def _arrays() -> dict[str, Array]:
    return read_arrays(asset("findings", "lstm_variants.safetensors").read_bytes())


def _networks(task: str) -> VariantNetworks:
    import torch

    names = tuple(name for name in VARIANTS for _ in range(N_SEEDS))
    tensors = (torch.tensor(_arrays()[f"{task}.{number}"]) for number in range(5))
    return VariantNetworks(names, tuple(tensors))
