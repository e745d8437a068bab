"""Weights of a model by their names in a file: `layers.0.forward.forget.x`, `readout.bias`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from rnnviz.core.arrays import Array
from rnnviz.errors import ModelError
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model, Readout
from rnnviz.train.config import TrainingConfig
from rnnviz.train.safetensors_io import read_arrays


def name_weights(model: Model) -> dict[str, Array]:
    """Every weight of a model with a readout by its name in a file.

    >>> import rnnviz as rv
    >>> list(name_weights(rv.random_model("rnn", 2, 3, n_outputs=1)))[0]
    'layers.0.forward.hidden.x'
    """
    named = {
        f"{_prefix(layer)}{name}": array
        for layer in model.layers
        for name, array in layer.weights.items()
    }
    if model.readout is not None:
        named |= {"readout.weights": model.readout.weights, "readout.bias": model.readout.bias}
    return named


def with_weights(model: Model, named: Mapping[str, Array], source: str) -> Model:
    """The model, trained, with other weights of the same names and shapes.

    Raises ModelError when one is missing or has another shape.
    """
    wanted = name_weights(model)
    if {n: a.shape for n, a in wanted.items()} != {n: a.shape for n, a in named.items()}:
        raise ModelError(
            "The weights of a model trained here are not those that its card describes;"
            " install rnnviz again."
        )
    layers = tuple(_layer(layer, named) for layer in model.layers)
    readout = model.readout and _readout(model.readout, named)
    return replace(model, layers=layers, readout=readout, source=source, is_trained=True)


def load_weights(config: TrainingConfig, path: str | Path) -> Model:
    """The trained model of a configuration, from its .safetensors file.

    Raises ModelError when the file's weights are not of the configured network.
    """
    file = Path(path)
    return with_weights(config.initial_model, read_arrays(file.read_bytes()), source=file.name)


def _prefix(layer: Layer) -> str:
    return f"layers.{layer.level}.{layer.direction}."


def _layer(layer: Layer, named: Mapping[str, Array]) -> Layer:
    return replace(layer, weights={n: named[f"{_prefix(layer)}{n}"] for n in layer.weights})


def _readout(readout: Readout, named: Mapping[str, Array]) -> Readout:
    return replace(readout, weights=named["readout.weights"], bias=named["readout.bias"])
