"""The model of a page in the page itself, so that a change is seen while the hand still moves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from rnnviz.core.activations import parse_activation
from rnnviz.core.arrays import Array
from rnnviz.core.backend import get_backend
from rnnviz.core.sequence import Sequence
from rnnviz.engine.layer_runner import initial_states
from rnnviz.engine.linear import Linear
from rnnviz.engine.model_inputs import encode_for_model
from rnnviz.interventions.serialise import to_dict
from rnnviz.interventions.types import ChangeWeight, Intervention
from rnnviz.interventions.weights import apply_weight_changes
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model, Readout

Numbers = dict[str, Any]


class _Block:
    """Arrays of one message, one after the other; in the header each is its start and size."""

    def __init__(self) -> None:
        self.arrays: list[Array] = []
        self.size = 0

    def add(self, array: Array) -> list[int]:
        flat = np.asarray(array, dtype="<f8").ravel()
        self.arrays.append(flat)
        self.size += flat.size
        return [self.size - flat.size, flat.size]

    def joined(self) -> Array:
        return np.concatenate(self.arrays)


def model_spec(
    model: Model, sequence: Sequence, interventions: Iterable[Intervention], row: int = 0
) -> tuple[Numbers, Array]:
    """What engine.js needs to run a model on one row: a header, and its numbers in one block.

    An array in the header is [start, size] of the block. Weights are those that the interventions
    leave; the other interventions are in the header.

    Raises ModelError when the sequence does not fit the model.
    """
    given = tuple(interventions)
    changed = apply_weight_changes(model, given)
    fitting = encode_for_model(model, sequence)
    block = _Block()
    n_steps = fitting.lengths[row]
    header = {
        "layers": [_layer(layer, block, row, fitting.n_rows) for layer in changed.layers],
        "readout": _readout(changed.readout, block) if changed.readout else None,
        "inputs": block.add(fitting.values[:n_steps, row]),
        "nSteps": int(n_steps),
        "interventions": [
            to_dict(one)
            for one in given
            if not isinstance(one, ChangeWeight) and getattr(one, "row", None) in (None, row)
        ],
    }
    return header, block.joined()


def _layer(layer: Layer, block: _Block, row: int, n_rows: int) -> Numbers:
    cell, products = layer.cell, Linear.of(layer, get_backend(), np.dtype(float))
    return {
        "cell": layer.cell_name,
        "level": layer.level,
        "direction": layer.direction,
        "clip": layer.clip,
        "sizes": layer.sizes,
        "signals": {signal.name: signal.axis for signal in cell.signals},
        "shifted": [gate.name for gate in cell.gates if gate.shift],
        "activations": {gate: _call(name) for gate, name in layer.activation_names.items()},
        "reading": products.reading,
        "outside": products.outside,
        "input": list(map(block.add, products.input)),
        "hidden": list(map(block.add, products.recurrent)) if products.outside else [],
        "products": {g: list(map(block.add, pair)) for g, pair in products.inside.items()},
        "weights": {name: block.add(array) for name, array in products.extra_params.items()},
        "initial": {s: block.add(a[row]) for s, a in initial_states(layer, n_rows).items()},
    }


def _readout(readout: Readout, block: _Block) -> Numbers:
    return {
        "weights": block.add(readout.weights.T),
        "bias": block.add(readout.bias),
        "activation": _call(readout.activation),
    }


def _call(activation: str) -> list[Any]:
    """An activation's name and arguments, as engine.js calls it."""
    if activation == "softmax":
        return [activation]
    name, arguments = parse_activation(activation)
    return [name, *arguments]
