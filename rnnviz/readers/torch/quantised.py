"""Quantised tensors and packed weights of `torch.ao.quantization` ▶ the floats they stand for.

A quantised number q stands for `scale · (q − zero_point)`; PyTorch, "Quantization", "Quantized
Tensors". `quantize_dynamic` packs the weights of recurrent and linear layers into script objects,
whose states are those of `aten/src/ATen/native/quantized/cpu/qlinear_unpack_impl.cpp` and
`aten/src/ATen/native/RNN.cpp` (`QuantizedCellParams`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.readers.tensors import Storage, StoredTensor, TensorView, UnsupportedTensor
from rnnviz.readers.torch.stand_in import StandIn


@dataclass(frozen=True, eq=False)
class QuantisedTensor:
    """Whole numbers with the scale and zero point of the tensor, or of each row along an axis."""

    numbers: TensorView
    scale: float | TensorView
    zero_point: int | TensorView
    axis: int = 0

    def dequantised(self, numbers: Array, scale: Array, zero_point: Array) -> Array:
        """The numbers they stand for, float32; scale and zero point per tensor or per row."""
        axes = [1] * numbers.ndim
        if scale.ndim:
            axes[self.axis] = -1
        shifted = numbers.astype(np.float32) - zero_point.reshape(axes)
        return np.asarray(shifted * scale.reshape(axes), np.float32)


def rebuild_quantised(
    storage: Any, offset: Any, shape: Any, stride: Any, parameters: Any, *_: object
) -> object:
    """Tensor of `torch._utils._rebuild_qtensor`: a storage of whole numbers, and how to read it."""
    if isinstance(storage, UnsupportedTensor):
        return storage
    if type(offset) is not int or not isinstance(storage, Storage):
        raise TypeError
    numbers = TensorView(storage.dtype, storage, offset, shape, stride)
    if len(parameters) == 3 and math.isfinite(parameters[1]):
        return QuantisedTensor(numbers, float(parameters[1]), int(parameters[2]))
    _, scale, zero_point, axis = parameters
    if not isinstance(scale, TensorView) or not isinstance(zero_point, TensorView):
        raise TypeError
    if not scale.shape == zero_point.shape == shape[axis : axis + 1]:
        raise ValueError
    return QuantisedTensor(numbers, scale, zero_point, axis)


Saved = StoredTensor | QuantisedTensor
Leaf = Saved | StandIn | tuple[Any, ...]
_SCRIPT_OBJECT = "torch.ScriptObject"
_RECURRENT = "_all_weight_values."
_LINEAR = "_packed_params._packed_params"
_CELL = "_packed_weight_"


def is_packed(name: str, value: object) -> bool:
    """True for an entry of a state dict that holds packed weights in place of a tensor."""
    if isinstance(value, StandIn):
        return value.name == _SCRIPT_OBJECT
    return isinstance(value, tuple) and name.endswith("_packed_params")


def unpacked(leaves: dict[str, Leaf]) -> dict[str, Saved]:
    """Tensors of a state dict under the names that they had before they were packed."""
    found: dict[str, Saved] = {}
    for name, leaf in leaves.items():
        if isinstance(leaf, StandIn | tuple):
            found.update(_unpacked(name, leaf, leaves))
        elif not _is_beside_packed(name, leaves):
            found[name] = leaf
    return found


def unsure_directions(leaves: dict[str, Leaf]) -> frozenset[str]:
    """Names of the weights of a second direction that may as well be those of a second level.

    Of two entries with as many inputs as units the sizes do not tell.
    """
    names = (name.rpartition(_RECURRENT) for name in leaves if name.endswith("1.param"))
    layers = [layer for layer, found, end in names if found and end == "1.param"]
    return frozenset(
        f"{layer}weight_ih_l0_reverse"
        for layer in layers
        if f"{layer}{_RECURRENT}2.param" not in leaves and _is_square(leaves, layer)
    )


def _is_square(leaves: dict[str, Leaf], layer: str) -> bool:
    n_inputs, n_units = _sizes(leaves[f"{layer}{_RECURRENT}1.param"])
    return bool(n_inputs == n_units)


def _is_beside_packed(name: str, leaves: dict[str, Leaf]) -> bool:
    """True for the scale and zero point of a linear layer's outputs."""
    path, _, own = name.rpartition(".")
    return own in ("scale", "zero_point") and f"{path}.{_LINEAR}".lstrip(".") in leaves


def _unpacked(
    name: str, leaf: StandIn | tuple[Any, ...], leaves: dict[str, Leaf]
) -> Iterator[tuple[str, Saved]]:
    path, _, own = name.rpartition(".")
    if name.endswith(_LINEAR):
        weight, bias = leaf if isinstance(leaf, tuple) else _linear(leaf)
        yield from _named(name.removesuffix(_LINEAR), {"weight": weight, "bias": bias})
    elif own.startswith(_CELL):
        weight, bias = _linear(leaf)
        side = own.removeprefix(_CELL)
        yield from _named(
            path + "." if path else "", {f"weight_{side}": weight, f"bias_{side}": bias}
        )
    elif own == "param" and _RECURRENT in name:
        layer, _, index = path.rpartition(_RECURRENT)
        yield from _named(layer, _level(leaf, _suffix(layer, int(index), leaves)))


def _named(prefix: str, tensors: dict[str, Any]) -> Iterator[tuple[str, Saved]]:
    for name, tensor in tensors.items():
        if tensor is None:
            continue
        if not isinstance(tensor, StoredTensor | QuantisedTensor):
            raise TypeError
        yield prefix + name, tensor


def _linear(packed: Any) -> tuple[Any, Any]:
    """Weight and bias of a script object of a linear layer."""
    (weight, bias), _ = packed.state
    return weight, bias


def _level(packed: Any, suffix: str) -> dict[str, Any]:
    """Tensors of one level and direction of a recurrent layer."""
    (_, biases, _, _, (inputs, recurrent)), _ = packed.state
    (weight_ih, bias_ih), (weight_hh, bias_hh) = _linear(inputs), _linear(recurrent)
    if biases:
        bias_ih, bias_hh = biases
    return {
        f"weight_ih{suffix}": weight_ih,
        f"weight_hh{suffix}": weight_hh,
        f"bias_ih{suffix}": bias_ih,
        f"bias_hh{suffix}": bias_hh,
    }


def _suffix(layer: str, index: int, leaves: dict[str, Leaf]) -> str:
    """End of the names of a recurrent layer's entry: `_l0`, or `_l0_reverse` of a second direction.

    The entries are numbered by level and direction together. The second direction of a level reads
    as many features as the first, and the next level both directions of the one below.
    """
    names = [f"{layer}{_RECURRENT}{i}.param" for i in range(3)]
    sizes = [_sizes(leaves[name]) for name in names if name in leaves]
    (n_inputs, n_units), *above = sizes
    is_both = len(above) > 0 and above[0][0] == n_inputs
    if len(above) > 1:
        is_both = above[1][0] == 2 * n_units
    level, direction = divmod(index, 2) if is_both else (index, 0)
    return f"_l{level}" + ("_reverse" if direction else "")


def _sizes(packed: Any) -> tuple[int, int]:
    (*_, (inputs, recurrent)), _ = packed.state
    return _shape(_linear(inputs)[0])[1], _shape(_linear(recurrent)[0])[1]


def _shape(tensor: Any) -> Any:
    return tensor.numbers.shape if isinstance(tensor, QuantisedTensor) else tensor.shape
