"""The trace of numbers that broke: NaN and infinity stand where they arose."""

from __future__ import annotations

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence, nan_padding, zero_padding
from rnnviz.engine.layer_runner import LayerRunner
from rnnviz.engine.model_runner import model_runner
from rnnviz.engine.trace import LayerTrace, Trace
from rnnviz.network.model import Model


def broken_trace(model: Model, values: Array, lengths: tuple[int, ...]) -> Trace:
    """Trace of values (time, batch, input) that may hold NaN or lead to it.

    `rnnviz.trace` refuses these; here they are looked for. A Sequence holds no such numbers: that
    of the trace has 0 for all.
    """
    runner = model_runner(
        model, Sequence(np.zeros_like(values), lengths=lengths), "numpy", "cpu", ()
    )
    sequence, read, layers = runner.sequence, runner.tensor(values), []
    for level in runner.levels:
        with np.errstate(all="ignore"):
            traced = [_broken_layer(layer, read) for layer in level]
        hidden = np.concatenate([one.signals["hidden"] for one in traced], axis=-1)
        read = runner.tensor(zero_padding(hidden, sequence))
        layers += traced
    return Trace(sequence, tuple(layers), hidden, model.source, readout="")


def _broken_layer(runner: LayerRunner, values: Array) -> LayerTrace:
    signals, _, _ = runner.run(values)
    names = [signal.name for signal in runner.layer.cell.signals]
    arrays = {name: nan_padding(signals[name], runner.sequence) for name in names}
    place = runner.layer.cell_name, runner.layer.direction, runner.layer.level
    return LayerTrace(*place, arrays, runner.initial)
