"""Test signals: something to read for a network whose own input is not at hand."""

from __future__ import annotations

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import check_choice
from rnnviz.core.sequence import Sequence

SIGNALS = ("noise", "sines", "impulses")


def probe_signal(signal: str, n_features: int, *, n_steps: int = 60, seed: int = 0) -> Sequence:
    """A sequence (time, 1, feature) of "noise", "sines" or "impulses".

    noise     standard normal numbers, as good an input as any for a network that is standardised.
    sines     one sine wave a feature, from 1 to 8 periods.
    impulses  a 1 every tenth step, in one feature after the other; what follows is memory.

    Raises InputError for another signal.

    >>> probe_signal("impulses", 2).values[:12, 0, 0]
    array([1., 0., 0., 0., 0., 0., 0., 0., 0., 0., 0., 0.])
    """
    check_choice("signal", signal, SIGNALS)
    made = {"noise": _noise, "sines": _sines, "impulses": _impulses}[signal]
    return Sequence(made(n_steps, n_features, seed)[:, None, :])


def _noise(n_steps: int, n_features: int, seed: int) -> Array:
    return np.random.default_rng(seed).standard_normal((n_steps, n_features))


def _sines(n_steps: int, n_features: int, seed: int) -> Array:
    periods = np.linspace(1, 8, n_features)
    phases = np.random.default_rng(seed).uniform(0, 2 * np.pi, n_features)
    return np.asarray(np.sin(2 * np.pi * np.arange(n_steps)[:, None] / n_steps * periods + phases))


def _impulses(n_steps: int, n_features: int, seed: int) -> Array:
    values = np.zeros((n_steps, n_features))
    times = np.arange(0, n_steps, 10)
    values[times, (times // 10 + seed) % n_features] = 1
    return values
