"""The readout of a live module: a linear layer that read the hidden states and gave the output."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rnnviz.network.model import Readout
from rnnviz.readers.torch.calls import Calls
from rnnviz.readers.torch.numbers import numpy_of
from rnnviz.readers.torch.tensors_in import tensors_in

_TOLERANCE = {"torch.float64": 1e-9, "torch.float32": 1e-5}
_HALF = 3e-2
Arrange = Callable[[Any], Any]


def live_readout(
    calls: Calls, hidden: Any, lengths: tuple[int, ...], output: Any
) -> Readout | None:
    """The linear layer that read these hidden states and from which the module's output came.

    calls   of the module's linear layers.
    hidden  tensor (time, batch, unit) of the top level.
    output  of the module, whatever it is made of.

    Its activation is the one that gives the output: none, softmax or sigmoid, or their logarithm.
    None where no linear layer and no activation do.
    """
    given = list(tensors_in(output))
    for layer_calls in calls.values():
        weights = layer_calls[0].weights if layer_calls else {}
        if not weights or weights["weight"].shape[1] != hidden.shape[-1]:
            continue
        if _reads(layer_calls, hidden, lengths):
            name = _activation(weights, hidden, lengths, given)
            if name:
                return _readout(weights, name)
    return None


def _reads(calls: list[Any], hidden: Any, lengths: tuple[int, ...]) -> bool:
    """True when a linear layer read the hidden states: a step at a time, or in one call."""
    import torch

    inputs = [call.inputs for call in calls]
    is_by_step = len(inputs) == len(hidden) and all(x.shape == hidden.shape[1:] for x in inputs)
    if is_by_step and are_close(torch.stack(inputs), hidden):
        return True
    whole = [arrange(hidden) for arrange in _arrangements(lengths)]
    return any(are_close(x, states) for x in inputs for states in whole)


def _activation(
    weights: Mapping[str, Any], hidden: Any, lengths: tuple[int, ...], given: list[Any]
) -> str:
    import torch
    from torch.nn import functional

    bias = weights["bias"]
    with torch.no_grad():
        drive = functional.linear(hidden, weights["weight"], bias)
        functions: dict[str, tuple[Callable[[Any], Any], ...]] = {
            "linear": (lambda z: z,),
            "softmax": (lambda z: z.softmax(-1), lambda z: z.log_softmax(-1)),
            "sigmoid": (torch.sigmoid, lambda z: z.sigmoid().log()),
        }
        for name, ways in functions.items():
            for way in ways:
                outputs = way(drive)
                for arrange in _arrangements(lengths):
                    wanted = arrange(outputs)
                    if any(_is_given(wanted, tensor) for tensor in given):
                        return name
    return ""


def _is_given(wanted: Any, tensor: Any) -> bool:
    shapes = (tensor, tensor.transpose(1, 2)) if tensor.dim() == 3 else (tensor,)
    narrow = (wanted, wanted[..., 0]) if wanted.shape[-1] == 1 else (wanted,)
    return any(are_close(shape, each) for shape in shapes for each in narrow)


def _arrangements(lengths: tuple[int, ...]) -> Iterator[Arrange]:
    """Ways in which modules lay out (time, batch, number): all steps, or every row's last."""
    rows, last = list(range(len(lengths))), [n - 1 for n in lengths]
    yield lambda x: x
    yield lambda x: x.swapaxes(0, 1)
    yield lambda x: x.flatten(0, 1)
    yield lambda x: x.swapaxes(0, 1).flatten(0, 1)
    yield lambda x: x[last, rows]
    yield lambda x: x[last, rows][None]
    if len(lengths) == 1:
        yield lambda x: x[:, 0]
        yield lambda x: x[-1, 0]


def are_close(got: Any, wanted: Any) -> bool:
    """True for tensors of one shape, equal but for the rounding of a real type."""
    if got.shape != wanted.shape:
        return False
    if not got.numel() or not got.is_floating_point() or not wanted.is_floating_point():
        return got.dtype == wanted.dtype and bool((got == wanted).all())
    size = wanted.abs().max().double().clamp(min=1.0)
    gap = (got.double() - wanted.double()).abs().max()
    return bool(gap <= size * _TOLERANCE.get(str(got.dtype), _HALF))


def _readout(weights: Mapping[str, Any], activation: str) -> Readout:
    matrix = numpy_of(weights["weight"])
    bias = weights["bias"]
    return Readout(
        matrix, numpy_of(bias) if bias is not None else matrix[:, 0] * 0, activation=activation
    )
