"""A long test signal: one hour of a synthetic ECG with a few ectopic beats.

The five waves of a beat are Gaussians of its phase, at the angles and widths of McSharry, Clifford,
Tarassenko & Smith, "A dynamical model for generating synthetic electrocardiogram signals", IEEE
Transactions on Biomedical Engineering 50 (2003), table I; the rate sways with breathing (0.25 Hz)
and blood pressure (0.1 Hz) as in their section II. No person was
measured.
"""

from __future__ import annotations

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence

RATE = 100
HOUR = 3600 * RATE
# Angle in the beat, width in radians, height in mV: P, Q, R, S, T.
_WAVES = (
    (-np.pi / 3, 0.25, 0.12),
    (-np.pi / 12, 0.1, -0.15),
    (0.0, 0.1, 1.1),
    (np.pi / 12, 0.1, -0.25),
    (np.pi / 2, 0.4, 0.3),
)
# An ectopic beat has no P wave, a wide QRS and an inverted T wave.
_ECTOPIC_WAVES = ((-np.pi / 8, 0.3, 1.6), (np.pi / 6, 0.25, -0.6), (np.pi / 2, 0.4, -0.4))
ECTOPIC_BEATS = (641, 2210, 3377)
_BEATS_PER_SECOND = 1.1
_RATE_MODULATION = ((0.25, 0.06), (0.1, 0.05))


def heartbeat(n_steps: int = HOUR) -> Sequence:
    """Voltage in mV, RATE steps per second; a step's token is its minute and second.

    Always the same numbers; the beats numbered ECTOPIC_BEATS are ectopic.

    >>> heartbeat(200).tokens[0][123]
    '00:01.23'
    """
    seconds = np.arange(n_steps) / RATE
    voltage = _voltage(_phase(seconds)) + 0.05 * np.sin(2 * np.pi * 0.25 * seconds)
    noise = np.random.default_rng(0).normal(0, 0.01, n_steps)
    return Sequence((voltage + noise)[:, None, None], (_tokens(n_steps),), (), ("mV",))


def _phase(seconds: Array) -> Array:
    """Beats so far, their rate modulated by breathing and blood pressure."""
    terms = (
        part * np.sin(2 * np.pi * f * seconds) / (2 * np.pi * f) for f, part in _RATE_MODULATION
    )
    return np.asarray(_BEATS_PER_SECOND * seconds + sum(terms))


def _voltage(beats: Array) -> Array:
    angle = 2 * np.pi * (beats % 1) - np.pi
    normal, ectopic = (_waves(angle, waves) for waves in (_WAVES, _ECTOPIC_WAVES))
    return np.where(np.isin(np.floor(beats), ECTOPIC_BEATS), ectopic, normal)


def _waves(angle: Array, waves: tuple[tuple[float, float, float], ...]) -> Array:
    """Σ height · exp(−(θ − angle)² / 2 width²)"""
    return np.asarray(sum(h * np.exp(-((angle - a) ** 2) / (2 * b**2)) for a, b, h in waves))


def _tokens(n_steps: int) -> tuple[str, ...]:
    minute = 60 * RATE
    return tuple(
        f"{t // minute:02d}:{t % minute // RATE:02d}.{t % RATE:02d}" for t in range(n_steps)
    )
