"""Header and numbers from which a page explains how a number of a layer was made."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rnnviz.analysis.contribution_terms import bias_symbols, hidden_symbol
from rnnviz.analysis.unit_steps import memory_state
from rnnviz.core.cell import Cell, Gate
from rnnviz.engine.trace import Trace
from rnnviz.figures.contributions import NEGATIVE, POSITIVE
from rnnviz.figures.theme import Look
from rnnviz.i18n import word
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model
from rnnviz.ui.player.arithmetic import ARITHMETIC_WORDS, MEMORY_WORDS, lowered

_LABELS = ("symbol", "unit", "bias", "other", "other_units")
_UPDATES = ("kept", "written", "shown")


def arithmetic_spec(
    model: Model, trace: Trace, number: int, language: str
) -> dict[str, Any] | None:
    """Header for run_arithmetic.js of a layer by its number, without its `cell` and its `inks`.

    None for a layer that normalises its products.
    """
    layer = model.layers[number]
    if any(name.rpartition(".")[2].startswith(("gx", "gh")) for name in layer.weights):
        return None
    recurrent = [a for name, a in layer.weights.items() if name.endswith(".h")]
    return {
        "kinds": {signal.name: signal.kind for signal in layer.cell.signals},
        "gates": {gate.name: _gate(layer, gate) for gate in layer.cell.gates},
        "isOneHot": trace.sequence.encoding == "one_hot" and model.embedding is None,
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


def live_arithmetic(model: Model, trace: Trace, number: int, look: Look) -> dict[str, Any] | None:
    """Header for run_arithmetic.js with the cell and the colours; None for a normalising layer."""
    spec = arithmetic_spec(model, trace, number, look.language)
    if spec is None:
        return None
    layer = trace.layers[number]
    inks = {name: look.colour(name) for name in layer.signals}
    return spec | {"cell": cell_spec(layer.cell), "inks": inks}


def cell_spec(cell: Cell) -> dict[str, Any]:
    """What unit_update.js needs of a cell: what is kept of its memory and what is written."""
    return {
        "memory": memory_state(cell),
        "hasUnits": cell.hidden_axis == "unit",
        "gates": [gate.name for gate in cell.gates],
        "symbols": {signal.name: signal.symbol for signal in cell.signals},
        "updates": {state: [asdict(one) for one in made] for state, made in cell.updates.items()},
    }


def _gate(layer: Layer, gate: Gate) -> dict[str, Any]:
    has_peephole = gate.peephole and f"{gate.name}.p" in layer.weights
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
                "symbol": lowered(symbol),
                "role": role,
                "isScaled": bool(role == "bh" and gate.recurrence == "outside" and gate.scaled_by),
            }
            for role, symbol in bias_symbols(layer, gate.name).items()
            if f"{gate.name}.{role}" in layer.weights
        ],
    }
