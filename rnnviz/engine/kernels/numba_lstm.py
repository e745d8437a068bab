"""LSTM kernel compiled by numba, block by block of units; imported only when it is selected.

A block is as many units as a vector has lanes: `numba_lstm_tiles`. In every function `buffers` is
(signal, time, batch, unit), `first` the workspace's first row, `values` the address of (time,
batch, input) with the bytes from one step and from one row to the next, and `inputs` (time, row,
block, gate·lane) has room for `W_x x_t + b` of some steps.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from rnnviz.core.arrays import Array
from rnnviz.engine.kernels.numba_lstm_panels import LstmPanels, lstm_panels
from rnnviz.engine.kernels.numba_lstm_tiles import input_line, input_tile, lstm_line, lstm_tile
from rnnviz.engine.kernels.numba_math import COMPILE_OPTIONS
from rnnviz.engine.kernels.numba_matmul import ROWS, aligned_zeros
from rnnviz.engine.kernels.numba_two_threads import ask, is_answered, second_thread
from rnnviz.engine.kernels.workspace import BUFFERS, Workspace

_CELL, _HIDDEN = (BUFFERS["lstm"].index(name) for name in ("cell", "hidden"))
# Products with the input are taken for about so many rows at once: more leave the cache again.
_ROWS_AT_ONCE = 128


def run_numba_lstm(workspace: Workspace, two_threads: bool = False) -> None:
    """Fill the workspace's rows of the buffers; what they hold before means nothing.

    two_threads  whether a second thread takes half of every product; only for one row.
    """
    panels, values = lstm_panels(workspace.linear), workspace.values[:, workspace.rows]
    if values.strides[2] != values.itemsize:
        values = np.ascontiguousarray(values)
    # By its address, because numba would compile once more for a reversed or a read-only array.
    address = (values.__array_interface__["data"][0], *values.strides[:2])
    buffers, first = workspace.buffers, workspace.rows.start
    # Copies, because numba would compile once more for what is read-only.
    states = [np.array(workspace.initial[name], order="C") for name in ("hidden", "cell")]
    missing = panels.lanes - workspace.layer.n_units
    if missing > 0:
        shape = (len(buffers), *values.shape[:2], panels.lanes)
        buffers, first = np.empty(shape, values.dtype), 0
        states = [np.pad(state, ((0, 0), (0, missing))) for state in states]
    run = _run_two_threads if two_threads else _run
    run(buffers, first, address, _inputs(values, panels), panels, *states)
    if missing > 0:
        workspace.buffers[:, :, workspace.rows] = buffers[..., :-missing]


def _inputs(values: Array, panels: LstmPanels) -> Array:
    n_steps, n_rows, _ = values.shape
    at_once = min(n_steps, max(ROWS, _ROWS_AT_ONCE // n_rows))
    return aligned_zeros((at_once, n_rows, *panels.bias.shape), values.dtype)


def _run(
    buffers: Array, first: int, values: Any, inputs: Array, panels: LstmPanels, *states: Array
) -> None:
    _lstm_steps(buffers, first, values, inputs, *panels, *states)


def _run_two_threads(
    buffers: Array, first: int, values: Any, inputs: Array, panels: LstmPanels, *states: Array
) -> None:
    mine = -(-len(panels.recurrent) // 2)
    with second_thread(buffers, states[0], panels.recurrent[mine:]) as (signs, answer):
        halves = (mine, signs, answer)
        _lstm_steps_two_threads(buffers, first, values, inputs, *panels, *states, *halves)


@njit(cache=True, nogil=True, **COMPILE_OPTIONS)
def _lstm_steps(
    buffers: Array,
    first: int,
    values: tuple[int, int, int],
    inputs: Array,
    bias: Array,
    input_panels: Array,
    panels: Array,
    hidden: Array,
    cell: Array,
) -> None:
    blocks, stop = (0, panels.shape[0]), first + inputs.shape[1]
    for t in range(buffers.shape[1]):
        at = t % inputs.shape[0]
        if at == 0:
            _load_inputs(t, buffers.shape[1], values, inputs, bias, input_panels)
        _step(t, buffers, first, inputs[at], panels, panels.shape[1], hidden, cell, blocks)
        cell, hidden = buffers[_CELL, t, first:stop], buffers[_HIDDEN, t, first:stop]


@njit(cache=True, nogil=True, **COMPILE_OPTIONS)
def _lstm_steps_two_threads(
    buffers: Array,
    first: int,
    values: tuple[int, int, int],
    inputs: Array,
    bias: Array,
    input_panels: Array,
    panels: Array,
    hidden: Array,
    cell: Array,
    mine: int,
    signs: Array,
    answer: Array,
) -> None:
    count, inner = panels.shape[0], panels.shape[1]
    for t in range(buffers.shape[1]):
        at = t % inputs.shape[0]
        if at == 0:
            _load_inputs(t, buffers.shape[1], values, inputs, bias, input_panels)
        ask(signs, t + 1)
        _step(t, buffers, first, inputs[at], panels, inner, hidden, cell, (0, mine))
        left = inner
        if is_answered(t + 1, signs, answer.size * inner):
            _add(answer, inputs[at, :, mine:])
            left = 0
        _step(t, buffers, first, inputs[at], panels, left, hidden, cell, (mine, count))
        cell, hidden = buffers[_CELL, t], buffers[_HIDDEN, t]


@njit(**COMPILE_OPTIONS)
def _add(answer: Array, inputs: Array) -> None:
    """Add the other thread's products of one row, (row, block·gate·lane), to those of the input."""
    for block in range(inputs.shape[1]):
        start, sums = block * inputs.shape[2], inputs[0, block]
        for i in range(sums.size):
            sums[i] += answer[0, start + i]


@njit(**COMPILE_OPTIONS)
def _load_inputs(
    start: int,
    n_steps: int,
    values: tuple[int, int, int],
    inputs: Array,
    bias: Array,
    panels: Array,
) -> None:
    """`W_x x_t + b` of as many steps as there is room for, from a step on."""
    address, step, row_step = values
    count = inputs.shape[0]
    if count > n_steps - start:
        count = n_steps - start
    together = count // ROWS * ROWS
    for block in range(panels.shape[0]):
        for row in range(inputs.shape[1]):
            x = address + start * step + row * row_step
            for t in range(0, together, ROWS):
                input_tile(inputs, t, row, block, x + t * step, step, bias, panels)
            for t in range(together, count):
                input_line(inputs, t, row, block, x + t * step, step, bias, panels)


@njit(**COMPILE_OPTIONS)
def _step(
    t: int,
    buffers: Array,
    first: int,
    inputs: Array,
    panels: Array,
    inner: int,
    hidden: Array,
    cell: Array,
    blocks: tuple[int, int],
) -> None:
    """All signals of some blocks of a step.

    inputs        those of the step, (row, block, gate·lane).
    inner         how many hidden numbers are still to be multiplied: all or none.
    hidden, cell  the states before it, (row, unit).
    """
    start, stop = blocks
    rows = inputs.shape[0]
    together = rows // ROWS * ROWS
    for i in range(start, stop):
        # Every other step goes back: the weights that were read last are still in the cache.
        block = i if t % 2 == 0 else start + stop - 1 - i
        for row in range(0, together, ROWS):
            lstm_tile(buffers, t, first, inputs, row, block, panels, inner, hidden, cell)
        for row in range(together, rows):
            lstm_line(buffers, t, first, inputs, row, block, panels, inner, hidden, cell)
