"""A layer's trace: its signals by a kernel or step by step, checked, padded and read-only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array, make_read_only
from rnnviz.core.backend import Tensor, get_backend
from rnnviz.core.cell import Signals
from rnnviz.core.sequence import Sequence, has_equal_lengths, nan_padding
from rnnviz.engine.kernels.select import (
    Kernel,
    Libraries,
    available_libraries,
    run_kernel,
    select_kernel,
    signals_by_name,
)
from rnnviz.engine.layer_runner import Chunk, LayerRunner
from rnnviz.engine.trace import LayerTrace
from rnnviz.errors import ModelError
from rnnviz.network.layer import Layer


def trace_layer(
    runner: LayerRunner,
    values: Tensor,
    available: Libraries | None,
    keep_preactivations: bool = False,
    hidden: Array | None = None,
) -> LayerTrace:
    """Trace of a layer that reads values (time, batch, input), by the kernel that suits it best.

    available  libraries to compute with; None for step by step.
    hidden     its hidden states where they are known, (time, batch, unit).

    Raises ModelError when the numbers grow beyond the type.
    """
    chunk, sequence = runner.chunk, runner.sequence
    n_steps = sequence.n_steps if chunk is None else chunk.total_steps
    if available is not None:
        kernel = select_kernel(runner.layer, n_steps, sequence.n_rows, available)
        if chunk is not None and kernel.name == "compiled":
            # Threads of the one product wait, spinning, on the core that writes to disk.
            kernel = replace(kernel, one_thread=True)
        if kernel.name != "stepped":
            return _trace_by_kernel(runner, kernel, values, hidden)
    return _stepped_trace(runner, *runner.run(values, keep_preactivations))


def trace_chunk(
    layer: Layer,
    values: Array,
    chunk: Chunk,
    dtype: np.dtype[Any],
    *,
    backend: str = "numpy",
    device: str = "cpu",
    libraries: Libraries | None = None,
) -> LayerTrace:
    """Trace of a layer over a chunk (time, batch, input) of a longer sequence, in `dtype`.

    libraries  to compute with on NumPy; None for all that are at hand.

    Raises ModelError when the numbers grow beyond the type, with the step's number in the longer
    sequence.
    """
    library = get_backend(backend, device)
    # Without tokens, whose numbers would have to be spelt out for every step.
    sequence = Sequence(values, (("",) * len(values),) * values.shape[1])
    runner = LayerRunner(layer, library, dtype, sequence, chunk)
    available = (libraries or available_libraries()) if backend == "numpy" else None
    with np.errstate(over="ignore", invalid="ignore"):
        return trace_layer(runner, library.array(sequence.values, dtype), available)


def _trace_by_kernel(
    runner: LayerRunner, kernel: Kernel, values: Array, hidden: Array | None
) -> LayerTrace:
    """Trace by a kernel; with interventions, step by step from the first step they touch."""
    known = None if hidden is None else runner.flip(hidden)
    buffers = run_kernel(kernel, runner.linear, runner.flip(values), runner.initial, known)
    if runner.hooks is None:
        return _kernel_trace(runner, _in_token_order(runner, buffers))
    unchanged = signals_by_name(runner.layer, buffers)
    return _stepped_trace(runner, *runner.run(values, unchanged=unchanged))


def _in_token_order(runner: LayerRunner, buffers: Array) -> Array:
    """Buffers (signal, time, batch, unit) from reading order to the order of the tokens."""
    if runner.layer.direction == "backward" and not has_equal_lengths(runner.sequence):
        for signal in buffers:
            signal[:] = runner.flip(signal)
        return buffers
    return buffers if runner.layer.direction == "forward" else buffers[:, ::-1]


def _kernel_trace(runner: LayerRunner, buffers: Array) -> LayerTrace:
    """Trace of buffers that nobody else holds: padded in place and handed out uncopied."""
    layer, sequence = runner.layer, runner.sequence
    is_padded = not has_equal_lengths(sequence)
    arrays = signals_by_name(layer, buffers if is_padded else make_read_only(buffers))
    final = {n: make_read_only(a) for n, a in _final_states(layer, arrays, sequence).items()}
    # NaN stays in the states up to the last, and only relu lets them grow and fall to 0 again.
    telling = arrays if "relu" in layer.activations.values() else final
    if not all(np.isfinite(telling[name].sum()) for name in layer.cell.states):
        _check_finite(runner, arrays)
    if is_padded:
        buffers[:, ~sequence.is_real] = np.nan
        arrays = signals_by_name(layer, make_read_only(buffers))
    return LayerTrace(layer.cell_name, layer.direction, layer.level, arrays, runner.initial, final)


def _stepped_trace(
    runner: LayerRunner, signals: Signals, preactivations: Signals, changed: Signals
) -> LayerTrace:
    layer, sequence, numpy = runner.layer, runner.sequence, runner.backend.numpy
    arrays = {s.name: numpy(signals[s.name]) for s in layer.cell.signals}
    if runner.hooks is not None:
        _check_defined(layer, arrays, sequence.is_real)
    _check_finite(runner, arrays)
    return LayerTrace(
        layer.cell_name,
        layer.direction,
        layer.level,
        {name: nan_padding(array, sequence) for name, array in arrays.items()},
        {name: numpy(state) for name, state in runner.initial.items()},
        _final_states(layer, arrays, sequence),
        {name: nan_padding(numpy(array), sequence) for name, array in preactivations.items()},
        {name: nan_padding(numpy(array), sequence) for name, array in changed.items()},
    )


def _final_states(
    layer: Layer, arrays: Mapping[str, Array], sequence: Sequence
) -> dict[str, Array]:
    """Each state after a row's last real step, (batch, unit)."""
    if has_equal_lengths(sequence):
        at = -1 if layer.direction == "forward" else 0
        return {name: arrays[name][at].copy() for name in layer.cell.states}
    rows = np.arange(sequence.n_rows)
    last = np.asarray(sequence.lengths) - 1 if layer.direction == "forward" else 0
    return {name: arrays[name][last, rows] for name in layer.cell.states}


def _check_defined(layer: Layer, arrays: Mapping[str, Array], is_real: Array) -> None:
    """Gates that are held can divide nothing by nothing (sLSTM, minimal LSTM)."""
    step = _first_step(layer, [np.isnan(array) for array in arrays.values()], is_real)
    if step is not None:
        raise ModelError(
            "The interventions leave {layer} without a number at step {step}: there it divides"
            " nothing by nothing; hold one of its gates above 0.",
            layer=layer.title,
            step=step + 1,
        )


def _check_finite(runner: LayerRunner, arrays: Mapping[str, Array]) -> None:
    """A relu network can grow without bound; infinity and NaN are no numbers to look at."""
    layer, is_real = runner.layer, runner.sequence.is_real
    step = _first_step(layer, [~np.isfinite(array) for array in arrays.values()], is_real)
    if step is not None:
        start = runner.chunk.start if runner.chunk is not None else 0
        raise ModelError(
            "The numbers of {layer} grew beyond {dtype} at step {step};"
            " use smaller weights or another activation.",
            layer=layer.title,
            dtype=arrays["hidden"].dtype,
            step=start + step + 1,
        )


def _first_step(layer: Layer, is_wrong: list[Array], is_real: Array) -> int | None:
    """Step read first, counted from 0, at which a real number is wrong; None for no such step."""
    wrong = np.any([array.any(axis=2) & is_real for array in is_wrong], axis=(0, 2))
    times = np.nonzero(wrong)[0]
    if not len(times):
        return None
    return int(times[0] if layer.direction == "forward" else times[-1])
