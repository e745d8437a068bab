"""Derivative of one value by another, formed: a diagonal, a matrix, or both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array, make_read_only
from rnnviz.core.linearised import Image, Linearised, Seed, Slope, Slopes


@dataclass(frozen=True, eq=False)
class DerivativeBlock:
    """Derivative of a value (row, unit) by a seed (row, column), row by row.

    diagonal  (row, unit), None for a block that is a whole matrix or zero.
    matrix    (row, unit, column), the diagonal included; None for a block that is diagonal or zero.
    """

    diagonal: Array | None = None
    matrix: Array | None = None

    def write(self, out: Array) -> None:
        """Write it into zeros (row, unit, column)."""
        if self.matrix is not None:
            out[...] = self.matrix
        elif self.diagonal is not None:
            np.einsum("nuu->nu", out)[...] = self.diagonal

    def times(self, vectors: Array, row: int) -> Array | float:
        """One row's matrix times each of some vectors (vector, column): (vector, unit)."""
        if self.matrix is not None:
            product: Array = vectors @ self.matrix[row].T
            return product
        return 0.0 if self.diagonal is None else vectors * self.diagonal[row]

    def transposed_times(self, vectors: Array, row: int) -> Array | float:
        """One row's transposed matrix times each of some vectors (vector, unit)."""
        if self.matrix is not None:
            product: Array = vectors @ self.matrix[row]
            return product
        return 0.0 if self.diagonal is None else vectors * self.diagonal[row]


@dataclass(eq=False)
class BlockMaker:
    """Blocks of a step's values by one seed; what several of them share is formed once."""

    seed: str
    _formed: dict[Image, Array | None] = field(default_factory=dict)

    def block(self, value: Linearised) -> DerivativeBlock:
        """Derivative of a value by the seed.

        >>> one = Linearised(np.array([[2.0, 3.0]]), {Seed("h"): 1.0})
        >>> BlockMaker("h").block(one * one @ np.array([[1.0, 0.0], [1.0, 1.0]])).matrix.tolist()
        [[[4.0, 6.0], [0.0, 6.0]]]
        """
        n_rows, n_units = value.shape
        own, scaled = self._split(value.slopes)
        diagonal = None if own is None else np.broadcast_to(own, value.shape)
        if not scaled:
            return DerivativeBlock(diagonal=diagonal)
        matrix = _with_own(_sum(scaled, n_rows, n_units), diagonal)
        return DerivativeBlock(matrix=make_read_only(matrix))

    def _split(self, slopes: Slopes) -> tuple[Slope | None, list[tuple[Slope, Array]]]:
        """Slope of the seed itself, and the others with their bases, formed."""
        own: Slope | None = None
        scaled = []
        for basis, slope in slopes.items():
            if isinstance(basis, Seed):
                own = slope if basis.name == self.seed else own
            elif (formed := self._matrix(basis)) is not None:
                scaled.append((slope, formed))
        return own, scaled

    def _matrix(self, image: Image) -> Array | None:
        """(row or 1, unit, column) of an image; None where it does not depend on the seed."""
        if image not in self._formed:
            self._formed[image] = self._formed_image(image)
        return self._formed[image]

    def _formed_image(self, image: Image) -> Array | None:
        transposed = image.matrix.T[None]
        own, scaled = self._split(image.slopes)
        if len(scaled) > 1 < transposed.shape[1]:
            # Their sum is cheap, and then one product of matrices is enough.
            rows = max(max(len(np.atleast_2d(slope)), len(basis)) for slope, basis in scaled)
            return np.asarray(transposed @ _with_own(_sum(scaled, rows, transposed.shape[2]), own))
        parts = [] if own is None else [_columns_scaled(transposed, own)]
        for slope, basis in scaled:
            left = _columns_scaled(transposed, slope)
            # A basis of a single row stands for all units: a mean over them.
            one_row = basis.shape[1] == 1 < left.shape[2]
            parts.append((left.sum(axis=2, keepdims=True) if one_row else left) @ basis)
        return sum(parts[1:], parts[0]) if parts else None


def _with_own(matrix: Array, own: Slope | None) -> Array:
    """Matrices (row, unit, unit) with the slope of the seed itself added to their diagonals."""
    if own is None:
        return matrix
    if len(matrix) < len(np.atleast_2d(own)):
        matrix = np.repeat(matrix, len(own), axis=0)
    np.einsum("nuu->nu", matrix)[...] += own
    return matrix


def _columns_scaled(matrix: Array, slope: Slope) -> Array:
    """Matrix (1, unit, column) with its columns scaled: (row or 1, unit, column)."""
    if isinstance(slope, float):
        return matrix if slope == 1.0 else matrix * slope
    scaled: Array = matrix * np.atleast_2d(slope)[:, None, :]
    return scaled


def _sum(scaled: list[tuple[Slope, Array]], n_rows: int, n_units: int) -> Array:
    """Σ diag(slope) · basis, (row, unit, column)."""
    width = scaled[0][1].shape[2]
    shape = (n_rows, n_units)
    total: Array | None = None
    for kind in ("same for all rows", "a single row", "whole"):
        chosen = [(np.broadcast_to(s, shape), b) for s, b in scaled if _kind(b, n_units) == kind]
        if chosen:
            part = _PRODUCTS[kind](chosen, n_units, width)
            total = part if total is None else np.add(total, part, out=total)
    assert total is not None
    return total


def _kind(basis: Array, n_units: int) -> str:
    if len(basis) == 1:
        return "same for all rows"
    return "a single row" if basis.shape[1] == 1 < n_units else "whole"


def _same(chosen: list[tuple[Array, Array]], n_units: int, width: int) -> Array:
    """One product a unit, (row, basis) times (basis, column), straight into its place."""
    slopes = np.stack([slope.T for slope, _ in chosen], axis=2)
    bases = np.stack([np.broadcast_to(b[0], (n_units, width)) for _, b in chosen], axis=1)
    out = np.empty((slopes.shape[1], n_units, width))
    np.matmul(slopes, bases, out=out.transpose(1, 0, 2))
    return out


def _single(chosen: list[tuple[Array, Array]], n_units: int, width: int) -> Array:
    slopes = np.stack([slope for slope, _ in chosen], axis=2)
    return np.asarray(slopes @ np.concatenate([basis for _, basis in chosen], axis=1))


def _whole(chosen: list[tuple[Array, Array]], n_units: int, width: int) -> Array:
    (slope, basis), *others = chosen
    out: Array = slope[:, :, None] * basis
    for slope, basis in others:
        out += slope[:, :, None] * basis
    return out


_PRODUCTS: Mapping[str, Any] = {
    "same for all rows": _same,
    "a single row": _single,
    "whole": _whole,
}
