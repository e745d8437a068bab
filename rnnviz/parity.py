"""Is what we compute what the file's framework computes? The largest difference, measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnviz.api import trace
from rnnviz.inputs.probe import probe_signal
from rnnviz.network.model import Model
from rnnviz.readers.result import ImportResult

N_STEPS = 32


@dataclass(frozen=True)
class Parity:
    """The framework's hidden states against ours, on the same noise.

    largest  max |Δh| over all steps and units of the top level.
    size     max |h|, to hold it against.
    n_steps  how many steps were compared.
    """

    largest: float
    size: float
    n_steps: int


def measure_parity(found: ImportResult) -> Parity | None:
    """Run both over noise; None where no framework can be asked.

    Whatever stops the framework, a version too old or a missing part, means that it cannot be
    asked: the file was read without it.
    """
    if found.reference is None:
        return None
    values = probe_signal("noise", found.model.n_inputs, n_steps=N_STEPS, seed=1).values
    values = values.astype(found.model.dtype)
    try:
        theirs = np.asarray(found.reference(values))
    except Exception:
        return None
    ours = _hidden(found.model, values)
    if theirs.shape != ours.shape:
        return None
    return Parity(float(np.abs(theirs - ours).max()), float(np.abs(theirs).max()), N_STEPS)


def _hidden(model: Model, values: np.ndarray) -> np.ndarray:
    top = len(model.levels) - 1
    layers = trace(model, values).layers
    return np.concatenate([y.signals["hidden"] for y in layers if y.level == top], axis=2)
