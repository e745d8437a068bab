"""A long signal to look at: an hour of a made-up heart, with a few beats that come wrong.

The five waves of a beat are Gaussians of its phase, at the angles and widths of McSharry, Clifford,
Tarassenko & Smith, "A dynamical model for generating synthetic electrocardiogram signals", IEEE
Transactions on Biomedical Engineering 50 (2003), table I; the rate sways with breathing (0.25 Hz)
and blood pressure (0.1 Hz) as in their section II. Nobody was measured.
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
# A beat from the wrong place has no P wave, a wide QRS and a T wave that is turned round.
_ECTOPIC_WAVES = ((-np.pi / 8, 0.3, 1.6), (np.pi / 6, 0.25, -0.6), (np.pi / 2, 0.4, -0.4))
ECTOPIC_BEATS = (641, 2210, 3377)
_BEATS_A_SECOND = 1.1
_SWAYS = ((0.25, 0.06), (0.1, 0.05))


def heartbeat(n_steps: int = HOUR) -> Sequence:
    """The voltage in mV, RATE steps a second; a step's token is its minute and second.

    The same numbers every time. The beats numbered ECTOPIC_BEATS come from the wrong place.

    >>> heartbeat(200).tokens[0][123]
    '00:01.23'
    """
    seconds = np.arange(n_steps) / RATE
    voltage = _voltage(_phase(seconds)) + 0.05 * np.sin(2 * np.pi * 0.25 * seconds)
    noise = np.random.default_rng(0).normal(0, 0.01, n_steps)
    return Sequence((voltage + noise)[:, None, None], (_tokens(n_steps),), (), ("mV",))


def _phase(seconds: Array) -> Array:
    """Beats so far, with a sway in their rate."""
    sways = (part * np.sin(2 * np.pi * f * seconds) / (2 * np.pi * f) for f, part in _SWAYS)
    return np.asarray(_BEATS_A_SECOND * seconds + sum(sways))


def _voltage(beats: Array) -> Array:
    angle = 2 * np.pi * (beats % 1) - np.pi
    right, wrong = (_waves(angle, waves) for waves in (_WAVES, _ECTOPIC_WAVES))
    return np.where(np.isin(np.floor(beats), ECTOPIC_BEATS), wrong, right)


def _waves(angle: Array, waves: tuple[tuple[float, float, float], ...]) -> Array:
    """Σ height · exp(−(θ − angle)² / 2 width²)"""
    return np.asarray(sum(h * np.exp(-((angle - a) ** 2) / (2 * b**2)) for a, b, h in waves))


def _tokens(n_steps: int) -> tuple[str, ...]:
    return tuple(
        f"{t // (60 * RATE):02d}:{t % (60 * RATE) // RATE:02d}.{t % RATE:02d}"
        for t in range(n_steps)
    )
