"""Proof of a cause: with it undone, the difference of the two runs is gone but for rounding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.doctor.findings import Cause
from rnnviz.doctor.model_fit import ALL_SETTINGS, ModelFit, recurrent_model
from rnnviz.doctor.parting import largest_delta
from rnnviz.doctor.rounding import size_of
from rnnviz.doctor.settings import SETTINGS
from rnnviz.engine.run import trace_model
from rnnviz.errors import ModelError
from rnnviz.inputs.probe import probe_signal
from rnnviz.network.model import Model

_GONE = 1e-6  # of the largest signal, or of 1
_NOISE_STEPS = 12
# Rounding grows where a network amplifies it: that much more than it does in other numbers.
_MORE, _RELATIVE = 16.0, 2.0**-22
_STATES = ("hidden", "cell")


def left_over(fit: ModelFit, sequence: Sequence) -> float | None:
    """Largest |Δ| once everything is undone; None where the difference is then not gone.

    The sequence is read, and noise from random states, so that no cause is proved by what happens
    to be 0 in the sequence.
    """
    one, other = fit.undone()
    noise = probe_signal("noise", one.n_inputs, n_steps=_NOISE_STEPS, seed=2)
    rest = _gone(one, other, sequence)
    elsewhere = _gone(_stirred(one), _stirred(other), noise, may_grow=True)
    return None if elsewhere is None else rest


def felt_causes(fit: ModelFit, sequence: Sequence) -> tuple[tuple[Cause, ...], tuple[Cause, ...]]:
    """Causes that change these two runs, and settings that differ without changing them."""
    named = {cause.finding.name for cause in fit.causes} & ALL_SETTINGS
    unfelt = {name for name in SETTINGS if name in named and not _is_felt(fit, {name}, sequence)}
    if len(unfelt) > 1 and _is_felt(fit, unfelt, sequence):
        unfelt = set()
    felt = tuple(cause for cause in fit.causes if cause.finding.name not in unfelt)
    return felt, tuple(cause for cause in fit.causes if cause.finding.name in unfelt)


def _is_felt(fit: ModelFit, names: set[str], sequence: Sequence) -> bool:
    return _gone(*fit.undone(ALL_SETTINGS - names), sequence) is None


def _gone(one: Model, other: Model, sequence: Sequence, may_grow: bool = False) -> float | None:
    """Largest |Δ| of two runs where it is rounding; None where it is more."""
    try:
        mine, theirs = (trace_model(model, sequence) for model in (one, other))
    except ModelError:
        # Noise may drive a network without bounds beyond every number.
        return 0.0 if may_grow else None
    rest = largest_delta(mine, theirs)
    size = max(1.0, *(size_of(np.nan_to_num(a)) for y in mine.layers for a in y.signals.values()))
    if rest <= _GONE * size or rest <= _MORE * _rounding(one, sequence):
        return rest
    return None


def _rounding(model: Model, sequence: Sequence) -> float:
    """Largest |Δ| that a change in the last digits of all weights makes."""
    changed = recurrent_model(
        model, [replace(y, weights=dict(_shaken(y.weights))) for y in model.layers]
    )
    return largest_delta(*(trace_model(each, sequence) for each in (model, changed)))


def _shaken(weights: Mapping[str, Array]) -> Iterator[tuple[str, Array]]:
    random = np.random.default_rng(3)
    for name, array in weights.items():
        yield name, array * (1 + _RELATIVE * random.uniform(-1, 1, array.shape))


def _stirred(model: Model) -> Model:
    """The model from random states, the same for two models of one shape."""
    random = np.random.default_rng(4)
    layers = []
    for layer in model.layers:
        states = [name for name in layer.cell.states if name in _STATES]
        initial = {name: random.uniform(-0.9, 0.9, layer.width(name)) for name in states}
        layers.append(replace(layer, initial={**layer.initial, **initial}))
    return recurrent_model(model, layers)
