"""A product on two threads of which neither waits long for the other; imported only with numba.

The weights of 512 units do not fit one core's own cache, but half of them nearly do. A second
thread takes half of every step's product; where it is late, as on busy cores, the first computes
that half too, and for some steps does not look for it again. Threads that must meet at every step
took up to 15 s for what one of them does in 60 ms.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

from rnnviz.core.arrays import Array
from rnnviz.engine.kernels.numba_math import COMPILE_OPTIONS
from rnnviz.engine.kernels.numba_matmul import matmul, product_buffer

# Places among the signs, a cache line apart: the step asked for, the step answered, and for how
# many steps the first thread goes alone, now and after the next time that it waits in vain.
_ASKED, _ANSWERED, _ALONE, _NEXT = 0, 16, 32, 33
_OVER = -1
_MOST_ALONE = 256
# Looks in vain before the second thread leaves for good: about a millisecond.
_IDLE = 300_000
# A look takes as long as about so many numbers of a product.
_NUMBERS = 40


@contextmanager
def second_thread(buffers: Array, hidden: Array, panels: Array) -> Iterator[tuple[Array, Array]]:
    """A thread that multiplies each step's hidden state with these panels while this one works.

    Yields (signs, answer): how `ask` asks, and where the products go, (1, panel·width).
    """
    signs = np.zeros(48, np.int64)
    signs[_NEXT] = 1
    answer = product_buffer(1, panels)
    thread = Thread(target=_answer, args=(signs, buffers, hidden, panels, answer), daemon=True)
    thread.start()
    try:
        yield signs, answer
    finally:
        signs[_ASKED] = _OVER
        thread.join()


@njit(nogil=True, **COMPILE_OPTIONS)
def ask(signs: Array, step: int) -> None:
    """Ask for the product with the hidden state before a step, counted from 1."""
    _write(signs, _ASKED, step)


@njit(nogil=True, **COMPILE_OPTIONS)
def is_answered(step: int, signs: Array, numbers: int) -> bool:
    """True when the answer is the step's; the first thread looks as long as a product takes.

    numbers  of the other thread's panels.
    """
    if signs[_ALONE] > 0:
        signs[_ALONE] -= 1
        return bool(_read(signs, _ANSWERED) == step)
    for _ in range(numbers // _NUMBERS):
        if _read(signs, _ANSWERED) == step:
            signs[_NEXT] = 1
            return True
    signs[_ALONE] = signs[_NEXT]
    signs[_NEXT] = min(2 * signs[_NEXT], _MOST_ALONE)
    return False


@njit(cache=True, nogil=True, **COMPILE_OPTIONS)
def _answer(signs: Array, buffers: Array, hidden: Array, panels: Array, answer: Array) -> None:
    answered, idle = 0, 0
    while idle < _IDLE:
        step = _read(signs, _ASKED)
        if step == _OVER:
            return
        if step == answered:
            idle += 1
            continue
        # What is asked for may be over when the answer comes: it is then not looked at.
        matmul(hidden if step == 1 else buffers[-1, step - 2], panels, answer)
        _write(signs, _ANSWERED, step)
        answered, idle = step, 0


@intrinsic
def _read(_typing: Any, signs: Any, place: Any) -> tuple[Any, Any]:
    """A sign, and with it all that was written before it."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load_atomic(_at(context, builder, signature, arguments), "acquire", 8)

    return types.int64(signs, place), codegen


@intrinsic
def _write(_typing: Any, signs: Any, place: Any, step: Any) -> tuple[Any, Any]:
    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        at = _at(context, builder, signature, arguments)
        builder.store_atomic(arguments[2], at, "release", 8)
        return context.get_dummy_value()

    return types.void(signs, place, types.int64), codegen


def _at(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    return builder.gep(array.data, [arguments[1]])
