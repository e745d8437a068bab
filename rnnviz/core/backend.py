"""Array functions that a step needs, for NumPy and for Torch.

Everything else (`+`, `*`, `@`, slices) is spelled alike by both, so a cell's equation is one text.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.errors import MissingLibraryError, ModelError

BackendName = Literal["numpy", "torch"]
Tensor = Any
Function = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Backend:
    """Array functions of one library.

    sigmoid   the logistic function.
    tanh      the hyperbolic tangent.
    exp       the exponential function.
    softplus  ln(1 + exp z), without overflow.
    softmax   along the last axis.
    clip      (array, low, high) ▶ no value below or above; None for no such bound.
    maximum   of two arrays, elementwise.
    where     (condition, one, other).
    array     NumPy or foreign numbers ▶ this library's array, in the given NumPy dtype.
    zeros     shape and NumPy dtype ▶ zeros.
    full      (number, array) ▶ that number in the array's type, to stand in any of its places.
    join      arrays ▶ one, along the last axis.
    stack     arrays ▶ one, along a new first axis.
    stack_transposed  matrices (row, column) of one shape ▶ (column, matrix·row), contiguous.
    diagonal  (unit,) ▶ the matrix (unit, unit) with that diagonal.
    numpy     this library's array ▶ NumPy, cut loose from any gradient.
    """

    sigmoid: Function
    tanh: Function
    exp: Function
    softplus: Function
    softmax: Function
    clip: Callable[[Tensor, float | None, float | None], Tensor]
    maximum: Callable[[Tensor, Tensor], Tensor]
    where: Callable[[Tensor, Tensor, Tensor], Tensor]
    array: Callable[[Any, np.dtype[Any]], Tensor]
    zeros: Callable[[tuple[int, ...], np.dtype[Any]], Tensor]
    full: Callable[[float, Tensor], Tensor]
    join: Callable[[Sequence[Tensor]], Tensor]
    stack: Callable[[Sequence[Tensor]], Tensor]
    stack_transposed: Callable[[Sequence[Tensor]], Tensor]
    diagonal: Function
    numpy: Callable[[Tensor], Array]


def get_backend(backend: str = "numpy", device: str = "cpu") -> Backend:
    """The functions of a back end, "numpy" or "torch" (on any of Torch's devices).

    Raises ModelError for another name or a device that is not there, and MissingLibraryError when
    Torch is not installed.

    >>> float(get_backend("numpy").sigmoid(np.float64(0)))
    0.5
    """
    if backend == "numpy" and device != "cpu":
        raise ModelError(
            'NumPy computes on the "cpu" only, but the device "{device}" was asked for;'
            ' choose the "torch" back end.',
            device=device,
        )
    if backend == "numpy":
        return _numpy()
    if backend == "torch":
        return _torch(device)
    raise ModelError('The back end is "numpy" or "torch", but "{came}" came.', came=backend)


def _sigmoid(drive: Array) -> Array:
    # Below this exp overflows; the sigmoid there is under the type's smallest normal number.
    floor = -87.0 if drive.dtype == np.float32 else -708.0
    return np.asarray(1 / (1 + np.exp(-np.maximum(drive, drive.dtype.type(floor)))))


def _softmax(drive: Array) -> Array:
    exponent = np.exp(drive - drive.max(axis=-1, keepdims=True))
    return np.asarray(exponent / exponent.sum(axis=-1, keepdims=True))


def _stack_transposed(matrices: Sequence[Array]) -> Array:
    rows, columns = matrices[0].shape
    stacked = np.empty((columns, len(matrices), rows), np.result_type(*matrices))
    for i, matrix in enumerate(matrices):
        stacked[:, i] = matrix.T
    return stacked.reshape(columns, -1)


@cache
def _numpy() -> Backend:
    return Backend(
        sigmoid=_sigmoid,
        tanh=np.tanh,
        exp=np.exp,
        softplus=lambda z: np.logaddexp(z, z.dtype.type(0)),
        softmax=_softmax,
        clip=np.clip,
        maximum=np.maximum,
        where=np.where,
        array=lambda values, dtype: np.asarray(values, dtype=dtype),
        zeros=lambda shape, dtype: np.zeros(shape, dtype=dtype),
        full=lambda number, like: like.dtype.type(number),
        join=lambda arrays: np.concatenate(arrays, axis=-1),
        stack=np.stack,
        stack_transposed=_stack_transposed,
        diagonal=np.diag,
        numpy=np.asarray,
    )


@cache
def _torch(device: str) -> Backend:
    if importlib.util.find_spec("torch") is None:
        raise MissingLibraryError(
            "The Torch back end needs PyTorch, which is not installed;"
            ' run `pip install torch` or choose the "numpy" back end.'
        )
    import torch

    try:
        torch.zeros(0, device=device)
    # A build of Torch without CUDA says so with an AssertionError.
    except (RuntimeError, AssertionError) as error:
        raise ModelError(
            'Torch cannot compute on the device "{device}" here; choose "cpu".', device=device
        ) from error

    def array(values: Any, dtype: np.dtype[Any]) -> Tensor:
        # Torch takes no read-only NumPy memory, so NumPy's numbers are copied.
        is_tensor = isinstance(values, torch.Tensor)
        given = values if is_tensor else torch.tensor(np.asarray(values, dtype=dtype))
        return given.to(device=device, dtype=getattr(torch, dtype.name))

    return Backend(
        sigmoid=torch.sigmoid,
        tanh=torch.tanh,
        exp=torch.exp,
        softplus=lambda z: torch.logaddexp(z, torch.zeros_like(z)),
        softmax=lambda drive: torch.softmax(drive, dim=-1),
        clip=torch.clamp,
        maximum=torch.maximum,
        where=torch.where,
        array=array,
        zeros=lambda shape, dtype: torch.zeros(
            shape, dtype=getattr(torch, dtype.name), device=device
        ),
        full=lambda number, like: torch.tensor(number, dtype=like.dtype, device=like.device),
        join=lambda arrays: torch.cat(tuple(arrays), dim=-1),
        stack=lambda arrays: torch.stack(tuple(arrays)),
        stack_transposed=lambda matrices: torch.cat(tuple(matrices)).T.contiguous(),
        diagonal=torch.diag,
        numpy=lambda tensor: tensor.detach().cpu().numpy(),
    )
