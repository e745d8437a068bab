"""Arrays whose slots are known ▶ a recurrent module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from rnnviz.cells import CELLS
from rnnviz.core.arrays import Array, Shapes
from rnnviz.core.gate_order import split_gates
from rnnviz.network.layer import Direction
from rnnviz.readers.names import fitting_cells
from rnnviz.readers.recurrent import DirectionWeights, RecurrentModule
from rnnviz.readers.result import Answers, ImportQuestion
from rnnviz.readers.slots import LayerFit, Orientation, Slot, fit_layer
from rnnviz.readers.tensors import finite_floats

Place = tuple[int, Direction]


@dataclass(frozen=True)
class SlottedLayer:
    """A layer by the slots of its arrays.

    path           where it stands in the file.
    slots          by the array's name in the file.
    cells          that it may be, the likely one first; () for whatever takes these weights.
    activation     of a simple RNN, "" where it is not known.
    asked          what its names leave open.
    forget_bias    added to the forget gate's bias when the model runs.
    update_writes  whether an update gate of 1 writes the candidate, not keeps the old state.
    """

    path: str
    slots: Mapping[str, Slot]
    cells: tuple[str, ...] = ()
    activation: str = ""
    asked: tuple[ImportQuestion, ...] = ()
    forget_bias: float = 0
    update_writes: bool = False


def slotted_module(
    layer: SlottedLayer,
    arrays: Mapping[str, Array],
    answers: Answers,
    likely: Orientation = "unit_rows",
) -> RecurrentModule:
    """The module of a layer.

    likely  how its matrices are stored where their shapes do not tell.

    Raises ModelError naming an array that does not fit, is not finite or is there twice, and
    weights that make no cell.
    """
    question = ImportQuestion("orientation", ("unit_rows", "unit_columns"), likely)
    orientation: Orientation = (
        "unit_rows" if question.choose(answers) == "unit_rows" else "unit_columns"
    )
    shapes = {name: arrays[name].shape for name in layer.slots}
    fits = fit_places(layer.slots, shapes, orientation)
    weights = {place: _weights(fit, arrays, answers) for place, fit in fits.items()}
    cells = layer.cells or fitting_cells("", list(weights.values()))
    cell = ImportQuestion("cell", cells, cells[0]).choose(answers)
    directions = tuple(
        DirectionWeights(level, side, _of_cell(cell, own, layer))
        for (level, side), own in weights.items()
    )
    is_asked = any(fit.is_ambiguous for fit in fits.values())
    return RecurrentModule(
        layer.path,
        "named",
        cells,
        directions,
        {},
        frozenset(layer.slots),
        activation=layer.activation,
        cell_origin="names",
        asked=(*layer.asked, question) if is_asked else layer.asked,
    )


def fit_places(
    slots: Mapping[str, Slot], shapes: Shapes, orientation: Orientation = "unit_rows"
) -> dict[Place, LayerFit]:
    """The fit of every level and direction, lowest first and forward before backward.

    Raises ModelError naming arrays that do not fit.
    """
    places: dict[Place, dict[str, Slot]] = {}
    for name, slot in slots.items():
        places.setdefault((slot.level, slot.direction), {})[name] = slot
    ordered = sorted(places, key=lambda place: (place[0], place[1] == "backward"))
    return {place: fit_layer(places[place], shapes, orientation) for place in ordered}


def _weights(fit: LayerFit, arrays: Mapping[str, Array], answers: Answers) -> dict[str, Array]:
    weights: dict[str, Array] = {}
    for name, slot in fit.slots.items():
        array = finite_floats(name, arrays[name], answers)
        if slot.is_matrix and array.ndim == 2:
            array = array.T if slot.is_transposed else array
        else:
            array = array.reshape(-1)
        for role, block in _split(slot.role, array, fit).items():
            weights |= split_gates(slot.gates, {role: block})
    return weights


def _split(role: str, array: Array, fit: LayerFit) -> dict[str, Array]:
    """A matrix over the input and the hidden state side by side as two."""
    if role == "xh":
        return {"x": array[:, : fit.n_inputs], "h": array[:, fit.n_inputs :]}
    if role == "hx":
        n_hidden = array.shape[1] - fit.n_inputs
        return {"x": array[:, n_hidden:], "h": array[:, :n_hidden]}
    return {role: array}


def _of_cell(cell: str, weights: Mapping[str, Array], layer: SlottedLayer) -> dict[str, Array]:
    """The weights as the cell takes them: its biases, its forget gate, its update gate."""
    known, own = CELLS[cell].params_by_name, dict(weights)
    for name in weights:
        gate, _, role = name.partition(".")
        if role == "bh" and name not in known and f"{gate}.b" in known:
            # One sum, where the cell adds its bias but once.
            own[f"{gate}.b"] = own.get(f"{gate}.b", 0) + own.pop(name)
    if layer.forget_bias:
        bias = own.get("forget.b", np.zeros_like(own["forget.x"][:, 0]))
        own["forget.b"] = bias + bias.dtype.type(layer.forget_bias)
    if layer.update_writes:
        # σ(−z) = 1 − σ(z)
        own |= {name: -weight for name, weight in own.items() if name.startswith("update.")}
    return own
