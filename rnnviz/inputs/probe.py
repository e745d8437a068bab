"""Test signals for a network whose own inputs are not available."""

from __future__ import annotations

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import check_choice
from rnnviz.core.sequence import Sequence
from rnnviz.errors import InputError
from rnnviz.inputs.encode import check_array_size

SIGNALS = ("noise", "sines", "impulses")


def probe_signal(signal: str, n_features: int, *, n_steps: int = 60, seed: int = 0) -> Sequence:
    """Test signal (time, 1, feature): "noise", "sines" or "impulses".

    noise     standard normal numbers.
    sines     one sine wave per feature, from 1 to 8 periods.
    impulses  a 1 every tenth step, in one feature after the other.

    Raises InputError for another signal, for less than one feature or step, and above MAX_VALUES
    numbers.

    >>> probe_signal("impulses", 2).values[:12, 0, 0]
    array([1., 0., 0., 0., 0., 0., 0., 0., 0., 0., 0., 0.])
    """
    check_choice("signal", signal, SIGNALS)
    _check_counts(n_features, n_steps)
    generate = {"noise": _noise, "sines": _sines, "impulses": _impulses}[signal]
    return Sequence(generate(n_steps, n_features, seed)[:, None, :])


def _check_counts(n_features: int, n_steps: int) -> None:
    if n_features < 1 or n_steps < 1:
        raise InputError(
            "A test signal has at least one step and one feature, but {n_steps} and {n_features}"
            " were asked for; raise them.",
            n_steps=n_steps,
            n_features=n_features,
        )
    check_array_size(n_steps, 1, n_features)


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
