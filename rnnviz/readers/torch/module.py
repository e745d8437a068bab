"""Live `torch.nn` recurrent layers ▶ Model.

Names and row order of the weights are those of a state dict: `rnnviz.readers.torch.names`.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from rnnviz.core.arrays import Array, read_only
from rnnviz.core.checks import shown
from rnnviz.errors import AssumptionWarning
from rnnviz.network.model import Model
from rnnviz.readers.around import ArraysAround
from rnnviz.readers.embedding_readout import Matrices, NamedMatrix
from rnnviz.readers.import_stack import import_stack
from rnnviz.readers.recurrent import ModuleStack, RecurrentModule, layers_of
from rnnviz.readers.result import Answers, ImportResult, check_answers
from rnnviz.readers.torch.calls import WEIGHTS
from rnnviz.readers.torch.layers import (
    as_recurrent,
    kind_of,
    layer_arrays,
    modules_by_path,
    nonlinearity,
    recurrent_layers,
    unwrapped,
)
from rnnviz.readers.torch.numbers import numpy_of
from rnnviz.readers.torch.refusal import refusal
from rnnviz.readers.torch.undisturbed import undisturbed


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
    layers = recurrent_layers(unwrapped(module))
    if "" in layers and not path:
        return read_alone(unwrapped(module)).model
    result = read_part(module, path, answers)
    if result.assumptions:
        warnings.warn(_warning(result), AssumptionWarning, stacklevel=2)
    return result.model


def _warning(result: ImportResult) -> str:
    return (
        f"{shown(result.model.source, 80)} was not run and does not say all that this reading"
        f" takes: {'; '.join(map(str, result.assumptions))};"
        " rnnviz.trace(module, values) runs it."
    )


def read_part(module: Any, path: str = "", answers: Answers = {}) -> ImportResult:
    """A recurrent layer of a live module with its embedding and its readout, not run.

    Raises ModelError for a path that names none, and without a path for other than one layer.
    """
    bare = unwrapped(module)
    layers = recurrent_layers(bare)
    if path not in layers and (path or len(layers) != 1):
        raise refusal(bare, path, layers)
    chosen = path if path in layers else next(iter(layers))
    [result] = _results(bare, {chosen: layers[chosen]}, layers, answers)
    check_answers((result,), answers)
    return result


class Alone(NamedTuple):
    """A module that is itself the layer: its weights as they were, and its model."""

    own: RecurrentModule
    model: Model


def read_alone(module: Any) -> Alone:
    """A recurrent layer without embedding, readout or questions; an unchanged one is kept."""
    arrays, kept = layer_arrays("", module), _KEPT.get(module)
    is_same = kept is not None and kept.own.activation == nonlinearity(module)
    if kept is not None and is_same and _are_equal(kept.own.arrays, arrays):
        return kept
    own = as_recurrent("", module, arrays)
    layers = layers_of((own,), own.cells[0], own.activation)
    _KEPT[module] = Alone(own, Model(layers, source=_source(module, "")))
    return _KEPT[module]


# Models cannot change, so an unchanged module gives the same one; it is let go with its module.
_KEPT: WeakKeyDictionary[Any, Alone] = WeakKeyDictionary()


def _are_equal(kept: Mapping[str, Array], arrays: Mapping[str, Array]) -> bool:
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
    bare = unwrapped(module)
    layers = recurrent_layers(bare)
    results = _results(bare, layers, layers, answers)
    check_answers(results, answers)
    return results


def _results(
    module: Any, chosen: dict[str, Any], layers: dict[str, Any], answers: Answers
) -> tuple[ImportResult, ...]:
    arrays, matrices = _embeddings_and_linears(module)
    stacks = {
        path: ModuleStack(path, (as_recurrent(path, layer, layer_arrays(path, layer)),))
        for path, layer in chosen.items()
    }
    # Of the others only the place matters: what lies nearer to them is theirs.
    every = (stacks.get(path, ModuleStack(path, ())) for path in layers)
    around = ArraysAround(arrays, matrices, every)
    results = (
        import_stack(stack, around, answers, _source(module, stack.path))
        for stack in stacks.values()
    )
    return tuple(replace(result, answers=answers) for result in results)


def _source(module: Any, path: str) -> str:
    name = kind_of(module)
    return f"torch.nn.{name}" if name else f"{type(module).__name__}.{path}"


def _embeddings_and_linears(module: Any) -> tuple[dict[str, Array], Matrices]:
    """The arrays of torch's own embeddings and linear layers inside by name, and their matrices."""
    arrays: dict[str, Array] = {}
    matrices = []
    for path, inner in modules_by_path(module):
        kind = kind_of(inner)
        if kind not in ("Embedding", "Linear") or not path:
            continue
        with undisturbed(inner):
            # A parametrised weight is computed when it is asked for.
            own = {f"{path}.{n}": y for n in WEIGHTS[kind] if (y := getattr(inner, n)) is not None}
        if not any(array.is_meta for array in own.values()):
            arrays |= {name: read_only(np.array(numpy_of(array))) for name, array in own.items()}
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
