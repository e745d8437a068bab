"""Live `torch.nn` recurrent layers ▶ Model.

Names and row order of the weights are those of a state dict: `rnnviz.readers.torch.names`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from rnnviz.core.arrays import Array, read_only
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.network.model import Model
from rnnviz.readers.embedding_readout import Matrices, NamedMatrix
from rnnviz.readers.recurrent import ModuleStack, RecurrentModule, layers_of
from rnnviz.readers.result import Answers, ImportResult, check_answers
from rnnviz.readers.state_dict import import_modules
from rnnviz.readers.torch.names import torch_module

_LAYERS = ("RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell")


def from_torch(module: Any, path: str = "", **answers: str) -> Model:
    """A model with the weights of a live recurrent layer, all levels and directions.

    module   a `torch.nn.RNN`, `LSTM`, `GRU`, a cell of theirs, or a module that holds one; with
             its embedding and its readout where one of each fits.
    path     which one, where the module holds several: "encoder.rnn".
    answers  to the questions of `modules_in`: `readout_activation="linear"`, …

    The weights are copied and dropout is left out; the module stays as it is. Sequences are (time,
    batch, feature) whatever its `batch_first`. Raises ModelError for another module.

    >>> import torch
    >>> from_torch(torch.nn.GRU(3, 5, num_layers=2)).levels[1][0].title
    'gru_reset_after layer 1 forward'
    """
    layers = _layers(module)
    if "" in layers and not path:
        return _alone(module)
    if path not in layers and (path or len(layers) != 1):
        _refuse(module, path, layers)
    chosen = path if path in layers else next(iter(layers))
    results = _results(module, {chosen: layers[chosen]}, layers, answers)
    check_answers(results, answers)
    return results[0].model


def _alone(module: Any) -> Model:
    """The model of a module that is itself the layer, without embedding, readout or questions."""
    arrays, activation = _arrays("", module), _activation(module)
    kept = _KEPT.get(module)
    if kept is not None and kept.activation == activation and _are_equal(kept.arrays, arrays):
        return kept.model
    arrays = {name: read_only(np.array(array)) for name, array in arrays.items()}
    own = torch_module("", arrays, activation=activation, cell_origin="framework")
    model = Model(layers_of((own,), own.cells[0], activation), source=_source(module, ""))
    _KEPT[module] = _Kept(arrays, activation, model)
    return model


class _Kept(NamedTuple):
    """A module's last model, with copies of the arrays that it was made of."""

    arrays: dict[str, Array]
    activation: str
    model: Model


# Models cannot change, so an unchanged module gives the same one; it is let go with its module.
_KEPT: WeakKeyDictionary[Any, _Kept] = WeakKeyDictionary()


def _are_equal(kept: dict[str, Array], arrays: dict[str, Array]) -> bool:
    """True when every number is equal: weights may change unnoticed by their module."""
    return kept.keys() == arrays.keys() and all(
        array.dtype == kept[name].dtype
        and array.shape == kept[name].shape
        and np.logical_and.reduce(array == kept[name], axis=None)
        for name, array in arrays.items()
    )


def modules_in(module: Any, answers: Answers = {}) -> tuple[ImportResult, ...]:
    """Every recurrent layer that a live module holds, by its path.

    Raises ModelError for a layer whose weights cannot be read; gives nothing where there is none.

    >>> import torch
    >>> pair = torch.nn.ModuleDict({"encoder": torch.nn.GRU(3, 5), "decoder": torch.nn.GRU(3, 5)})
    >>> [result.name for result in modules_in(pair)]
    ['encoder', 'decoder']
    """
    layers = _layers(module)
    results = _results(module, layers, layers, answers)
    check_answers(results, answers)
    return results


def _layers(module: Any) -> dict[str, Any]:
    """Torch's own recurrent layers inside, by path."""
    return {path: inner for path, inner in _modules(module) if _kind(inner) in _LAYERS}


def _modules(module: Any) -> Iterator[tuple[str, Any]]:
    import torch

    if isinstance(module, torch.nn.Module):
        yield from module.named_modules()


def _kind(module: Any) -> str:
    """Torch's name for exactly this class, "" for any other.

    A subclass, or another library's LSTM, may compute something else. Parametrised modules are of
    a class made for them, which computes the same on computed weights.
    """
    from torch.nn.utils.parametrize import is_parametrized

    kind = type(module).__base__ if is_parametrized(module) else type(module)
    places = ("torch.nn.modules.rnn", "torch.nn.modules.sparse", "torch.nn.modules.linear")
    return str(kind.__name__) if kind is not None and kind.__module__ in places else ""


