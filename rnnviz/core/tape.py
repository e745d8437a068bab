"""Reverse-mode differentiation of NumPy arithmetic: a back end on which a step is taped.

A cell's step is written in `+`, `*`, `@` and the functions of a `Backend`, so the same text that
computes a network also gives its gradient, and no cell needs a backward pass of its own.

A. Griewank, A. Walther, "Evaluating Derivatives", 2nd edition, SIAM 2008, chapter 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, partial
from itertools import accumulate, count, pairwise
from typing import Any, NamedTuple

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.backend import Backend, Tensor
from rnnviz.core.operators import Operators
from rnnviz.core.partials import PARTIALS

_serials = count()


class Taped(Operators):
    """An array that remembers what it was computed from.

    value     the numbers.
    gradient  of the result that `pull_back` started from, with respect to them; zeros before.

    >>> one = Taped(np.array([1.0, 2.0]))
    >>> pull_back((one * one * 3)[1])
    >>> one.gradient.tolist()
    [0.0, 12.0]
    """

    # NumPy then leaves `array + taped` to the methods below.
    __array_ufunc__ = None

    def __init__(self, value: Any, pulls: Iterable[Pull] = ()) -> None:
        self.value = np.asarray(value)
        self.gradient: Array = np.zeros(self.value.shape, np.result_type(self.value, np.float32))
        self.pulls = tuple(pulls)
        self.serial = next(_serials)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the numbers."""
        return self.value.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self.value.ndim

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the numbers."""
        return self.value.dtype

    def __len__(self) -> int:
        return len(self.value)

    def operation(self, name: str, *operands: Any) -> Taped:
        """Result of an operation, taped."""
        return _elementwise(name, *operands)

    def __matmul__(self, other: Tensor) -> Taped:
        return _product(self, other)

    def __rmatmul__(self, other: Tensor) -> Taped:
        return _product(other, self)

    def __getitem__(self, place: Any) -> Taped:
        return Taped(self.value[place], [Pull(self, lambda gradient: gradient, place)])

    def sum(self, axis: int | None = None, *, keepdims: bool = False) -> Taped:
        """Sum along an axis, or of all numbers."""

        def pull(gradient: Array) -> Array:
            lost = axis is not None and not keepdims
            wide = np.expand_dims(gradient, axis) if lost and axis is not None else gradient
            return np.broadcast_to(wide, self.shape)

        return Taped(self.value.sum(axis=axis, keepdims=keepdims), [Pull(self, pull)])

    def mean(self, axis: int, *, keepdims: bool = False) -> Tensor:
        """Mean along an axis."""
        return self.sum(axis, keepdims=keepdims) / self.shape[axis]

    @property
    def T(self) -> Taped:
        """Transposed matrix."""
        return Taped(self.value.T, [Pull(self, np.transpose)])

    def log(self) -> Taped:
        """Natural logarithm."""
        return _elementwise("log", self)


class Pull(NamedTuple):
    """Summand that a result's gradient adds to the gradient of an operand, at a place of it."""

    operand: Taped
    added: Callable[[Array], Array]
    place: Any = None


def untaped(values: Tensor) -> Any:
    """The numbers of a Taped, anything else as it is."""
    return values.value if isinstance(values, Taped) else values


def pull_back(result: Taped) -> None:
    """Gradient of a result, a single number, with respect to all that it was computed from."""
    result.gradient = np.ones_like(result.value)
    for taped in _latest_first(result):
        for operand, added, place in taped.pulls:
            if place is None:
                operand.gradient += added(taped.gradient)
            else:
                # In time of the place's size: an input is read in as many places as it has steps.
                np.add.at(operand.gradient, place, added(taped.gradient))


def _latest_first(result: Taped) -> list[Taped]:
    found, waiting = {result.serial: result}, [result]
    while waiting:
        for operand, *_ in waiting.pop().pulls:
            if operand.serial not in found:
                found[operand.serial] = operand
                waiting.append(operand)
    return [found[serial] for serial in sorted(found, reverse=True)]


