"""A trace ▶ tables of pandas and xarray."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.libraries import optional_library
from rnnviz.engine.trace import Trace


def trace_frame(trace: Trace) -> Any:
    """A pandas table: a row per layer, batch row, step and unit, a column per signal.

    Raises MissingLibraryError without pandas.
    """
    pandas = optional_library("pandas")
    frames = [pandas.DataFrame(_columns(trace, index)) for index in range(len(trace.layers))]
    return pandas.concat(frames, ignore_index=True)


def trace_dataset(trace: Trace) -> Any:
    """An xarray Dataset, a variable (time, batch, unit) for each `level.direction.signal`.

    Raises MissingLibraryError without xarray.
    """
    xarray = optional_library("xarray")
    variables = {
        f"{layer.level}.{layer.direction}.{name}": (
            ("time", "batch", f"{layer.cell.signal(name).axis}_{i}"),
            values,
        )
        for i, layer in enumerate(trace.layers)
        for name, values in layer.signals.items()
    }
    variables["outputs"] = (("time", "batch", "output"), trace.outputs)
    return xarray.Dataset(variables, attrs={"source": trace.source})


def _columns(trace: Trace, index: int) -> dict[str, Any]:
    layer, sequence = trace.layers[index], trace.sequence
    shape = (sequence.n_steps, sequence.n_rows, layer.n_units)
    is_real = np.broadcast_to(sequence.is_real[:, :, None], shape)
    time, row, unit = np.nonzero(is_real)
    tokens = np.full((sequence.n_steps, sequence.n_rows), "", dtype=object)
    for b, labels in enumerate(sequence.tokens):
        tokens[: len(labels), b] = labels
    head = {"level": layer.level, "direction": layer.direction, "batch": row, "time": time}
    values = {name: _widened(a, shape)[time, row, unit] for name, a in layer.signals.items()}
    return head | {"token": tokens[time, row], "unit": unit} | values


def _widened(array: Array, shape: tuple[int, ...]) -> Array:
    """A projected signal with NaN for the units beyond its own."""
    wide = np.full(shape, np.nan, array.dtype)
    wide[:, :, : array.shape[2]] = array
    return wide
