"""Tiles of the LSTM: all signals of a block of units while the gates' sums are in registers.

A block is as many units as a vector has lanes, and a panel holds the weights of all four gates of a
block side by side: their sums are complete at once and become gates, cell state and hidden state
before anything is written. The equations are those of `rnnviz.cells.lstm`.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import intrinsic

from rnnviz.engine.kernels.numba_math import Number, sigmoid_of, tanh_of
from rnnviz.engine.kernels.numba_matmul import (
    ROWS,
    Memory,
    Sums,
    first_unit,
    load,
    store,
    store_vectors,
    vectors,
)


@intrinsic
def input_tile(
    _typing: Any,
    inputs: Any,
    t: Any,
    row: Any,
    block: Any,
    values: Any,
    step: Any,
    bias: Any,
    panels: Any,
) -> tuple[Any, Any]:
    """`W_x x_t + b` of a block at `ROWS` steps of a row, from t on."""
    return types.void(inputs, t, row, block, values, step, bias, panels), _inputs(ROWS)


@intrinsic
def input_line(
    _typing: Any,
    inputs: Any,
    t: Any,
    row: Any,
    block: Any,
    values: Any,
    step: Any,
    bias: Any,
    panels: Any,
) -> tuple[Any, Any]:
    """`W_x x_t + b` of a block at a step of a row."""
    return types.void(inputs, t, row, block, values, step, bias, panels), _inputs(1)


def _inputs(steps: int) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _, t, row, block, values, step, _, _ = arguments
        inputs, bias, panels = (
            Memory(context, builder, signature.args[i], arguments[i]) for i in (0, 6, 7)
        )
        whole = inputs.whole
        sums = Sums(builder, inputs.vector, steps)
        rows = [builder.add(values, builder.mul(step, whole(i))) for i in range(steps)]
        sums.add(rows, panels.at(block), panels.shape[1])
        biases = vectors(builder, bias.at(block), inputs.vector)
        for i, own in enumerate(sums.values()):
            totals = [builder.fadd(one, two) for one, two in zip(own, biases, strict=True)]
            store_vectors(builder, totals, inputs.at(builder.add(t, whole(i)), row, block))
        return context.get_dummy_value()

    return codegen


@intrinsic
def lstm_tile(
    _typing: Any,
    buffers: Any,
    t: Any,
    first: Any,
    inputs: Any,
    row: Any,
    block: Any,
    panels: Any,
    inner: Any,
    hidden: Any,
    cell: Any,
) -> tuple[Any, Any]:
    """All signals of a block at a step, of `ROWS` rows."""
    arguments = (buffers, t, first, inputs, row, block, panels, inner, hidden, cell)
    return types.void(*arguments), _signals(ROWS)


@intrinsic
def lstm_line(
    _typing: Any,
    buffers: Any,
    t: Any,
    first: Any,
    inputs: Any,
    row: Any,
    block: Any,
    panels: Any,
    inner: Any,
    hidden: Any,
    cell: Any,
) -> tuple[Any, Any]:
    """All signals of a block at a step, of one row."""
    arguments = (buffers, t, first, inputs, row, block, panels, inner, hidden, cell)
    return types.void(*arguments), _signals(1)


def _signals(rows: int) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _, t, first, _, row, block, _, inner, _, _ = arguments
        buffers, inputs, panels, hidden, cell = (
            Memory(context, builder, signature.args[i], arguments[i]) for i in (0, 3, 6, 8, 9)
        )
        vector, whole = buffers.vector, buffers.whole
        unit = first_unit(builder, block, buffers.shape[3], vector)
        sums = Sums(builder, vector, rows)
        numbers = [builder.add(row, whole(i)) for i in range(rows)]
        sums.add([hidden.at(number) for number in numbers], panels.at(block), inner)
        for number, own in zip(numbers, sums.values(), strict=True):
            own_inputs = vectors(builder, inputs.at(number, block), vector)
            f, i, o, g = (
                Number(builder, x) + Number(builder, h)
                for x, h in zip(own_inputs, own, strict=True)
            )
            before = Number(builder, load(builder, cell.at(number, unit), vector))
            at = builder.add(first, number)
            for signal, values in enumerate(_equations(f, i, o, g, before)):
                store(builder, values.value, buffers.at(whole(signal), t, at, unit))
        return context.get_dummy_value()

    return codegen


def _equations(f: Number, i: Number, o: Number, g: Number, before: Number) -> tuple[Number, ...]:
    """Signals in the order of the buffers, from the gates' preactivations."""
    forget, input_, output, candidate = (*map(sigmoid_of, (f, i, o)), tanh_of(g))
    cell = forget * before + input_ * candidate
    return forget, input_, output, candidate, cell, output * tanh_of(cell)