def _refuse(module: Any, path: str, layers: dict[str, Any]) -> None:
    if layers:
        raise ModelError(
            "One recurrent layer was expected, but this module has {count} ({paths}) and “{path}”"
            ' names none of them; choose one, as in from_torch(module, "{first}").',
            count=len(layers),
            paths=shown(", ".join(layers), 200),
            path=path,
            first=next(iter(layers)),
        )
    for _, inner in _modules(module):
        if type(inner).__name__ in _LAYERS or _is_derived(inner):
            raise ModelError(
                "from_torch takes exactly torch.nn.RNN, LSTM, GRU and their cells, but {came} is"
                " another class, which may compute something else; load its weights into torch's.",
                came=f"{type(inner).__module__}.{type(inner).__qualname__}",
            )
    raise ModelError(
        "from_torch takes a torch.nn.RNN, LSTM or GRU, one of their cells or a module that holds"
        " one, but {came} came.",
        came=type(module).__name__,
    )


def _is_derived(module: Any) -> bool:
    import torch

    return isinstance(module, torch.nn.RNNBase | torch.nn.RNNCellBase)


def _results(
    module: Any, chosen: dict[str, Any], layers: dict[str, Any], answers: Answers
) -> tuple[ImportResult, ...]:
    arrays, matrices = _embeddings_and_linears(module)
    stacks = {path: ModuleStack(path, (_recurrent(path, y),)) for path, y in chosen.items()}
    # Of the others only the place matters: what lies nearer to them is theirs.
    every = tuple(stacks.get(path, ModuleStack(path, ())) for path in layers)
    results = (
        import_modules(stack, every, arrays, matrices, answers, _source(module, stack.path))
        for stack in stacks.values()
    )
    return tuple(replace(result, answers=answers) for result in results)


def _source(module: Any, path: str) -> str:
    name = _kind(module)
    return f"torch.nn.{name}" if name else f"{type(module).__name__}.{path}"


def _recurrent(path: str, module: Any) -> RecurrentModule:
    arrays = {name: read_only(np.array(array)) for name, array in _arrays(path, module).items()}
    return torch_module(path, arrays, activation=_activation(module), cell_origin="framework")


def _activation(module: Any) -> str:
    return getattr(module, "nonlinearity", "") if _kind(module).startswith("RNN") else ""


def _arrays(path: str, module: Any) -> dict[str, Array]:
    """The module's own weights by name, uncopied where that is possible."""
    names = [name for names in getattr(module, "_all_weights", []) for name in names]
    names = names or ["weight_ih", "weight_hh", *(["bias_ih", "bias_hh"] if module.bias else [])]
    return {name: _weight(path, name, module) for name in names}


def _weight(path: str, name: str, module: Any) -> Array:
    full = f"{path}.{name}" if path else name
    weight = module._parameters.get(name)
    if weight is None:
        weight = _computed(full, name, module)
    if weight.is_meta or weight.is_complex():
        raise ModelError(
            "“{name}” should hold real numbers, but it is a {dtype} tensor on the device {device};"
            " load real weights first.",
            name=full,
            dtype=weight.dtype,
            device=weight.device,
        )
    return _numpy(weight)


def _computed(full: str, name: str, module: Any) -> Any:
    """A weight that is none of the module's own parameters, but made of them when asked for."""
    from torch.nn.utils.parametrize import is_parametrized

    if not is_parametrized(module, name):
        raise ModelError(
            "“{name}” is computed by a hook (weight_norm, prune or the like);"
            " remove the hook, as with torch.nn.utils.remove_weight_norm or prune.remove.",
            name=full,
        )
    return getattr(module, name)


def _numpy(weight: Any) -> Array:
    # NumPy has no bfloat16; float32 holds all of its numbers and all of float16's.
    wide = weight.detach().float() if weight.itemsize < 4 else weight.detach()
    return np.asarray(wide.cpu().numpy())


def _embeddings_and_linears(module: Any) -> tuple[dict[str, Array], Matrices]:
    """The arrays of torch's own embeddings and linear layers inside by name, and their matrices."""
    arrays: dict[str, Array] = {}
    matrices = []
    for path, inner in _modules(module):
        kind = _kind(inner)
        if kind in ("Embedding", "Linear") and not inner.weight.is_meta:
            own = dict(inner.named_parameters(prefix=path, recurse=False))
            arrays |= {name: read_only(np.array(_numpy(array))) for name, array in own.items()}
            matrices.append(_matrix(path, kind, own))
    return arrays, tuple(matrices)


def _matrix(path: str, kind: str, own: dict[str, Any]) -> NamedMatrix:
    weights, bias = f"{path}.weight", f"{path}.bias"
    return NamedMatrix(
        path,
        weights,
        bias if bias in own else "",
        tuple(own[weights].shape),
        "embedding" if kind == "Embedding" else "linear",
    )
