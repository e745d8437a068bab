"""Parity with a file's framework: the largest difference of the hidden states, measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnviz.engine.api import trace
from rnnviz.inputs.probe import probe_signal
from rnnviz.network.model import Model
from rnnviz.readers.result import ImportResult

N_STEPS = 32


@dataclass(frozen=True)
class Parity:
    """Difference of the framework's hidden states from ours, on the same noise.

    largest  max |Δh| over all steps and units of the top level.
    size     max |h| of the framework, for comparison.
    n_steps  steps compared.
    """

    largest: float
    size: float
    n_steps: int


def measure_parity(result: ImportResult) -> Parity | None:
    """Parity over noise; None where no framework is there, or it fails on the file."""
    if result.reference is None:
        return None
    values = probe_signal("noise", result.model.n_inputs, n_steps=N_STEPS, seed=1).values
    values = values.astype(result.model.dtype)
    try:
        theirs = np.asarray(result.reference(values))
    except Exception:
        return None
    ours = _hidden(result.model, values)
    if theirs.shape != ours.shape:
        return None
    return Parity(float(np.abs(theirs - ours).max()), float(np.abs(theirs).max()), N_STEPS)


def _hidden(model: Model, values: np.ndarray) -> np.ndarray:
    top = len(model.levels) - 1
    layers = trace(model, values).layers
    return np.concatenate([y.signals["hidden"] for y in layers if y.level == top], axis=2)
