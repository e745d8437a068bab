"""Rows times a matrix for numba, faster than a library's product where the rows are few.

A library packs the matrix anew at every call; here it is packed once for all steps, into panels as
wide as the sums that a processor's registers hold. K. Goto and R. A. van de Geijn, "Anatomy of
High-Performance Matrix Multiplication", ACM Transactions on Mathematical Software 34 (2008).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import binding, ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from rnnviz.core.arrays import Array
from rnnviz.engine.kernels.numba_math import COMPILE_OPTIONS

_WIDE = "avx512f" in binding.get_host_cpu_features()
# Bytes in a vector, and vectors beside each other: with `_ROWS` rows all sums fit the registers.
_BYTES, _VECTORS = (64, 4) if _WIDE else (32, 2)
_ROWS = 4


def pack_panels(matrix: Array) -> Array:
    """(inner, column) as panels (panel, inner, width), the last one filled up with zeros."""
    inner, columns = matrix.shape
    width = _VECTORS * _BYTES // matrix.itemsize
    panels = np.zeros((-(-columns // width), inner, width), matrix.dtype)
    for panel, start in zip(panels, range(0, columns, width), strict=True):
        part = matrix[:, start : start + width]
        panel[:, : part.shape[1]] = part
    return panels


def product_buffer(rows: int, panels: Array) -> Array:
    """Buffer of a product, (row, column), with the columns that fill up the last panel."""
    return np.empty((rows, panels.shape[0] * panels.shape[2]), panels.dtype)


@njit(nogil=True, **COMPILE_OPTIONS)
def matmul(left: Array, panels: Array, out: Array) -> None:
    """`left @ matrix` of contiguous (row, inner), the sums taken in order whatever the rows."""
    together = left.shape[0] // _ROWS * _ROWS
    for panel in range(panels.shape[0]):
        for row in range(0, together, _ROWS):
            _four_rows(left, row, panels, panel, out)
        for row in range(together, left.shape[0]):
            _one_row(left, row, panels, panel, out)


@intrinsic
def _four_rows(
    _typing: Any, left: Any, row: Any, panels: Any, panel: Any, out: Any
) -> tuple[Any, Any]:
    return types.void(left, row, panels, panel, out), _tile(_ROWS)


@intrinsic
def _one_row(
    _typing: Any, left: Any, row: Any, panels: Any, panel: Any, out: Any
) -> tuple[Any, Any]:
    return types.void(left, row, panels, panel, out), _tile(1)


def _tile(rows: int) -> Any:
    """Code generator of the loop over `inner` for `rows` rows of a panel, sums in registers."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        left, row, panels, panel, out = arguments
        number = context.get_value_type(signature.args[0].dtype)
        lanes = _BYTES // (8 if signature.args[0].dtype == types.float64 else 4)
        vector = ir.VectorType(number, lanes)

        def opened(place: int, value: Any) -> tuple[Any, Any]:
            array = context.make_array(signature.args[place])(context, builder, value)
            return array.data, cgutils.unpack_tuple(builder, array.shape)

        numbers, (_, inner) = opened(0, left)
        matrix, (_, _, width) = opened(2, panels)
        target, (_, columns) = opened(4, out)
        size = inner.type
        first = [builder.mul(builder.add(row, size(i)), inner) for i in range(rows)]
        matrix = builder.gep(matrix, [builder.mul(panel, builder.mul(inner, width))])
        sums = [
            [cgutils.alloca_once_value(builder, vector(None)) for _ in range(_VECTORS)]
            for _ in range(rows)
        ]
        with cgutils.for_range(builder, inner) as loop:
            at = builder.gep(matrix, [builder.mul(loop.index, width)])
            loaded = [_vector(builder, at, size(j * lanes), vector) for j in range(_VECTORS)]
            for start, own in zip(first, sums, strict=True):
                scale = builder.load(builder.gep(numbers, [builder.add(start, loop.index)]))
                scales = _everywhere(builder, scale, vector)
                for weights, total in zip(loaded, own, strict=True):
                    more = builder.fmul(scales, weights, ("contract",))
                    builder.store(builder.fadd(builder.load(total), more, ("contract",)), total)
        for i, own in enumerate(sums):
            start = builder.mul(builder.add(row, size(i)), columns)
            start = builder.add(start, builder.mul(panel, width))
            for j, total in enumerate(own):
                place = builder.gep(target, [builder.add(start, size(j * lanes))])
                place = builder.bitcast(place, vector.as_pointer())
                builder.store(builder.load(total), place, align=4)
        return context.get_dummy_value()

    return codegen


def _vector(builder: Any, base: Any, offset: Any, vector: Any) -> Any:
    place = builder.bitcast(builder.gep(base, [offset]), vector.as_pointer())
    return builder.load(place, align=4)


def _everywhere(builder: Any, number: Any, vector: Any) -> Any:
    """One number in every lane."""
    index = ir.IntType(32)
    empty = ir.Constant(vector, ir.Undefined)
    alone = builder.insert_element(empty, number, index(0))
    zeros = ir.Constant(ir.VectorType(index, vector.count), [0] * vector.count)
    return builder.shuffle_vector(alone, empty, zeros)
