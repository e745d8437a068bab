"""What a page needs to draw a network's random weights by itself, from any seed."""

from __future__ import annotations

from typing import Any

from rnnviz.core.cell import Cell
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model

# Initialisations whose numbers random_weights.js draws: those of uniform draws alone.
PAGE_INITIALISATIONS = ("pytorch", "xavier", "identity", "forget_bias")


def drawn_spec(model: Model, seed: int, init: str) -> dict[str, Any]:
    """What random_weights.js draws to get the numbers of `random_model` with this seed.

    model  drawn by `random_model` with the same `init`, one of `PAGE_INITIALISATIONS`; its gain is
           1.
    """
    return {"seed": seed, "layers": [_layer(layer, init) for layer in model.layers]}


def _layer(layer: Layer, init: str) -> dict[str, Any]:
    cell = layer.cell
    return {
        "init": "pytorch" if init == "forget_bias" else init,
        "params": [
            [one.name, ("unit", cell.hidden_axis) if one.name.endswith(".h") else one.axes]
            for one in cell.params
        ],
        "shifts": _shifts(cell) if init == "forget_bias" else {},
        "isDiagonal": any(
            name.endswith(".h") and array.ndim == 1 for name, array in layer.weights.items()
        ),
    }


def _shifts(cell: Cell) -> dict[str, int]:
    """What is added to biases so that the gate that keeps starts open."""
    effects = cell.gate_effects
    wanted, by = ("keeps", 1) if "keeps" in effects.values() else ("writes", -1)
    return {f"{gate}.b": by for gate, effect in effects.items() if effect == wanted}