def _elementwise(name: str, *operands: Tensor) -> Taped:
    """A named function of each number by itself."""
    value, *factors = PARTIALS[name](*map(untaped, operands))

    def pull(operand: Taped, factor: Any) -> Callable[[Array], Array]:
        return lambda gradient: _summed_to(gradient * factor, operand.shape)

    # What has no factor, as a condition, passes no gradient on.
    pairs = zip(operands, factors, strict=False)
    pulls = [Pull(x, pull(x, factor)) for x, factor in pairs if isinstance(x, Taped)]
    return Taped(value, pulls)


def _summed_to(gradient: Array, shape: tuple[int, ...]) -> Array:
    """A gradient summed over the axes along which its operand was repeated."""
    gradient = gradient.sum(axis=tuple(range(gradient.ndim - len(shape))))
    repeated = tuple(i for i, size in enumerate(shape) if size == 1 != gradient.shape[i])
    return np.asarray(gradient.sum(axis=repeated, keepdims=True))


def _product(one: Tensor, other: Tensor) -> Taped:
    """(…, row) times (row, column)."""
    left, right = untaped(one), untaped(other)
    pulls: list[Pull] = []
    if isinstance(one, Taped):
        pulls.append(Pull(one, lambda gradient: gradient @ right.T))
    if isinstance(other, Taped):
        rows = left.reshape(-1, left.shape[-1])
        pulls.append(
            Pull(other, lambda gradient: rows.T @ gradient.reshape(-1, gradient.shape[-1]))
        )
    return Taped(left @ right, pulls)


def _joined(parts: Iterable[Tensor], axis: int) -> Tensor:
    parts = list(parts)
    arrays = list(map(untaped, parts))
    ends = accumulate((array.shape[axis] for array in arrays), initial=0)

    def pull(start: int, stop: int) -> Callable[[Array], Array]:
        return lambda gradient: np.moveaxis(np.moveaxis(gradient, axis, 0)[start:stop], 0, axis)

    spans = zip(parts, pairwise(ends), strict=True)
    pulls = [Pull(part, pull(*span)) for part, span in spans if isinstance(part, Taped)]
    return Taped(np.concatenate(arrays, axis=axis), pulls)


def _stacked(parts: Iterable[Tensor]) -> Tensor:
    return _joined([_reshaped(part, (1, *part.shape)) for part in parts], 0)


def _reshaped(values: Tensor, shape: tuple[int, ...]) -> Tensor:
    if not isinstance(values, Taped):
        return values.reshape(shape)
    before = values.shape
    return Taped(values.value.reshape(shape), [Pull(values, lambda g: g.reshape(before))])


def _diagonal(values: Tensor) -> Tensor:
    return Taped(np.diag(untaped(values)), [Pull(values, np.diagonal)])


def _softmax(drive: Tensor) -> Tensor:
    # A constant for each row changes neither the result nor its gradient.
    exponent = _elementwise("exp", drive - untaped(drive).max(axis=-1, keepdims=True))
    return exponent / exponent.sum(axis=-1, keepdims=True)


@cache
def tape_backend() -> Backend:
    """The back end whose results are Taped.

    >>> z = Taped(np.array(0.0))
    >>> pull_back(tape_backend().sigmoid(z))
    >>> float(z.gradient)
    0.25
    """
    return Backend(
        sigmoid=partial(_elementwise, "sigmoid"),
        tanh=partial(_elementwise, "tanh"),
        exp=partial(_elementwise, "exp"),
        softplus=partial(_elementwise, "softplus"),
        softmax=_softmax,
        clip=partial(_elementwise, "clip"),
        maximum=partial(_elementwise, "maximum"),
        where=partial(_elementwise, "where"),
        array=lambda values, dtype: (
            values if isinstance(values, Taped) else np.asarray(values, dtype)
        ),
        zeros=lambda shape, dtype: np.zeros(shape, dtype=dtype),
        full=lambda number, like: like.dtype.type(number),
        join=lambda parts: _joined(parts, -1),
        stack=_stacked,
        stack_transposed=lambda matrices: _joined(matrices, 0).T,
        diagonal=_diagonal,
        numpy=untaped,
    )
