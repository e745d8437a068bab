"""exp, sigmoid and tanh that numba turns into vector instructions; imported only with numba.

`e^x = 2^n e^r` with n = round(x / ln 2) and |r| ≤ ln 2 / 2, where `e^r − 1` is its Taylor series
up to the type's own rounding. tanh goes through `e^x − 1`, so that it loses no digits near 0.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic, overload

# Sums keep their order; only a product and a sum may become one instruction.
COMPILE_OPTIONS: dict[str, Any] = {"fastmath": {"contract"}, "error_model": "numpy"}


@intrinsic
def _power_of_two(_typing: Any, rounded: Any) -> Any:
    """2^n of a number that `_round` shifted: its low bits are n, and become the exponent."""
    bits, place, bias = (64, 52, 1023) if rounded == types.float64 else (32, 23, 127)

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        integer = ir.IntType(bits)
        number = builder.bitcast(arguments[0], integer)
        exponent = builder.shl(number, ir.Constant(integer, place))
        exponent = builder.add(exponent, ir.Constant(integer, bias << place))
        return builder.bitcast(exponent, context.get_value_type(rounded))

    return rounded(rounded), codegen


def _parts(x: Any) -> Any:
    """`(e^r − 1, 2^n)` of a number between the floors."""
    raise NotImplementedError(x)


@overload(_parts, jit_options=COMPILE_OPTIONS, inline="always")
def _parts_32(x: Any) -> Any:
    if x != types.float32:
        return None
    number = np.float32
    # Adding 1.5·2^23 leaves no room for a fraction: the sum is rounded to a whole number.
    shift, per = number(12582912.0), number(1 / math.log(2))
    # ln 2 in two parts, the first short enough that n times it is exact.
    high, low = number(0.693359375), number(-2.12194440e-4)
    a2, a3, a4, a5, a6, a7 = (number(1 / math.factorial(k)) for k in range(2, 8))
    one = number(1)

    def implementation(x: Any) -> Any:
        shifted = x * per + shift
        n = shifted - shift
        r = (x - n * high) - n * low
        tail = a4 + r * (a5 + r * (a6 + r * a7))
        return r * (one + r * (a2 + r * (a3 + r * tail))), _power_of_two(shifted)

    return implementation


@overload(_parts, jit_options=COMPILE_OPTIONS, inline="always")
def _parts_64(x: Any) -> Any:
    if x != types.float64:
        return None
    shift, per = 6755399441055744.0, 1 / math.log(2)
    high, low = 6.93147180369123816490e-01, 1.90821492927058770002e-10
    a2, a3, a4, a5, a6, a7, a8 = (1 / math.factorial(k) for k in range(2, 9))
    a9, a10, a11, a12, a13 = (1 / math.factorial(k) for k in range(9, 14))

    def implementation(x: Any) -> Any:
        shifted = x * per + shift
        n = shifted - shift
        r = (x - n * high) - n * low
        tail = a8 + r * (a9 + r * (a10 + r * (a11 + r * (a12 + r * a13))))
        tail = a4 + r * (a5 + r * (a6 + r * (a7 + r * tail)))
        return r * (1.0 + r * (a2 + r * (a3 + r * tail))), _power_of_two(shifted)

    return implementation


@njit(inline="always", **COMPILE_OPTIONS)
def sigmoid(preactivation: Any, floor: Any) -> Any:
    """The logistic function; beyond the floor, of the preactivation's type, it is constant."""
    one = floor / floor
    x = -preactivation if preactivation > floor else -floor
    x = x if x > floor else floor
    less, power = _parts(x)
    return one / (one + (less * power + power))


@njit(inline="always", **COMPILE_OPTIONS)
def tanh(preactivation: Any, floor: Any) -> Any:
    """`−(e − 1) / (2 + (e − 1))` with e = e^{−2|x|}, with the preactivation's sign."""
    one = floor / floor
    x = -(one + one) * abs(preactivation)
    less, power = _parts(x if x > floor else floor)
    gone = less * power + (power - one)
    return math.copysign(-gone / ((one + one) + gone), preactivation)
