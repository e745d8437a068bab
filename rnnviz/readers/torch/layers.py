"""Torch's own recurrent layers inside a live module, and the weights that they compute with."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array, read_only
from rnnviz.errors import ModelError
from rnnviz.readers.recurrent import RecurrentModule
from rnnviz.readers.torch.names import torch_module
from rnnviz.readers.torch.numbers import numpy_of
from rnnviz.readers.torch.undisturbed import undisturbed

RECURRENT_KINDS = ("RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell")
_PLACES = ("torch.nn.modules.rnn", "torch.nn.modules.sparse", "torch.nn.modules.linear")
_WRAPPERS = ("DataParallel", "DistributedDataParallel")


def unwrapped(module: Any) -> Any:
    """The module inside `DataParallel` and `torch.compile`."""
    while is_module(module):
        if "_orig_mod" in module._modules:
            module = module._orig_mod
        elif type(module).__name__ in _WRAPPERS and type(module).__module__.startswith("torch."):
            module = module.module
        else:
            break
    return module


def modules_by_path(module: Any) -> Iterator[tuple[str, Any]]:
    """Every module inside, itself first; none where this is no module."""
    if is_module(module):
        yield from module.named_modules()


def is_module(value: Any) -> bool:
    """True for a module of torch, which is not imported to tell."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.nn.Module)


def recurrent_layers(module: Any, kind: Callable[[Any], str] | None = None) -> dict[str, Any]:
    """Recurrent layers inside, by path: torch's own, or those to which `kind` gives a name."""
    name = kind_of if kind is None else kind
    return {path: y for path, y in modules_by_path(module) if name(y) in RECURRENT_KINDS}


def kind_of(module: Any) -> str:
    """Torch's name for exactly this class, "" for any other.

    A subclass, or another library's LSTM, may compute something else. Parametrised modules are of
    a class made for them, which computes the same on computed weights.
    """
    from torch.nn.utils.parametrize import is_parametrized

    kind = type(module).__base__ if is_parametrized(module) else type(module)
    return str(kind.__name__) if kind is not None and kind.__module__ in _PLACES else ""


def recurrent_kind(module: Any) -> str:
    """Torch's name for the recurrent class that a layer is of or made from, "" for any other."""
    made: Any = type(module)
    return _kind_of_class(made)


@lru_cache(maxsize=64)
def _kind_of_class(made: type) -> str:
    kinds = (kind for kind in made.__mro__ if kind.__module__ in _PLACES)
    return next((kind.__name__ for kind in kinds if kind.__name__ in RECURRENT_KINDS), "")


def is_cell(module: Any) -> bool:
    """True for a layer that reads one step a call."""
    return recurrent_kind(module).endswith("Cell")


def is_plain(module: Any) -> bool:
    """True for a recurrent layer that is nothing but torch's class and its own weights.

    Hooks, parametrisations and a forward of its own can make it compute something else.
    """
    has_hooks = module._forward_hooks or module._forward_pre_hooks
    if has_hooks or "forward" in module.__dict__ or type(module).__module__ not in _PLACES:
        return False
    return all(module._parameters.get(name) is not None for name in weight_names(module))


def nonlinearity(module: Any) -> str:
    """Activation of a simple RNN, "" for any other layer."""
    if recurrent_kind(module)[:3] != "RNN":
        return ""
    # torch.nn.RNN computes by its mode, whatever its nonlinearity is set to afterwards.
    modes = {"RNN_TANH": "tanh", "RNN_RELU": "relu"}
    return str(module.nonlinearity if is_cell(module) else modes[module.mode])


def weight_names(module: Any) -> list[str]:
    """Names of a layer's weights inside it."""
    names = [name for names in getattr(module, "_all_weights", []) for name in names]
    return names or ["weight_ih", "weight_hh", *(["bias_ih", "bias_hh"] if module.bias else [])]


def layer_arrays(path: str, module: Any) -> dict[str, Array]:
    """A layer's weights by name, uncopied where that is possible.

    Raises ModelError naming the weight that is computed in an unknown way or holds no real numbers.
    """
    return real_arrays(path, layer_weights(path, module))


def layer_weights(path: str, module: Any) -> dict[str, Any]:
    """A layer's weights by name, tensors, computed where they are made of others.

    Raises ModelError naming the weight that is computed in an unknown way.
    """
    return {name: _weight(path, name, module) for name in weight_names(module)}


def real_arrays(path: str, weights: dict[str, Any]) -> dict[str, Array]:
    """Arrays of a layer's tensors. Raises ModelError naming the one that holds no real numbers."""
    for name, weight in weights.items():
        if weight.is_meta or weight.is_complex():
            raise no_real_numbers(_full(path, name), weight)
    return {name: numpy_of(weight) for name, weight in weights.items()}


def no_real_numbers(name: str, tensor: Any) -> ModelError:
    """The error for a complex tensor, or one without numbers."""
    return ModelError(
        "“{name}” should hold real numbers, but it is a {dtype} tensor on the device {device};"
        " load real weights first.",
        name=name,
        dtype=tensor.dtype,
        device=tensor.device,
    )


def as_recurrent(path: str, module: Any, arrays: dict[str, Array]) -> RecurrentModule:
    """A layer with copies of its weights."""
    copies = {name: read_only(np.array(array)) for name, array in arrays.items()}
    return torch_module(path, copies, activation=nonlinearity(module), cell_origin="framework")


def _full(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _weight(path: str, name: str, module: Any) -> Any:
    weight = module._parameters.get(name)
    return weight if weight is not None else _computed(path, name, module)


def _computed(path: str, name: str, module: Any) -> Any:
    """A weight that is none of the module's own parameters, but made of them when asked for."""
    import torch
    from torch.nn.utils.parametrize import is_parametrized

    # A spectral norm changes its vectors whenever it is asked in training mode.
    with undisturbed(module), torch.no_grad():
        if is_parametrized(module, name):
            return getattr(module, name)
        for hook in module._forward_pre_hooks.values():
            if name in (getattr(hook, "name", ""), getattr(hook, "_tensor_name", "")):
                weight = _by_torchs_hook(hook, module)
                if weight is not None:
                    return weight
    raise ModelError(
        "“{name}” is computed when its module runs, by what is not torch's own; run it, as in"
        " rv.trace(module, values), which reads the weights that the run used.",
        name=_full(path, name),
    )


def _by_torchs_hook(hook: Any, module: Any) -> Any:
    from torch.nn.utils.prune import BasePruningMethod
    from torch.nn.utils.spectral_norm import SpectralNorm
    from torch.nn.utils.weight_norm import WeightNorm

    if isinstance(hook, BasePruningMethod):
        return hook.apply_mask(module)  # type: ignore[no-untyped-call]
    if isinstance(hook, WeightNorm):
        return hook.compute_weight(module)
    if isinstance(hook, SpectralNorm):
        return hook.compute_weight(module, do_power_iteration=False)
    return None
