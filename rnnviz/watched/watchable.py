"""The layers of a model that can be watched, and how their calls are seen."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any

from rnnviz.watched.eager import check_eager
from rnnviz.watched.hooks import CallKeeper, hooked
from rnnviz.watched.keras_hooks import keras_hooked
from rnnviz.watched.keras_kind import KerasKind, is_keras
from rnnviz.watched.layer_kind import LayerKind, TorchKind
from rnnviz.watched.options import chosen_layers


def kind_of_model(model: Any) -> LayerKind:
    """The framework that a model is of."""
    return KerasKind() if is_keras(model) else TorchKind()


def watchable_layers(model: Any, paths: Iterable[str] | None) -> dict[str, Any]:
    """The recurrent layers of a model by path, all or those at some paths.

    Raises ModelError for a model without such a layer or whose layers are compiled, and InputError
    for paths of nothing recurrent.
    """
    kind = kind_of_model(model)
    chosen = chosen_layers(kind.found(model), kind.at_paths(model), paths)
    check_eager(model, chosen)
    return chosen


def watched_calls(model: Any, calls: CallKeeper) -> AbstractContextManager[None]:
    """A context in which the calls of a layer of a model are handed on."""
    return keras_hooked(calls) if is_keras(model) else hooked(calls)
