"""Health of the models that a training keeps, on some rows of held-out data."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rnnviz.analysis.health import health
from rnnviz.core.sequence import Sequence
from rnnviz.engine.run import trace_model
from rnnviz.errors import RnnvizError
from rnnviz.network.model import Model


def model_health(model: Model, sequence: Sequence) -> dict[str, float]:
    """Numbers of `rnnviz.health`; none for a model that computes no numbers any more."""
    try:
        return health(trace_model(model, sequence))
    except RnnvizError:
        return {}


def saturated_shares(numbers: Mapping[str, float]) -> dict[str, float]:
    """Share of a gate's numbers below 0.1 or above 0.9, by gate; the mean of all layers.

    A cell without gates has the share of saturated units, by signal.

    >>> saturated_shares({"0.forward.forget.closed": 0.25, "0.forward.forget.open": 0.5})
    {'forget': 0.75}
    """
    closed = _by_signal(numbers, ".closed")
    opened = _by_signal(numbers, ".open")
    shares = closed or _by_signal(numbers, ".saturated")
    return {
        signal: float(np.mean(values) + np.mean(opened.get(signal, 0)))
        for signal, values in shares.items()
    }


def _by_signal(numbers: Mapping[str, float], end: str) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for name, value in numbers.items():
        if name.endswith(end):
            found.setdefault(name.removesuffix(end).rpartition(".")[2], []).append(value)
    return found
