"""Reverse-mode differentiation of NumPy arithmetic: the third back end, on which a step is taped.

A cell's step is written in `+`, `*`, `@` and the functions of a `Backend`, so the same text that
computes a network also gives its gradient, and no cell needs a backward pass of its own.

A. Griewank, A. Walther, "Evaluating Derivatives", 2nd edition, SIAM 2008, chapter 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from itertools import accumulate, count
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.backend import Backend, Tensor, get_backend

# An operand, and the function from the result's gradient to what it adds to the operand's.
Pull = tuple["Taped", Callable[[Array], Array]]
_serials = count()


class Taped:
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
        self.gradient: Array = np.zeros_like(self.value)
        self.pulls = tuple(pulls)
        self.serial = next(_serials)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the numbers, as NumPy's; so are `ndim` and `dtype`."""
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

    def __add__(self, other: Tensor) -> Taped:
        return _elementwise(untaped(self) + untaped(other), (self, 1.0), (other, 1.0))

    def __sub__(self, other: Tensor) -> Taped:
        return _elementwise(untaped(self) - untaped(other), (self, 1.0), (other, -1.0))

    def __rsub__(self, other: Tensor) -> Taped:
        return _elementwise(untaped(other) - untaped(self), (self, -1.0), (other, 1.0))

    def __mul__(self, other: Tensor) -> Taped:
        return _elementwise(
            untaped(self) * untaped(other),
            (self, untaped(other)),
            (other, untaped(self)),
        )

    def __truediv__(self, other: Tensor) -> Taped:
        ratio = untaped(self) / untaped(other)
        return _elementwise(ratio, (self, 1 / untaped(other)), (other, -ratio / untaped(other)))

    def __rtruediv__(self, other: Tensor) -> Taped:
        ratio = untaped(other) / untaped(self)
        return _elementwise(ratio, (self, -ratio / untaped(self)), (other, 1 / untaped(self)))

    def __matmul__(self, other: Tensor) -> Taped:
        return _product(self, other)

    def __rmatmul__(self, other: Tensor) -> Taped:
        return _product(other, self)

    def __neg__(self) -> Taped:
        return _elementwise(-self.value, (self, -1.0))

    def __abs__(self) -> Taped:
        return _elementwise(np.abs(self.value), (self, np.sign(self.value)))

    def __pow__(self, power: float) -> Taped:
        return _elementwise(self.value**power, (self, power * self.value ** (power - 1)))

    def __ge__(self, other: Tensor) -> Array:
        return np.asarray(untaped(self) >= untaped(other))

    def __gt__(self, other: Tensor) -> Array:
        return np.asarray(untaped(self) > untaped(other))

    def __getitem__(self, place: Any) -> Taped:
        def pull(gradient: Array) -> Array:
            whole = np.zeros_like(self.value)
            np.add.at(whole, place, gradient)
            return whole

        return Taped(self.value[place], [(self, pull)])

    __radd__, __rmul__ = __add__, __mul__

    def sum(self, axis: int | None = None, *, keepdims: bool = False) -> Taped:
        """Sum along an axis, or of all numbers."""

        def pull(gradient: Array) -> Array:
            lost = axis is not None and not keepdims
            wide = np.expand_dims(gradient, axis) if lost and axis is not None else gradient
            return np.broadcast_to(wide, self.shape)

        return Taped(self.value.sum(axis=axis, keepdims=keepdims), [(self, pull)])

    def mean(self, axis: int, *, keepdims: bool = False) -> Taped:
        """Mean along an axis."""
        return self.sum(axis, keepdims=keepdims) / self.shape[axis]

    @property
    def T(self) -> Taped:
        """Transposed matrix."""
        return Taped(self.value.T, [(self, np.transpose)])

    def log(self) -> Taped:
        """Natural logarithm."""
        return _elementwise(np.log(self.value), (self, 1 / self.value))


def untaped(values: Tensor) -> Any:
    """The numbers of a Taped, anything else as it is."""
    return values.value if isinstance(values, Taped) else values


def pull_back(result: Taped) -> None:
    """Gradient of a result, a single number, with respect to all that it was computed from."""
    result.gradient = np.ones_like(result.value)
    for taped in _latest_first(result):
        for operand, pull in taped.pulls:
            operand.gradient = operand.gradient + pull(taped.gradient)


