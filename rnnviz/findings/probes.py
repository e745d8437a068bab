"""Probes: small classifiers that read a property off a network's states."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.train.optimiser import torch_on_one_thread

N_HIDDEN = 300
_EPOCHS, _BATCH, _RATE = 12, 256, 0.003


def probe_accuracy(states: Array, labels: Array, *, n_hidden: int, n_learned: int) -> float:
    """Share of right labels of a probe on the rows that it did not learn from.

    states     (row, unit), `labels` (row,), whole numbers from 0.
    n_hidden   ReLU units between the two; 0 for a linear probe.
    n_learned  rows to learn from, the first ones.
    """
    with torch_on_one_thread():
        return _accuracy(states, labels, n_hidden, n_learned)


def _accuracy(states: Array, labels: Array, n_hidden: int, n_learned: int) -> float:
    import torch

    values = torch.tensor(_standardised(states, n_learned))
    right = torch.tensor(labels)
    torch_state = torch.random.get_rng_state()
    try:
        torch.manual_seed(0)
        probe = _probe(states.shape[1], n_hidden, int(labels.max()) + 1)
        _learn(probe, values[:n_learned], right[:n_learned])
    finally:
        torch.random.set_rng_state(torch_state)
    with torch.no_grad():
        said = probe(values[n_learned:]).argmax(dim=1)
    return float((said == right[n_learned:]).double().mean())


def _standardised(states: Array, n_learned: int) -> Array:
    learned = states[:n_learned]
    scaled: Array = (states - learned.mean(axis=0)) / (learned.std(axis=0) + 1e-6)
    return scaled.astype(np.float32)


def _probe(n_units: int, n_hidden: int, n_labels: int) -> Any:
    from torch import nn

    if not n_hidden:
        return nn.Linear(n_units, n_labels)
    layers = nn.Linear(n_units, n_hidden), nn.ReLU(), nn.Linear(n_hidden, n_labels)
    return nn.Sequential(*layers)


def _learn(probe: Any, values: Any, right: Any) -> None:
    import torch

    optimiser = torch.optim.Adam(probe.parameters(), lr=_RATE)
    for _ in range(_EPOCHS):
        for rows in torch.split(torch.randperm(len(values)), _BATCH):
            loss: Any = torch.nn.functional.cross_entropy(probe(values[rows]), right[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
