"""A layer's reading as a trace: which road it takes, and what is checked on the way out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from rnnviz.core.arrays import Array, sealed
from rnnviz.core.backend import Tensor
from rnnviz.core.cell import Signals
from rnnviz.core.sequence import Sequence
from rnnviz.engine.kernels.select import Libraries, Road, choose
from rnnviz.engine.layer_runner import Reader
from rnnviz.engine.trace import LayerTrace
from rnnviz.errors import ModelError
from rnnviz.network.layer import Layer
from rnnviz.padding import is_even, padded
from rnnviz.roads.travel import by_name, travel


def trace_layer(
    reader: Reader, values: Tensor, having: Libraries | None, keep_drives: bool = False
) -> LayerTrace:
    """What the layer makes of the values (time, batch, input), by the road that suits it best.

    having  what there is to compute with; None for the stepped road.

    Raises ModelError when the numbers grow beyond the type.
    """
    part, sequence = reader.part, reader.sequence
    n_steps = sequence.n_steps if part is None else part.n_steps
    if having is not None:
        road = choose(reader.layer, n_steps, sequence.n_rows, having)
        if part is not None and road.name == "compiled":
            # Threads of the one product wait, spinning, on the core that writes to disk.
            road = replace(road, one_thread=True)
        if road.name != "stepped":
            return _on(reader, road, values)
    return _layer_trace(reader, *reader.read(values, keep_drives))


def _on(reader: Reader, road: Road, values: Array) -> LayerTrace:
    """What one of the fast roads makes of the values; from the first touch on, step by step."""
    layer, turned = reader.layer, reader.turned(values)
    whole = travel(road, layer, turned, reader.start(), reader.dtype)
    if reader.acting is None:
        return _owned_trace(reader, _aligned(reader, whole))
    return _layer_trace(reader, *reader.read(values, known=by_name(layer, whole)))


def _aligned(reader: Reader, whole: Array) -> Array:
    """All signals (signal, time, batch, unit) from reading order to that of the tokens."""
    if reader.layer.direction == "backward" and not is_even(reader.sequence):
        for signal in whole:
            signal[:] = reader.turned(signal)
        return whole
    return whole if reader.layer.direction == "forward" else whole[:, ::-1]


def _layer_trace(reader: Reader, signals: Signals, drives: Signals, started: Signals) -> LayerTrace:
    layer, sequence, numpy = reader.layer, reader.sequence, reader.maths.numpy
    arrays = {s.name: numpy(signals[s.name]) for s in layer.kind.signals}
    if reader.acting is not None:
        _check_defined(layer, arrays, sequence.is_real)
    _check_grown(reader, arrays)
    return LayerTrace(
        layer.cell,
        layer.direction,
        layer.level,
        {name: padded(array, sequence) for name, array in arrays.items()},
        {name: numpy(state) for name, state in reader.start().items()},
        _final(layer, arrays, sequence),
        {name: padded(numpy(array), sequence) for name, array in drives.items()},
        {name: padded(numpy(array), sequence) for name, array in started.items()},
    )


def _owned_trace(reader: Reader, whole: Array) -> LayerTrace:
    """The same of an array that nobody else holds: padded in place and handed out uncopied."""
    layer, sequence = reader.layer, reader.sequence
    arrays = by_name(layer, whole)
    # What has gone wrong in a gate is in the states after it, and a sum shows it at once.
    if not all(np.isfinite(arrays[name].sum()) for name in layer.kind.states):
        _check_grown(reader, arrays)
    final = _final(layer, arrays, sequence)
    if not is_even(sequence):
        whole[:, ~sequence.is_real] = np.nan
    signals = by_name(layer, sealed(whole))
    return LayerTrace(layer.cell, layer.direction, layer.level, signals, reader.start(), final)


def _final(layer: Layer, arrays: Mapping[str, Array], sequence: Sequence) -> dict[str, Array]:
    """Each state after a row's last real step, (batch, unit)."""
    rows = np.arange(sequence.n_rows)
    last = np.asarray(sequence.lengths) - 1 if layer.direction == "forward" else 0
    return {name: arrays[name][last, rows] for name in layer.kind.states}


def _check_defined(layer: Layer, arrays: Mapping[str, Array], is_real: Array) -> None:
    """Gates that are held can divide nothing by nothing (sLSTM, minimal LSTM)."""
    undefined = [np.isnan(array).any(axis=2) & is_real for array in arrays.values()]
    times = np.nonzero(np.any(undefined, axis=(0, 2)))[0]
    if len(times):
        raise ModelError(
            "The interventions leave {layer} without a number at step {step}: there it divides"
            " nothing by nothing; hold one of its gates above 0.",
            layer=layer.title,
            step=int(times[0] if layer.direction == "forward" else times[-1]) + 1,
        )


def _check_grown(reader: Reader, arrays: Mapping[str, Array]) -> None:
    """A relu network can grow without bound; infinity and NaN are no numbers to look at."""
    layer, is_real = reader.layer, reader.sequence.is_real
    start = reader.part.start if reader.part is not None else 0
    grown = [~np.isfinite(array).all(axis=2) & is_real for array in arrays.values()]
    times = np.nonzero(np.any(grown, axis=(0, 2)))[0]
    if len(times):
        raise ModelError(
            "The numbers of {layer} grew beyond {dtype} at step {step};"
            " use smaller weights or another activation.",
            layer=layer.title,
            dtype=arrays["hidden"].dtype,
            step=start + int(times[0] if layer.direction == "forward" else times[-1]) + 1,
        )