def _latest_first(result: Taped) -> list[Taped]:
    found, waiting = {result.serial: result}, [result]
    while waiting:
        for operand, _ in waiting.pop().pulls:
            if operand.serial not in found:
                found[operand.serial] = operand
                waiting.append(operand)
    return [found[serial] for serial in sorted(found, reverse=True)]


def _elementwise(value: Any, *factors: tuple[Tensor, Any]) -> Taped:
    """A result with, by operand, the derivative of each of its numbers by the operand's."""

    def pull(operand: Taped, factor: Any) -> Callable[[Array], Array]:
        return lambda gradient: _summed_to(gradient * factor, operand.shape)

    pulls = [(x, pull(x, factor)) for x, factor in factors if isinstance(x, Taped)]
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
        pulls.append((one, lambda gradient: gradient @ right.T))
    if isinstance(other, Taped):
        rows = left.reshape(-1, left.shape[-1])
        pulls.append((other, lambda gradient: rows.T @ gradient.reshape(-1, gradient.shape[-1])))
    return Taped(left @ right, pulls)


def _joined(parts: Iterable[Tensor], axis: int) -> Tensor:
    parts = list(parts)
    arrays = list(map(untaped, parts))
    ends = list(accumulate(array.shape[axis] for array in arrays))
    cuts = ends[:-1]

    def pull(number: int) -> Callable[[Array], Array]:
        return lambda gradient: np.split(gradient, cuts, axis=axis)[number]

    pulls = [(part, pull(i)) for i, part in enumerate(parts) if isinstance(part, Taped)]
    return Taped(np.concatenate(arrays, axis=axis), pulls)


def _stacked(parts: Iterable[Tensor]) -> Tensor:
    return _joined([_reshaped(part, (1, *part.shape)) for part in parts], 0)


def _reshaped(values: Tensor, shape: tuple[int, ...]) -> Tensor:
    if not isinstance(values, Taped):
        return values.reshape(shape)
    before = values.shape
    return Taped(values.value.reshape(shape), [(values, lambda g: g.reshape(before))])


def _diagonal(values: Tensor) -> Tensor:
    return Taped(np.diag(untaped(values)), [(values, np.diagonal)])


def _where(condition: Array, one: Tensor, other: Tensor) -> Tensor:
    chosen = untaped(condition)
    value = np.where(chosen, untaped(one), untaped(other))
    return _elementwise(value, (one, chosen), (other, ~chosen))


def _clipped(values: Tensor, low: float | None, high: float | None) -> Tensor:
    # At the very ends PyTorch's clamp passes the gradient on too.
    inside = (untaped(values) >= (-np.inf if low is None else low)) & (
        untaped(values) <= (np.inf if high is None else high)
    )
    return _elementwise(np.clip(untaped(values), low, high), (values, inside))


def _maximum(one: Tensor, other: Tensor) -> Tensor:
    a, b = untaped(one), untaped(other)
    # PyTorch's rule: equal numbers share the gradient.
    share = np.where(a == b, 0.5, a > b)
    return _elementwise(np.maximum(a, b), (one, share), (other, 1 - share))


def _softmax(drive: Tensor) -> Tensor:
    # A constant for each row changes neither the result nor its gradient.
    exponent = _exp(drive - untaped(drive).max(axis=-1, keepdims=True))
    return exponent / exponent.sum(axis=-1, keepdims=True)


def _exp(values: Tensor) -> Tensor:
    value = np.exp(untaped(values))
    return _elementwise(value, (values, value))


def _sigmoid(values: Tensor) -> Tensor:
    value = get_backend().sigmoid(untaped(values))
    return _elementwise(value, (values, value * (1 - value)))


def _tanh(values: Tensor) -> Tensor:
    value = np.tanh(untaped(values))
    return _elementwise(value, (values, 1 - value**2))


def _softplus(values: Tensor) -> Tensor:
    numpy_ = get_backend()
    return _elementwise(numpy_.softplus(untaped(values)), (values, numpy_.sigmoid(untaped(values))))


@cache
def tape_backend() -> Backend:
    """The back end whose results are Taped.

    >>> z = Taped(np.array(0.0))
    >>> pull_back(tape_backend().sigmoid(z))
    >>> float(z.gradient)
    0.25
    """
    return Backend(
        sigmoid=_sigmoid,
        tanh=_tanh,
        exp=_exp,
        softplus=_softplus,
        softmax=_softmax,
        clip=_clipped,
        maximum=_maximum,
        where=_where,
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
