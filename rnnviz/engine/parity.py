"""Parity of an imported model with its framework, measured on noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.engine.api import trace
from rnnviz.engine.trace import Trace
from rnnviz.inputs.probe import probe_signal
from rnnviz.network.model import Model
from rnnviz.readers.bounded_import import run_reference_bounded
from rnnviz.readers.certainty import Parity, Reference, ReferenceRun
from rnnviz.readers.result import ImportResult

N_STEPS = 32


def with_parity(result: ImportResult, bounded: bool | None = None) -> ImportResult:
    """The result with its parity, where a framework can run it; `bounded` as `measure_parity`."""
    return replace(result, parity=measure_parity(result, bounded))


def measure_parity(result: ImportResult, bounded: bool | None = None) -> Parity | None:
    """Parity over noise; None where no framework is there, or it fails on the file.

    bounded  True to run the framework in a process of its own with limits on time and memory, False
             to run it here, None for the first where it runs the file itself.
    """
    if result.reference is None:
        return None
    values = probe_signal("noise", result.model.n_inputs, n_steps=N_STEPS, seed=1).values
    try:
        run = _run(result.reference, values.astype(result.model.dtype), bounded)
        differences = list(_differences(result.model, run))
    except Exception:
        return None
    return Parity(
        run.scope or result.reference.scope,
        float(np.max(differences)) if differences else float("inf"),
        float(np.abs(run.hidden).max()),
        len(run.hidden),
        str(run.hidden.dtype),
    )


def _run(reference: Reference, values: Array, bounded: bool | None) -> ReferenceRun:
    is_bounded = reference.scope == "whole" if bounded is None else bounded
    if is_bounded:
        return run_reference_bounded(reference, values, "model")
    return reference.run(values)


def _differences(model: Model, run: ReferenceRun) -> Iterator[float]:
    """Largest differences: hidden states, embedded inputs, outputs of the readout."""
    ours = trace(model, run.inputs)
    yield _largest_difference(top_hidden(ours), run.hidden)
    if run.token_ids is not None and model.embedding is not None:
        yield _largest_difference(np.asarray(model.embedding)[run.token_ids], run.inputs)
    if run.outputs is not None and ours.outputs is not None:
        yield _largest_difference(ours.outputs, run.outputs)


def _largest_difference(ours: Array, theirs: Array) -> float:
    """max |Δ|; infinite where the shapes differ, NaN where a number is not finite."""
    if ours.shape != theirs.shape:
        return float("inf")
    largest = float(np.abs(ours - theirs).max(initial=0.0))
    return largest if np.isfinite(largest) else float("nan")


def top_hidden(traced: Trace) -> Array:
    """Hidden states (time, batch, unit) of the top level, forward beside backward."""
    top = max(layer.level for layer in traced.layers)
    layers = [y.signals["hidden"] for y in traced.layers if y.level == top]
    return np.concatenate(layers, axis=2)
