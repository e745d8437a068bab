"""A recurrent node ▶ Layers, one for each direction.

Gate orders of W, R and B: LSTM i, o, f, c; GRU z, r, h. P: i, o, f. B holds the biases of W before
those of R. ONNX operator documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.errors import ModelError
from rnnviz.network.layer import Layer
from rnnviz.readers.onnx.activations import Chosen
from rnnviz.readers.onnx.recurrent import RecurrentNode

GATES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "LSTM": ("input", "output", "forget", "candidate"),
        "GRU": ("update", "reset", "candidate"),
        "RNN": ("hidden",),
    }
)
# By gate, which of the activations f, g, h stands on its drive; "cell_activation" on the cell.
_PLACES = {
    "LSTM": {"forget": 0, "input": 0, "output": 0, "candidate": 1, "cell_activation": 2},
    "GRU": {"reset": 0, "update": 0, "candidate": 1},
    "RNN": {"hidden": 0},
}
_HALF = 0.5


def layers_of(node: RecurrentNode, level: int) -> tuple[Layer, ...]:
    """The node's layers at that level.

    Raises ModelError for coupled gates that cannot be turned round, and what Layer refuses.
    """
    return tuple(_layer(node, level, place) for place in range(len(node.directions)))


def cell_of(node: RecurrentNode) -> str:
    """The name in `rnnviz.CELLS` of what it computes."""
    if node.node.operator == "GRU":
        return "gru_reset_after" if node.flag("linear_before_reset") else "gru"
    if node.node.operator == "RNN":
        return "rnn"
    if _is_coupled(node):
        return "lstm_coupled"
    return "lstm_peephole" if "P" in node.weights else "lstm"


def _layer(node: RecurrentNode, level: int, place: int) -> Layer:
    direction: Literal["forward", "backward"] = (
        "forward" if node.directions[place] == "forward" else "backward"
    )
    weights = _weights(node, place)
    chosen = _activations(node, node.activations[place])
    if _is_coupled(node):
        _check_symmetric(node, node.activations[place][0])
        weights = _turned(weights)
        del chosen["input"]
    own = {"candidate": "tanh", "cell_activation": "tanh", "hidden": "tanh"}
    return Layer(
        cell_of(node),
        direction,
        weights,
        _initial(node, place),
        level,
        {gate: name for gate, name in chosen.items() if name != own.get(gate, "sigmoid")},
        node.clip,
    )


def _weights(node: RecurrentNode, place: int) -> dict[str, Array]:
    gates, arrays = GATES[node.node.operator], node.weights
    weights = _stacked(arrays["W"][place], gates, "x") | _stacked(arrays["R"][place], gates, "h")
    if "B" in arrays:
        weights |= _biases(node, *np.split(arrays["B"][place], 2))
    if "P" in arrays:
        weights |= _stacked(arrays["P"][place], gates[:3], "p")
    return weights


def _biases(node: RecurrentNode, of_x: Array, of_h: Array) -> dict[str, Array]:
    gates = GATES[node.node.operator]
    if cell_of(node) == "gru":
        return _stacked(of_x + of_h, gates, "b")
    return _stacked(of_x, gates, "b") | _stacked(of_h, gates, "bh")


def _stacked(rows: Array, gates: tuple[str, ...], role: str) -> dict[str, Array]:
    parts = np.split(rows, len(gates))
    return {f"{gate}.{role}": part for gate, part in zip(gates, parts, strict=True)}


def _activations(node: RecurrentNode, chosen: tuple[Chosen, ...]) -> dict[str, str]:
    places = _PLACES[node.node.operator]
    return {gate: chosen[place].name for gate, place in places.items()}


def _is_coupled(node: RecurrentNode) -> bool:
    return node.node.operator == "LSTM" and node.flag("input_forget")


def _turned(weights: Mapping[str, Array]) -> dict[str, Array]:
    """The input gate's weights as the forget gate's: 1 − σ(d) = σ(−d)."""
    kept = {n: a for n, a in weights.items() if n.split(".")[0] in ("candidate", "output")}
    roles = [name.split(".")[1] for name in weights if name.startswith("input.")]
    return kept | {f"forget.{role}": -weights[f"input.{role}"] for role in roles}


def _check_symmetric(node: RecurrentNode, chosen: Chosen) -> None:
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
            # The same for every row is what any number of rows starts from.
            states[name] = rows[0] if (rows == rows[:1]).all() else rows
    return states
