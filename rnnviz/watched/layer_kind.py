"""Recurrent layers of a framework behind one protocol, so that their calls are kept alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from rnnviz.network.layer import Layer
from rnnviz.readers.torch.layer_run import LayerReading
from rnnviz.readers.torch.layers import (
    is_cell,
    layer_weights,
    recurrent_kind,
    recurrent_layers,
    unwrapped,
)
from rnnviz.readers.torch.live_model import read_layers
from rnnviz.readers.torch.refusal import refusal


class LayerKind(Protocol):
    """Recurrent layers of one framework, whose numbers are tensors of torch."""

    def found(self, model: Any) -> dict[str, Any]:
        """The layers inside a model by path. Raises ModelError where there is none."""

    def at_paths(self, model: Any) -> Mapping[str, Any]:
        """What stands at every path in a model; a layer may stand in several places."""

    def is_cell(self, layer: Any) -> bool:
        """True for a layer that reads one step a call."""

    def weights(self, path: str, layer: Any) -> Mapping[str, Any]:
        """Tensors by name. Raises ModelError where they are computed in an unknown way."""

    def layers(self, path: str, layer: Any, reading: LayerReading) -> Iterable[Layer]:
        """The layer as it ran, with the weights and the states that it had."""


class TorchKind:
    """Layers of torch.nn."""

    def found(self, model: Any) -> dict[str, Any]:
        """RNN, LSTM, GRU, their cells, and what is made from them.

        Raises ModelError as `refusal` does.
        """
        bare = unwrapped(model)
        layers = recurrent_layers(bare, recurrent_kind)
        if not layers:
            raise refusal(bare, "", layers)
        return layers

    def at_paths(self, model: Any) -> Mapping[str, Any]:
        """Modules by path."""
        return dict(unwrapped(model).named_modules(remove_duplicate=False))

    def is_cell(self, layer: Any) -> bool:
        """True for nn.RNNCell, LSTMCell and GRUCell."""
        return is_cell(layer)

    def weights(self, path: str, layer: Any) -> Mapping[str, Any]:
        """Tensors by torch's names. Raises ModelError as `layer_weights` does."""
        return layer_weights(path, layer)

    def layers(self, path: str, layer: Any, reading: LayerReading) -> Iterable[Layer]:
        """A layer for every level and direction."""
        return read_layers(path, layer, reading)
