"""Sigmoid and tanh in LLVM's instructions, of a number or a vector; imported only with numba.

`e^x = 2^n e^r` with n = round(x / ln 2) and |r| ≤ ln 2 / 2, where `e^r − 1` is its Taylor series
up to the type's own rounding. tanh goes through `e^x − 1`, so that it loses no digits near 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.extending import intrinsic

# Sums keep their order; only a product and a sum may become one instruction.
COMPILE_OPTIONS: dict[str, Any] = {"fastmath": {"contract"}, "error_model": "numpy"}
_FLAGS = ("contract",)


class Number:
    """LLVM's value of a real type, or a vector of them, with Python's operators."""

    def __init__(self, builder: Any, value: Any) -> None:
        self.builder, self.value = builder, value
        self.lanes = value.type.count if isinstance(value.type, ir.VectorType) else 0
        element = value.type.element if self.lanes else value.type
        self.is_double = isinstance(element, ir.DoubleType)

    def __add__(self, other: Number | float) -> Number:
        return self._with("fadd", other)

    def __sub__(self, other: Number | float) -> Number:
        return self._with("fsub", other)

    def __mul__(self, other: Number | float) -> Number:
        return self._with("fmul", other)

    def __truediv__(self, other: Number | float) -> Number:
        return self._with("fdiv", other)

    def constant(self, number: float) -> Number:
        """A number in every lane."""
        return Number(self.builder, ir.Constant(self.value.type, number))

    def clip(self, low: float, high: float) -> Number:
        """No lane below or above; NaN stays."""
        return self._bounded("<", low)._bounded(">", high)

    def bits(self, operation: str, mask: int) -> Number:
        """An operation on the bits of every lane, as an integer of the same size."""
        bits = ir.Constant(self._integer(), mask)
        return self._from_bits(getattr(self.builder, operation)(self._as_bits(), bits))

    def with_sign_of(self, other: Number) -> Number:
        """The absolute value with another's sign."""
        sign = other.bits("and_", self.sign_bit)
        size = self.bits("and_", ~self.sign_bit)
        return self._from_bits(self.builder.or_(size._as_bits(), sign._as_bits()))

    @property
    def sign_bit(self) -> int:
        """The bit that is set in negative numbers."""
        return -1 << (63 if self.is_double else 31)

    def _with(self, operation: str, other: Number | float) -> Number:
        right = other if isinstance(other, Number) else self.constant(other)
        result = getattr(self.builder, operation)(self.value, right.value, flags=_FLAGS)
        return Number(self.builder, result)

    def _bounded(self, comparison: str, bound: float) -> Number:
        limit = self.constant(bound).value
        is_beyond = self.builder.fcmp_ordered(comparison, self.value, limit)
        return Number(self.builder, self.builder.select(is_beyond, limit, self.value))

    def _integer(self) -> Any:
        integer = ir.IntType(64 if self.is_double else 32)
        return ir.VectorType(integer, self.lanes) if self.lanes else integer

    def _as_bits(self) -> Any:
        return self.builder.bitcast(self.value, self._integer())

    def _from_bits(self, bits: Any) -> Number:
        return Number(self.builder, self.builder.bitcast(bits, self.value.type))


def sigmoid_of(preactivation: Number) -> Number:
    """The logistic function; beyond where exp would overflow it is constant."""
    most = 708.0 if preactivation.is_double else 87.0
    less, power = _exponential((preactivation * -1.0).clip(-most, most))
    return preactivation.constant(1.0) / (less * power + power + 1.0)


def tanh_of(preactivation: Number) -> Number:
    """`(1 − e) / (1 + e)` with e = e^{−2|x|}, with the preactivation's sign."""
    most = 708.0 if preactivation.is_double else 87.0
    size = preactivation.bits("and_", ~preactivation.sign_bit)
    less, power = _exponential((size * -2.0).clip(-most, 0.0))
    gone = less * power + (power - 1.0)
    return (gone / (gone + 2.0)).with_sign_of(preactivation)


def _exponential(x: Number) -> tuple[Number, Number]:
    """`(e^r − 1, 2^n)` of a number that does not overflow."""
    # Adding 1.5·2^p leaves no room for a fraction: the sum is rounded to a whole number. ln 2 is in
    # two parts, the first short enough that n times it is exact.
    shift, high, low, terms, place, bias = (
        (6755399441055744.0, 6.93147180369123816490e-01, 1.90821492927058770002e-10, 13, 52, 1023)
        if x.is_double
        else (12582912.0, 0.693359375, -2.12194440e-4, 7, 23, 127)
    )
    shifted = x * (1 / math.log(2)) + shift
    n = shifted - shift
    r = x - n * high - n * low
    series = x.constant(1 / math.factorial(terms))
    for k in range(terms - 1, 0, -1):
        series = r * series + 1 / math.factorial(k)
    # The low bits of the shifted number are n, and become the exponent.
    return r * series, shifted.bits("shl", place).bits("add", bias << place)


def _elementwise(function: Callable[[Number], Number]) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return function(Number(builder, arguments[0])).value

    return codegen


@intrinsic
def sigmoid(_typing: Any, preactivation: Any) -> tuple[Any, Any]:
    """The logistic function of one number."""
    return preactivation(preactivation), _elementwise(sigmoid_of)


@intrinsic
def tanh(_typing: Any, preactivation: Any) -> tuple[Any, Any]:
    """The hyperbolic tangent of one number."""
    return preactivation(preactivation), _elementwise(tanh_of)
