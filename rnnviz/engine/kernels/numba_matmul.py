"""Rows times a matrix for numba, faster than a library's product where the rows are few.

A library packs the matrix anew at every call; here it is packed once for all steps, into panels as
wide as the sums that a processor's registers hold. K. Goto and R. A. van de Geijn, "Anatomy of
High-Performance Matrix Multiplication", ACM Transactions on Mathematical Software 34 (2008).
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from llvmlite import binding, ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from rnnviz.core.arrays import Array
from rnnviz.engine.kernels.numba_math import COMPILE_OPTIONS

_WIDE = "avx512f" in binding.get_host_cpu_features()
# Bytes in a vector, and the rows whose sums fit the registers with `VECTORS` beside each other.
_BYTES, ROWS = (64, 4) if _WIDE else (32, 2)
VECTORS = 4
_CACHE_LINE = 64


def lanes(dtype: np.dtype[Any]) -> int:
    """Numbers in a vector."""
    return _BYTES // dtype.itemsize


def aligned_zeros(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """Zeros from the beginning of a cache line: a vector across two takes twice as long."""
    size = prod(shape) * dtype.itemsize
    memory = np.zeros(size + _CACHE_LINE, np.uint8)
    start = -memory.__array_interface__["data"][0] % _CACHE_LINE
    return memory[start : start + size].view(dtype).reshape(shape)


def pack_panels(matrix: Array) -> Array:
    """(inner, column) as panels (panel, inner, width), the last one filled up with zeros."""
    inner, columns = matrix.shape
    width = VECTORS * lanes(matrix.dtype)
    panels = aligned_zeros((-(-columns // width), inner, width), matrix.dtype)
    for panel, start in zip(panels, range(0, columns, width), strict=True):
        part = matrix[:, start : start + width]
        panel[:, : part.shape[1]] = part
    return panels


def product_buffer(rows: int, panels: Array) -> Array:
    """Buffer of a product, (row, column), with the columns that fill up the last panel."""
    return aligned_zeros((rows, panels.shape[0] * panels.shape[2]), panels.dtype)


@njit(nogil=True, **COMPILE_OPTIONS)
def matmul(left: Array, panels: Array, out: Array) -> None:
    """`left @ matrix` of contiguous (row, inner), the sums taken in order whatever the rows."""
    together = left.shape[0] // ROWS * ROWS
    for panel in range(panels.shape[0]):
        for row in range(0, together, ROWS):
            _rows(left, row, panels, panel, out)
        for row in range(together, left.shape[0]):
            _one_row(left, row, panels, panel, out)


@intrinsic
def _rows(_typing: Any, left: Any, row: Any, panels: Any, panel: Any, out: Any) -> tuple[Any, Any]:
    return types.void(left, row, panels, panel, out), _tile(ROWS)


@intrinsic
def _one_row(
    _typing: Any, left: Any, row: Any, panels: Any, panel: Any, out: Any
) -> tuple[Any, Any]:
    return types.void(left, row, panels, panel, out), _tile(1)


def _tile(rows: int) -> Any:
    """Code generator of some rows' product with a panel."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        left, panels, out = (
            Memory(context, builder, signature.args[i], arguments[i]) for i in (0, 2, 4)
        )
        row, panel = arguments[1], arguments[3]
        sums = Sums(builder, left.vector, rows)
        numbers = [builder.add(row, left.whole(i)) for i in range(rows)]
        sums.add([left.at(number) for number in numbers], panels.at(panel), left.shape[1])
        column = builder.mul(panel, panels.shape[2])
        for number, own in zip(numbers, sums.values(), strict=True):
            store_vectors(builder, own, out.at(number, column))
        return context.get_dummy_value()

    return codegen


class Memory:
    """Addresses of an array's numbers in LLVM, as whole numbers."""

    def __init__(self, context: Any, builder: Any, kind: Any, value: Any) -> None:
        array = context.make_array(kind)(context, builder, value)
        self.builder, self.whole = builder, array.nitems.type
        self.start = builder.ptrtoint(array.data, self.whole)
        self.shape = cgutils.unpack_tuple(builder, array.shape)
        self.strides = cgutils.unpack_tuple(builder, array.strides)
        number = context.get_value_type(kind.dtype)
        self.vector = ir.VectorType(number, lanes(np.dtype(str(kind.dtype))))

    def at(self, *indices: Any) -> Any:
        """Address of an index, zeros at its end left out."""
        address = self.start
        for index, stride in zip(indices, self.strides, strict=False):
            address = self.builder.add(address, self.builder.mul(index, stride))
        return address


class Sums:
    """Sums of a tile (row, vector), zero at first, which LLVM keeps in registers."""

    def __init__(self, builder: Any, vector: Any, rows: int) -> None:
        self.builder, self.vector, zero = builder, vector, vector(None)
        self.places = [
            [cgutils.alloca_once_value(builder, zero) for _ in range(VECTORS)] for _ in range(rows)
        ]

    def add(self, rows: list[Any], panel: Any, inner: Any) -> None:
        """Add the product of some rows, by their addresses, with a panel."""
        builder, vector, whole = self.builder, self.vector, inner.type
        bytes_of_number = _BYTES // vector.count
        with cgutils.for_range(builder, inner) as loop:
            at = builder.add(panel, builder.mul(loop.index, whole(VECTORS * _BYTES)))
            weights = vectors(builder, at, vector)
            along = builder.mul(loop.index, whole(bytes_of_number))
            for row, places in zip(rows, self.places, strict=True):
                scale = load(builder, builder.add(row, along), vector.element)
                scales = _everywhere(builder, scale, vector)
                for weight, place in zip(weights, places, strict=True):
                    more = builder.fmul(scales, weight, ("contract",))
                    builder.store(builder.fadd(builder.load(place), more, ("contract",)), place)

    def values(self) -> list[list[Any]]:
        """The sums, (row, vector)."""
        return [[self.builder.load(place) for place in own] for own in self.places]


def first_unit(builder: Any, block: Any, n_units: Any, vector: Any) -> Any:
    """First of the units of a block: the last block goes back to be as wide as the others."""
    start = builder.mul(block, n_units.type(vector.count))
    last = builder.sub(n_units, n_units.type(vector.count))
    return builder.select(builder.icmp_signed("<", start, last), start, last)


def vectors(builder: Any, address: Any, vector: Any) -> list[Any]:
    """Vectors that lie side by side, as many as a panel is wide, from an address on."""
    places = (builder.add(address, address.type(j * _BYTES)) for j in range(VECTORS))
    return [load(builder, place, vector) for place in places]


def store_vectors(builder: Any, values: list[Any], address: Any) -> None:
    """Write vectors side by side from an address on."""
    for j, value in enumerate(values):
        store(builder, value, builder.add(address, address.type(j * _BYTES)))


def load(builder: Any, address: Any, kind: Any) -> Any:
    """A number or a vector of them from an address."""
    return builder.load(builder.inttoptr(address, kind.as_pointer()), align=4)


def store(builder: Any, value: Any, address: Any) -> None:
    """Write a number or a vector to an address."""
    builder.store(value, builder.inttoptr(address, value.type.as_pointer()), align=4)


def _everywhere(builder: Any, number: Any, vector: Any) -> Any:
    """One number in every lane."""
    index = ir.IntType(32)
    empty = ir.Constant(vector, ir.Undefined)
    alone = builder.insert_element(empty, number, index(0))
    zeros = ir.Constant(ir.VectorType(index, vector.count), [0] * vector.count)
    return builder.shuffle_vector(alone, empty, zeros)
