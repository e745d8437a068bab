"""A recurrent node ▶ Layers, one for each direction.

P holds the gates i, o, f; B the biases of W before those of R. ONNX operator documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from rnnviz.cells import CELLS
from rnnviz.core.arrays import Array
from rnnviz.core.gate_order import GATE_ORDER, split_gates
from rnnviz.errors import ModelError
from rnnviz.network.layer import Layer
from rnnviz.readers.onnx.activations import OnnxActivation
from rnnviz.readers.onnx.recurrent import RecurrentNode
from rnnviz.readers.recurrent import other_activations

# Which of the activations f, g, h acts on a gate; "cell_activation" is that on the cell state.
_PLACES = {"candidate": 1, "cell_activation": 2}
_N_PEEPHOLES = 3
_HALF = 0.5


def onnx_layers(node: RecurrentNode, level: int) -> tuple[Layer, ...]:
    """The node's layers at that level.

    Raises ModelError for coupled gates that cannot be turned round, and what Layer refuses.
    """
    return tuple(_layer(node, level, place) for place in range(len(node.directions)))


def _cell_name(node: RecurrentNode) -> str:
    """The name in `rnnviz.CELLS` of what it computes."""
    if node.operator == "GRU":
        return "gru_reset_after" if node.flag("linear_before_reset") else "gru"
    if node.operator == "RNN":
        return "rnn"
    if node.flag("input_forget"):
        return "lstm_coupled"
    return "lstm_peephole" if "P" in node.weights else "lstm"


def _layer(node: RecurrentNode, level: int, place: int) -> Layer:
    direction: Literal["forward", "backward"] = (
        "forward" if node.directions[place] == "forward" else "backward"
    )
    cell, functions = _cell_name(node), node.activations[place]
    weights = _weights(node, GATE_ORDER["onnx"][cell], place)
    if cell == "lstm_coupled":
        _check_symmetric(node, functions[0])
        weights = _coupled(weights)
    acting = [gate.name for gate in CELLS[cell].gates]
    acting += ["cell_activation"] if CELLS[cell].cell_activation else []
    chosen = {gate: functions[_PLACES.get(gate, 0)].name for gate in acting}
    return Layer(
        cell,
        direction,
        weights,
        _initial(node, place),
        level,
        other_activations(cell, chosen),
        node.clip,
    )


def _weights(node: RecurrentNode, gates: tuple[str, ...], place: int) -> dict[str, Array]:
    arrays = {key: array[place] for key, array in node.weights.items()}
    rows = {"x": arrays["W"], "h": arrays["R"]}
    if "B" in arrays:
        rows["b"], rows["bh"] = np.split(arrays["B"], 2)
        if _cell_name(node) == "gru":
            rows["b"] = rows["b"] + rows.pop("bh")
    weights = split_gates(gates, rows)
    if "P" in arrays:
        weights |= split_gates(gates[:_N_PEEPHOLES], {"p": arrays["P"]})
    return weights


def _coupled(weights: Mapping[str, Array]) -> dict[str, Array]:
    """The input gate's weights as the forget gate's: 1 − σ(d) = σ(−d)."""
    kept = {n: a for n, a in weights.items() if n.split(".")[0] in ("candidate", "output")}
    roles = [name.split(".")[1] for name in weights if name.startswith("input.")]
    return kept | {f"forget.{role}": -weights[f"input.{role}"] for role in roles}


def _check_symmetric(node: RecurrentNode, chosen: OnnxActivation) -> None:
    has_middle = chosen.operator in ("HardSigmoid", "Affine")
    is_half = has_middle and chosen.arguments[1] == _HALF
    if chosen.operator != "Sigmoid" and not is_half:
        raise ModelError(
            "{node}: coupled gates (input_forget) are read with an activation f for which"
            " 1 − f(x) is f(−x), such as sigmoid, but this one has {came}.",
            node=node.label,
            came=chosen.name,
        )


def _initial(node: RecurrentNode, place: int) -> dict[str, Array]:
    states = {}
    for name, array in node.initial.items():
        rows = array[place]
        if rows.any():
            # One row is what any number of rows starts from.
            states[name] = rows[0] if len(rows) == 1 else rows
    return states
