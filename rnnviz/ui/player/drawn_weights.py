"""What a page needs to draw a network's random weights by itself, from any seed."""

from __future__ import annotations

from typing import Any

from rnnviz.core.cell import Cell
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model
from rnnviz.network.random_model import initialisations


def drawn_spec(model: Model, seed: int, init: str) -> dict[str, Any]:
    """What random_weights.js draws to get the numbers of `random_model` with this seed.

    model  drawn by `random_model` with the same `init`; its gain is 1, its span that by default.
    """
    return {
        "seed": seed,
        "init": init,
        "inits": initialisations(model.layers[0].cell),
        "layers": [_layer(layer) for layer in model.layers],
    }


def _layer(layer: Layer) -> dict[str, Any]:
    cell = layer.cell
    return {
        "params": [
            [one.name, ("unit", cell.hidden_axis) if one.name.endswith(".h") else one.axes]
            for one in cell.params
        ],
        "keeps": _biases(cell, "keeps"),
        "writes": _biases(cell, "writes"),
        "isDiagonal": any(
            name.endswith(".h") and array.ndim == 1 for name, array in layer.weights.items()
        ),
    }


def _biases(cell: Cell, effect: str) -> list[str]:
    """Biases of the gates that have an effect at 1."""
    return [f"{gate}.b" for gate, found in cell.gate_effects.items() if found == effect]
