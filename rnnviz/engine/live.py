"""The trace of a live module, and how sure it is."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.engine.parity import top_hidden
from rnnviz.engine.run import trace_model
from rnnviz.engine.trace import Trace
from rnnviz.errors import AssumptionWarning, ModelError
from rnnviz.readers.certainty import Assumption, Certainty, Parity
from rnnviz.readers.torch.live import LayerAlone, LiveRun

_ROUNDED = 0.05  # of the size: what a type of few bits may differ by at once


def trace_live(run: LiveRun, stacklevel: int, **options: Any) -> Trace:
    """Trace of what a live module's layers read, compared with what they gave.

    A layer alone is compared when `trace.certainty` is first asked for. Warns once of everything
    that was assumed.

    Raises ModelError where no step agrees with what the module gave.
    """
    proof = LiveProof(run if run.tensor is None else replace(run, tensor=None))
    if isinstance(run.witness, LayerAlone):
        traced = trace_model(run.model, run.sequence, proof=proof, **options)
        _warn_assumed(run, run.assumed, stacklevel + 1)
        return traced
    traced = trace_model(run.model, run.sequence, **options)
    certainty = proof(traced)
    _warn_assumed(run, certainty.assumptions, stacklevel + 1)
    return replace(traced, proof=certainty)


def check_live(run: LiveRun, stacklevel: int) -> None:
    """Comparison and warning of `trace_live`, for a run that is read step by step."""
    if isinstance(run.witness, LayerAlone):
        _warn_assumed(run, run.assumed, stacklevel + 1)
    else:
        trace_live(run, stacklevel + 1)


def _warn_assumed(run: LiveRun, assumed: tuple[Assumption, ...], stacklevel: int) -> None:
    if assumed:
        sentence = (
            f"The trace of {shown(run.model.source, 80)} takes what its module did not prove:"
            f" {'; '.join(map(str, assumed))}."
        )
        warnings.warn(sentence, AssumptionWarning, stacklevel=stacklevel + 1)


@dataclass(frozen=True, eq=False)
class LiveProof:
    """Certainty of a live module's trace, measured when it is asked for."""

    run: LiveRun

    def __call__(self, traced: Trace) -> Certainty:
        """Certainty from the hidden states without interventions.

        Raises ModelError where no step agrees.
        """
        run = self.run
        if traced.interventions:
            traced = trace_model(run.model, run.sequence)
        ours, theirs = top_hidden(traced), run.witness.hidden(traced.sequence)
        parity = _parity(run, ours, theirs, traced.sequence.is_real)
        is_rounded = run.rounding and not parity.agrees
        rounded = (Assumption("rounding", run.rounding),) if is_rounded else ()
        return Certainty((*run.assumed, *rounded), parity)


def _parity(run: LiveRun, ours: Array, theirs: Array, is_real: Array) -> Parity:
    gaps = np.abs(ours - theirs).max(axis=2)[is_real]
    size = float(np.abs(theirs[is_real]).max())
    if not np.isfinite(size):
        _check_finite(run, theirs, is_real)
    _check_understood(run, gaps, size)
    scope, dtype = run.witness.scope, str(theirs.dtype)
    return Parity(scope, float(gaps.max()), size, len(ours), dtype)


def _check_finite(run: LiveRun, theirs: Array, is_real: Array) -> None:
    """In a type of few bits a module's numbers overflow where ours do not."""
    is_wrong = (~np.isfinite(theirs).all(axis=2) & is_real).any(axis=1)
    if is_wrong.any():
        raise ModelError(
            "The numbers of {layer} grew beyond {dtype} at step {step};"
            " use smaller weights or another activation.",
            layer=shown(run.model.source, 80),
            dtype=run.rounding or theirs.dtype,
            step=int(is_wrong.argmax()) + 1,
        )


def _check_understood(run: LiveRun, gaps: Array, size: float) -> None:
    """Rounding grows from step to step; a layer that computes something else differs at all."""
    allowed = _ROUNDED if run.rounding else 1e-3
    if gaps.min() > allowed * max(size, 1.0):
        raise ModelError(
            "“{source}” gave other hidden states than {cells} with its weights, {difference} apart"
            " at every step; it computes something else, which cannot be shown gate by gate.",
            source=shown(run.model.source, 80),
            cells=", ".join(dict.fromkeys(layer.cell_name for layer in run.model.layers)),
            difference=f"{gaps.min():.1e}",
        )
