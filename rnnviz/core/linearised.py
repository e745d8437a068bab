"""Forward-mode differentiation of NumPy arithmetic that keeps the form of a derivative.

Elementwise functions only scale the rows of a derivative, and a product with a weight matrix
multiplies it by that matrix. So the derivative of a value is held as Σ diag(slope) · basis, where
a basis is the identity or a product with a matrix, and no matrix is formed until one is asked for.

A. Griewank, A. Walther, "Evaluating Derivatives", 2nd edition, SIAM 2008, chapters 3 and 7.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, NoReturn

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.backend import Backend, Tensor
from rnnviz.core.operators import Operators
from rnnviz.core.partials import PARTIALS

# A number, or an array that broadcasts to (row, unit).
Slope = Any
Slopes = Mapping["Seed | Image", Slope]


@dataclass(frozen=True, eq=False)
class Seed:
    """Values, named, by which is differentiated: their own derivative is the identity."""

    name: str


@dataclass(frozen=True, eq=False)
class Image:
    """Product of a value, of which the slopes are given, with a matrix (unit, column)."""

    matrix: Array
    slopes: Slopes


class Linearised(Operators):
    """Numbers (row, unit) with their derivative: of each row by the same row of the seeds.

    value   the numbers.
    slopes  by basis: the derivative is Σ diag(slope) · basis.

    >>> seed = Seed("hidden")
    >>> one = Linearised(np.array([[2.0, 3.0]]), {seed: 1.0})
    >>> (one * one).slopes[seed].tolist()
    [[4.0, 6.0]]
    """

    # NumPy then leaves `array + linearised` to the methods below.
    __array_ufunc__ = None

    def __init__(self, value: Array, slopes: Slopes) -> None:
        self.value = value
        self.slopes = slopes

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the numbers."""
        return self.value.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the numbers."""
        return self.value.dtype

    def operation(self, name: str, *operands: Any) -> Linearised:
        """Result of an operation, linearised."""
        return _elementwise(name, *operands)

    def __matmul__(self, matrix: Array) -> Linearised:
        return Linearised(self.value @ matrix, {Image(matrix, self.slopes): 1.0})

    def mean(self, axis: int, *, keepdims: bool) -> Linearised:
        """Mean over the units, (row, 1)."""
        assert axis == -1
        assert keepdims
        return self @ np.full((self.shape[-1], 1), 1 / self.shape[-1])


def _elementwise(name: str, *operands: Tensor) -> Linearised:
    value, *factors = PARTIALS[name](*map(numbers_in, operands))
    slopes: dict[Seed | Image, Slope] = {}
    # What has no factor, as a condition, has no derivative.
    for operand, factor in zip(operands, factors, strict=False):
        if isinstance(operand, Linearised):
            for basis, slope in operand.slopes.items():
                added = _times(factor, slope)
                slopes[basis] = slopes[basis] + added if basis in slopes else added
    return Linearised(value, slopes)


def _times(one: Slope, other: Slope) -> Slope:
    if isinstance(one, float) and one == 1.0:
        return other
    return one if isinstance(other, float) and other == 1.0 else one * other


def numbers_in(values: Tensor) -> Any:
    """The numbers of a Linearised, anything else as it is."""
    return values.value if isinstance(values, Linearised) else values


def _absent(*_: Any) -> NoReturn:
    raise TypeError("A step computes with elementwise functions and products alone.")


@cache
def linearising_backend() -> Backend:
    """The back end whose results are Linearised.

    >>> seed = Seed("hidden")
    >>> z = Linearised(np.array([[0.0]]), {seed: 1.0})
    >>> linearising_backend().sigmoid(z).slopes[seed].tolist()
    [[0.25]]
    """
    return Backend(
        sigmoid=partial(_elementwise, "sigmoid"),
        tanh=partial(_elementwise, "tanh"),
        exp=partial(_elementwise, "exp"),
        softplus=partial(_elementwise, "softplus"),
        softmax=_absent,
        clip=partial(_elementwise, "clip"),
        maximum=partial(_elementwise, "maximum"),
        where=partial(_elementwise, "where"),
        array=lambda values, dtype: np.asarray(values, dtype),
        zeros=_absent,
        full=lambda number, like: like.dtype.type(number),
        join=_absent,
        stack=_absent,
        stack_transposed=_absent,
        diagonal=_absent,
        numpy=numbers_in,
    )
