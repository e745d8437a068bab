"""The trace of a call that was kept, held against what the layer itself gave."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rnnviz.core.sequence import Sequence
from rnnviz.engine.live import LiveProof
from rnnviz.engine.run import trace_model
from rnnviz.engine.trace import Trace
from rnnviz.network.model import Model
from rnnviz.readers.certainty import Assumption, Certainty
from rnnviz.readers.torch.layer_run import LayerReading
from rnnviz.readers.torch.live import LiveRun, RecordedStates
from rnnviz.readers.torch.live_model import rounding_of
from rnnviz.readers.torch.numbers import as_array
from rnnviz.watched.kept_calls import CallLog, KeptCall


def traced_call(calls: CallLog, call: KeptCall, *, at_once: bool = False) -> Trace:
    """Every gate and state of a kept call, with the certainty that the layer's own states give.

    Of a stack with dropout between its levels the lowest is traced: what the upper ones read is
    not known.

    at_once  compute all steps at once where the layer's hidden states allow it, each step from the
             state that the layer itself gave before.

    Raises ModelError where the layer computes something else than its class does.
    """
    reading = call.reading
    model = call_model(calls, call, reading)
    values = as_array(reading.inputs)
    theirs, rounding = as_array(reading.hidden), rounding_of(reading)
    is_whole = reading.is_full and len(model.levels) == 1 and not call.has_dropout
    is_known = at_once and is_whole and not rounding
    traced = trace_model(
        model,
        Sequence(values, lengths=reading.lengths),
        known=tuple(np.split(theirs, len(model.layers), axis=2)) if is_known else None,
    )
    if call.has_dropout:
        return replace(traced, proof=Certainty((Assumption("dropout"),)))
    run = LiveRun(model, traced.sequence, RecordedStates(theirs), rounding=rounding)
    return replace(traced, proof=LiveProof(run)(traced))


def call_model(calls: CallLog, call: KeptCall, reading: LayerReading) -> Model:
    """The layers of a call, with the weights and the states that they had."""
    layers = tuple(calls.kind.layers(calls.path, calls.layer, reading))
    if call.has_dropout:
        layers = tuple(layer for layer in layers if layer.level == 0)
    return Model(layers, source=calls.name)


def difference_of(trace: Trace) -> float:
    """Largest |Δh| between a trace and what its layer gave; NaN where that is not known."""
    certainty = trace.certainty
    return np.nan if certainty is None or certainty.parity is None else certainty.parity.difference
