"""Modules in which no recurrent layer can be traced, each refused with what leads on."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any

from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.torch.layers import RECURRENT_KINDS, modules_by_path, recurrent_kind


def refusal(module: Any, path: str, layers: Mapping[str, Any]) -> ModelError:
    """The error for a module of which a path names no recurrent layer.

    layers  those that it may name.
    """
    if isinstance(module, str | PathLike):
        return ModelError(
            "A model is wanted, but the path “{came}” came; open it with rnnviz.read_model.",
            came=shown(str(module), 80),
        )
    if layers and not path:
        return ModelError(
            "One recurrent layer is wanted, but this module has {count} ({paths}); choose one, as"
            ' in path="{first}".',
            count=len(layers),
            paths=shown(", ".join(layers), 200),
            first=next(iter(layers)),
        )
    if layers:
        return ModelError(
            "One recurrent layer was expected, but this module has {count} ({paths}) and “{path}”"
            ' names none of them; choose one, as in path="{first}".',
            count=len(layers),
            paths=shown(", ".join(layers), 200),
            path=path,
            first=next(iter(layers)),
        )
    came, place = type(module).__name__, _package(module)
    if place == "keras":
        return ModelError(
            "A module of torch.nn is wanted, but {came} is a Keras model; save it, as in"
            ' model.save("model.keras"), and open it with rv.read_model("model.keras").',
            came=came,
        )
    if place.startswith(("torch.jit", "torch.fx")):
        return ModelError(
            "A module of Python is wanted, but {came} was made from one, and its layers cannot be"
            ' watched; save its weights, torch.save(module.state_dict(), "weights.pt"), and open'
            ' them with rv.read_model("weights.pt").',
            came=came,
        )
    return _without_layer(module)


def _without_layer(module: Any) -> ModelError:
    for _, inner in modules_by_path(module):
        name = f"{type(inner).__module__}.{type(inner).__qualname__}"
        if ".quantized." in name and type(inner).__name__ in RECURRENT_KINDS:
            return ModelError(
                "A module of real numbers is wanted, but {came} is quantised; trace the module that"
                " it was made from.",
                came=name,
            )
        if type(inner).__name__ in RECURRENT_KINDS or recurrent_kind(inner):
            return ModelError(
                "from_torch takes exactly torch.nn.RNN, LSTM, GRU and their cells, but {came} is"
                " another class, which may compute something else; rv.trace(module, values) runs a"
                " class made from torch's, and of any other load the weights into torch's.",
                came=name,
            )
    return ModelError(
        "A torch.nn.RNN, LSTM or GRU, one of their cells or a module that holds one is wanted, but"
        " {came} came; the weights of a cell written by hand can be given rnnviz' names, as in"
        ' rv.Model([rv.Layer("rnn", "forward", weights)]) with “hidden.x”, “hidden.h”, “hidden.b”.',
        came=type(module).__name__,
    )


def _package(module: Any) -> str:
    """The module of Python in which a model's class is, "keras" for any of Keras."""
    places = [kind.__module__ for kind in type(module).__mro__]
    # A Keras model on Torch is a module of torch's as well.
    if any(place.split(".")[0] == "keras" for place in places):
        return "keras"
    found = (place for place in places if place.startswith(("torch.jit", "torch.fx")))
    return next(found, "")
