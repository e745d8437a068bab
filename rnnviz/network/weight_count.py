"""Numbers of weights that a model of given sizes has, before any is made."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from rnnviz.core.cell import Cell
from rnnviz.errors import ModelError

MAX_WEIGHTS = 200_000_000  # of a model that is made here, 800 MB in float32


def axis_lengths(n_inputs: int, n_units: int) -> dict[str, int]:
    """The length of every axis of a layer's weights."""
    return {"unit": n_units, "input": n_inputs, "projection": max(1, n_units // 2)}


def count_weights(cell: Cell, n_inputs: int, n_units: int, n_layers: int, n_directions: int) -> int:
    """Weights of all layers, recurrent ones as matrices.

    >>> from rnnviz.cells import CELLS
    >>> count_weights(CELLS["gru"], n_inputs=3, n_units=5, n_layers=1, n_directions=1)
    135
    """
    hidden = axis_lengths(n_inputs, n_units)[cell.hidden_axis] * n_directions
    lowest = _layer_weights(cell, axis_lengths(n_inputs, n_units))
    further = _layer_weights(cell, axis_lengths(hidden, n_units))
    return n_directions * (lowest + (n_layers - 1) * further)


def check_weight_count(
    cell: Cell,
    n_inputs: int,
    n_units: int,
    n_layers: int = 1,
    n_directions: int = 1,
    n_outputs: int = 0,
    bound: int = MAX_WEIGHTS,
) -> None:
    """Raise ModelError for more weights, those of a readout included, than the bound.

    >>> from rnnviz.cells import CELLS
    >>> check_weight_count(CELLS["gru"], n_inputs=3, n_units=5)
    """
    layers = count_weights(cell, n_inputs, n_units, n_layers, n_directions)
    came = layers + n_outputs * n_units * n_directions
    if came > bound:
        raise ModelError(
            "A network made here may have {bound} weights, but {n_inputs} inputs and {n_units}"
            " units make {came}; choose fewer columns or units, or for text an embedding.",
            bound=f"{bound:,}",
            n_inputs=f"{n_inputs:,}",
            n_units=f"{n_units:,}",
            came=f"{came:,}",
        )


def _layer_weights(cell: Cell, lengths: Mapping[str, int]) -> int:
    # A vector of recurrent weights is drawn as a matrix, of which the diagonal is kept.
    full = {param.name: param.axes for param in cell.params}
    full |= {name: ("unit", cell.hidden_axis) for name in full if name.endswith(".h")}
    return sum(prod(lengths[axis] for axis in axes) for axes in full.values())
