"""Recurrent layers inside a Keras model that torch computes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from rnnviz.errors import ModelError
from rnnviz.network.layer import Direction, Layer
from rnnviz.readers.keras.directions import CELL_KINDS, KerasCell
from rnnviz.readers.keras.layers import keras_layer
from rnnviz.readers.keras.writer import KerasWriter
from rnnviz.readers.torch.layer_run import LayerReading
from rnnviz.readers.torch.numbers import numpy_of

_STATES = ("hidden", "cell")


class KerasKind:
    """SimpleRNN, LSTM and GRU of Keras 3."""

    def found(self, model: Any) -> dict[str, Any]:
        """Layers by path: their names behind those of the layers around them.

        Raises ModelError where there is none, and where torch does not compute them.
        """
        backend = sys.modules["keras"].backend.backend()
        if backend != "torch":
            raise ModelError(
                "Keras is watched where torch computes it, but here {backend} does; set the"
                " environment variable KERAS_BACKEND to torch before Keras is imported, or open the"
                ' saved model with rv.read_model("model.keras").',
                backend=backend,
            )
        layers: dict[str, Any] = {}
        for path, layer in _inside(model, ""):
            if _is_recurrent(layer) and layer not in layers.values():
                layers[path] = layer
        if not layers:
            raise ModelError(
                "A Keras model with a SimpleRNN, LSTM, GRU or an RNN around one of their cells is"
                " wanted, but {came} has none.",
                came=type(model).__name__,
            )
        return layers

    def at_paths(self, model: Any) -> Mapping[str, Any]:
        """Layers of any kind by path."""
        return dict(_inside(model, ""))

    def is_cell(self, layer: Any) -> bool:
        """False: a layer reads whole sequences."""
        return False

    def weights(self, path: str, layer: Any) -> Mapping[str, Any]:
        """Tensors: kernel, recurrent kernel and, where it has one, bias."""
        return {variable.name: variable.value for variable in layer.cell.weights}

    def layers(self, path: str, layer: Any, reading: LayerReading) -> Iterable[Layer]:
        """The one layer."""
        own = KerasWriter(sys.modules["keras"].__version__, False).defaults
        arrays = {name: numpy_of(weight) for name, weight in reading.weights.items()}
        kind = CELL_KINDS[type(layer.cell).__name__]
        cell = KerasCell(kind, {**own, **layer.cell.get_config()}, arrays)
        direction: Direction = "backward" if layer.go_backwards else "forward"
        made = keras_layer(cell, direction, 0, path, {}, is_keras_2=False)
        states = [numpy_of(state[0]) for state in reading.start or ()]
        yield replace(made, initial=dict(zip(_STATES, states, strict=False)))


def is_keras(model: Any) -> bool:
    """True for a layer or model of Keras, which is not imported to tell."""
    return any(kind.__module__.split(".")[0] == "keras" for kind in type(model).__mro__)


def _inside(layer: Any, path: str) -> Iterator[tuple[str, Any]]:
    yield path, layer
    for inner in layer._flatten_layers(include_self=False, recursive=False):
        yield from _inside(inner, f"{path}/{inner.name}".removeprefix("/"))


def _is_recurrent(layer: Any) -> bool:
    cell = type(getattr(layer, "cell", None))
    return cell.__module__.split(".")[0] == "keras" and cell.__name__ in CELL_KINDS
