"""Initial states of a recurrent node: constants, also where their rows are counted at run time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.errors import ModelError
from rnnviz.readers.onnx.constant_folding import Values
from rnnviz.readers.onnx.graph import OnnxNode, Scope
from rnnviz.readers.onnx.known import Spread, unseen
from rnnviz.readers.onnx.node_weights import check_node_shape
from rnnviz.readers.onnx.tensor import widen

_X, _HIDDEN = 0, 5
_SIZES = ((1, 1), (2, 3), (3, 2))  # steps and rows, or rows and steps


def states_at_start(
    scope: Scope,
    node: OnnxNode,
    names: tuple[str, ...],
    weights: Mapping[str, Array],
    values: Values,
) -> dict[str, Array | Spread | None]:
    """By state what the node is given; None for one that is known only at run time."""
    given = {name: node.input(_HIDDEN + place) for place, name in enumerate(names)}
    sizes = weights["R"].shape[0], weights["R"].shape[2], weights["W"].shape[2]
    return {
        name: _State(scope, node, came, *sizes).found(values)
        for name, came in given.items()
        if came
    }


def checked_states(
    found: Mapping[str, Array | Spread | None],
    node: OnnxNode,
    label: str,
    n_directions: int,
    n_units: int,
) -> dict[str, Array]:
    """The known ones as (direction, batch, unit). Raises ModelError for another shape."""
    swaps = node.integer("layout") != 0
    shaped = {}
    for state, known in found.items():
        if isinstance(known, Spread):
            known = _spread(known.array, (n_directions, 1, n_units), swaps)
        if known is not None:
            known = _one_row(known, swaps)
            known = known.swapaxes(0, 1) if swaps and known.ndim == 3 else known
            rows = known.shape[1] if known.ndim == 3 else 0
            _check_projection(state, known, label, n_units)
            check_node_shape(label, f"initial {state}", known, (n_directions, rows, n_units))
            is_same = bool((known == known[:, :1]).all())
            shaped[state] = widen(known[:, :1] if is_same else known)
    return shaped


def _check_projection(state: str, array: Array, label: str, n_units: int) -> None:
    """Raise ModelError for a cell state of another width than the hidden state."""
    if state == "cell" and array.ndim == 3 and array.shape[2] > n_units:
        raise ModelError(
            "{node}: its cell state has {cell} numbers but its hidden state {hidden}, as of a"
            " projected LSTM (proj_size), which ONNX cannot hold; save its weights instead:"
            ' torch.save(module.state_dict(), "weights.pt").',
            node=label,
            cell=array.shape[2],
            hidden=n_units,
        )


def _spread(array: Array, shape: tuple[int, int, int], swaps: bool) -> Array:
    """An array broadcast to the shape that a state must have, with as many rows as it has."""
    rows_axis = -3 if swaps else -2
    rows = array.shape[rows_axis] if array.ndim >= -rows_axis else 1
    n_directions, _, n_units = shape
    wanted = (rows, n_directions, n_units) if swaps else (n_directions, rows, n_units)
    try:
        return np.broadcast_to(array, wanted)
    except ValueError:
        return array


def _one_row(array: Array, swaps: bool) -> Array:
    """The first row alone where one row lies in all places of memory."""
    axis = 0 if swaps else 1
    is_one = array.ndim == 3 and array.shape[axis] > 1 and array.strides[axis] == 0
    if not is_one:
        return array
    return array[:1] if swaps else array[:, :1]


class _State(NamedTuple):
    """An initial state of a node, and the sizes that it must have."""

    scope: Scope
    node: OnnxNode
    name: str
    n_directions: int
    n_units: int
    n_inputs: int

    @property
    def swaps(self) -> bool:
        """True for (batch, direction, unit)."""
        return self.node.integer("layout") != 0

    def found(self, values: Values) -> Array | Spread | None:
        """The state where it takes nothing from the graph's inputs but their sizes."""
        known = values.evaluate(self.scope, self.name)
        if isinstance(known, np.ndarray | Spread):
            return known
        return self._same([self._in_run(values, sizes) for sizes in _SIZES])

    def _in_run(self, values: Values, sizes: tuple[int, int]) -> Array | Spread | None:
        """The state where the inputs have these sizes; None where it depends on their numbers."""
        run, x = values.at_run_time(sizes), self.node.input(_X)
        known = run.evaluate(self.scope, self.name)
        if known is None and run.evaluate(self.scope, x) is None:
            read = {self.scope.resolve(x): unseen((*sizes, self.n_inputs))}
            known = values.at_run_time(sizes, read).evaluate(self.scope, self.name)
        if isinstance(known, np.ndarray) and self._fits(known):
            return _one_row(known, self.swaps)
        return known if isinstance(known, Spread) else None

    def _fits(self, array: Array) -> bool:
        wanted = (self.n_directions, self.n_units)
        return array.ndim == 3 and (array.shape[int(self.swaps)], array.shape[2]) == wanted

    def _same(self, found: list[Array | Spread | None]) -> Array | Spread | None:
        """What it is whatever sizes come: one row for all, or the rows that the file fixes."""
        first = found[0]
        if isinstance(first, Spread):
            spread = [each.array for each in found if isinstance(each, Spread)]
            is_same = all(np.array_equal(first.array, array) for array in spread)
            return first if is_same and len(spread) == len(found) else None
        arrays = [each for each in found if isinstance(each, np.ndarray)]
        if first is None or len(arrays) < len(found):
            return None
        row = first[:1] if self.swaps else first[:, :1]
        if all(_is_repeated(row, array) for array in arrays):
            return row
        return first if all(np.array_equal(first, array) for array in arrays) else None


def _is_repeated(row: Array, array: Array) -> bool:
    fits = all(m in (1, n) for m, n in zip(row.shape, array.shape, strict=True))
    return fits and bool((row == array).all())
