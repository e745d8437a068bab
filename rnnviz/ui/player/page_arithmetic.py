"""Header and numbers from which a page explains how a number of a layer was made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnviz.analysis.contribution_terms import bias_symbols, hidden_symbol
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Gate
from rnnviz.figures.contributions import NEGATIVE, POSITIVE
from rnnviz.i18n import word
from rnnviz.network.layer import Layer
from rnnviz.ui.player.arithmetic import ARITHMETIC_WORDS, MEMORY_WORDS, lowered

_LABELS = ("symbol", "unit", "bias", "other", "other_units")
_UPDATES = ("kept", "written", "shown")


def arithmetic_spec(layer: Layer, language: str, start: int) -> tuple[dict[str, Any], Array] | None:
    """Header for run_arithmetic.js, and the biases of the gates, apart, from number `start` on.

    None for a layer that normalises its products.
    """
    if any(name.rpartition(".")[2].startswith(("gx", "gh")) for name in layer.weights):
        return None
    biases = [(gate, role) for gate in layer.cell.gates for role in _biases(layer, gate)]
    places = {(gate.name, role): start + i * layer.n_units for i, (gate, role) in enumerate(biases)}
    arrays = [np.asarray(layer.weights[f"{g.name}.{role}"], float) for g, role in biases]
    recurrent = [a for name, a in layer.weights.items() if name.endswith(".h")]
    spec = {
        "gates": {gate.name: _gate(layer, gate, places) for gate in layer.cell.gates},
        "isOneToOne": any(array.ndim == 1 for array in recurrent),
        "below": {d: hidden_symbol(layer.level - 1, d) for d in ("forward", "backward")},
        "cellActivation": layer.activation_names.get("cell_activation", "tanh"),
        "bars": [POSITIVE, NEGATIVE],
        "between": word("list.parts", language),
        "title": word("arithmetic.title", language),
        "words": {name: word(f"arithmetic.{name}", language) for name in ARITHMETIC_WORDS},
        "labels": {name: word(f"arithmetic.{name}", language) for name in _LABELS},
        "memory": {name: word(f"memory.{name}", language) for name in MEMORY_WORDS},
        "update": {name: word(f"update.{name}", language) for name in _UPDATES},
    }
    return spec, np.concatenate(arrays) if arrays else np.zeros(0)


def _biases(layer: Layer, gate: Gate) -> list[str]:
    return [
        role for role in bias_symbols(layer, gate.name) if f"{gate.name}.{role}" in layer.weights
    ]


def _gate(layer: Layer, gate: Gate, places: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    has_peephole = gate.peephole and f"{gate.name}.p" in layer.weights
    symbols = bias_symbols(layer, gate.name)
    return {
        "recurrence": gate.recurrence,
        "scaledBy": gate.scaled_by,
        "peephole": gate.peephole if has_peephole else "",
        "shift": gate.shift,
        "readsInput": gate.reads_input,
        "adds": gate.adds,
        "activation": layer.activation(gate.name),
        "biases": [
            {
                "role": role,
                "symbol": lowered(symbols[role]),
                "place": places[gate.name, role],
                "isScaled": bool(role == "bh" and gate.recurrence == "outside" and gate.scaled_by),
            }
            for role in _biases(layer, gate)
        ],
    }
