"""Phase portrait: where a step moves one or two numbers of the state, and its nullclines.

A nullcline is where one number stays as it is; where those of all numbers meet is a fixed point.
S. H. Strogatz, "Nonlinear Dynamics and Chaos", 2nd edition (2015), chapters 2, 6 and 10.
"""

from __future__ import annotations

from collections.abc import Sequence as List
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnviz.analysis.cursor import check_index
from rnnviz.analysis.fixed_points import FixedPoints, fixed_points
from rnnviz.analysis.layer_input import layer_input
from rnnviz.analysis.state_map import StateMap
from rnnviz.analysis.visited_states import runs, visited_states
from rnnviz.core.arrays import Array, read_only
from rnnviz.core.checks import check_seed, items_of, shown
from rnnviz.core.figured import Figured
from rnnviz.core.libraries import optional_library
from rnnviz.engine.wanted import check_model
from rnnviz.errors import InputError
from rnnviz.network.model import Model
from rnnviz.readers.torch.numbers import as_array

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from rnnviz.core.sequence import Sequence

_POINTS_OF_A_LINE, _POINTS_OF_A_SIDE = 401, 101


@dataclass(frozen=True, eq=False, repr=False)
class PhasePortrait(Figured):
    """Result of `rnnviz.phase_portrait`.

    names   of the numbers that are shown, "hidden[0]", one or two.
    axes    values of each on its axis.
    motion  how far one step moves each: (value, 1), or of two (second's value, first's value, 2).
    held    (state,), all states joined; those not shown are held at these.
    points  fixed points, where all numbers of the state are shown; None otherwise.
    """

    drawing: ClassVar[str] = "phase_portrait"
    names: tuple[str, ...]
    axes: tuple[Array, ...]
    motion: Array
    held: Array
    points: FixedPoints | None
    is_trained: bool = True

    def nullcline(self, number: int) -> Array:
        """Places (place, number) where one of the shown numbers stays as it is.

        Between two values of the grid the motion is taken to be a line. Raises InputError for a
        number that is not shown.
        """
        check_index("unit", number, len(self.names))
        values = self.motion[..., number]
        if len(self.names) == 1:
            return read_only(_crossings(self.axes[0], values)[:, None])
        first, second = self.axes
        along = [
            (x, y) for y, line in zip(second, values, strict=True) for x in _crossings(first, line)
        ]
        up = [
            (x, y)
            for x, line in zip(first, values.T, strict=True)
            for y in _crossings(second, line)
        ]
        return read_only(np.array([*along, *up], float).reshape(-1, 2))

    def __repr__(self) -> str:
        return f"<Phase portrait of {' and '.join(self.names)}>"

    def to_frame(self) -> Any:
        """A pandas table: a row for each place of the grid, and how far a step moves it."""
        pandas = optional_library("pandas")
        places = np.meshgrid(*self.axes)
        columns = {name: grid.reshape(-1) for name, grid in zip(self.names, places, strict=True)}
        moves = {f"Δ{name}": self.motion[..., i].reshape(-1) for i, name in enumerate(self.names)}
        return pandas.DataFrame(columns | moves)


def phase_portrait(
    model: Model,
    units: int | List[int] | None = None,
    *,
    input: ArrayLike | str | None = None,
    layer: int = 0,
    at: ArrayLike | None = None,
    limits: ArrayLike | None = None,
    sequence: Sequence | ArrayLike | None = None,
    seed: int = 0,
) -> PhasePortrait:
    """Phase portrait of one or two numbers of a layer's state under a constant input.

    units   their numbers among all states joined; by default all, where there are one or two.
    input, layer, sequence, seed  as in `rnnviz.fixed_points`.
    at      (state,), where the others are held; by default their mean over the runs.
    limits  (low, high) of the axes; by default what the runs visit, and a little more.

    With others held, it shows a slice: nullclines that meet there are then no fixed points.

    Raises ModelError for what is no Model, and InputError for units, states or limits that are not
    there, or where a layer has more than two numbers and none are named.

    >>> import rnnviz as rv
    >>> portrait = phase_portrait(rv.random_model("rnn", n_inputs=1, n_units=2))
    >>> portrait.names, portrait.motion.shape
    (('hidden[0]', 'hidden[1]'), (101, 101, 2))
    """
    check_model(model)
    check_seed(seed)
    check_index("layer", layer, len(model.layers))
    run = runs(model, sequence, np.random.default_rng(seed))
    visited = visited_states(run.layers[layer], run.sequence.is_real, settled=False)
    step = StateMap(model.layers[layer], layer_input(model, run, layer, input))
    chosen = _chosen(units, step.size)
    held = visited.mean(axis=0) if at is None else _state(at, step.size)
    axes = tuple(_axis(visited[:, one], limits, len(chosen)) for one in chosen)
    points = None
    if len(chosen) == step.size:
        points = fixed_points(model, seed, input=step.input, layer=layer, sequence=sequence)
    return PhasePortrait(
        tuple(_names(step)[one] for one in chosen),
        tuple(map(read_only, axes)),
        read_only(_motion(step, chosen, axes, held)),
        read_only(held),
        points,
        model.is_trained,
    )


def _chosen(units: int | List[int] | None, size: int) -> list[int]:
    if units is None and size > 2:
        raise InputError(
            "A phase portrait shows one or two numbers, and this layer's state has {size}; name"
            " them, as in units=[0, 1].",
            size=size,
        )
    chosen = list(range(size)) if units is None else items_of(units)
    if len(chosen) not in (1, 2) or len(set(map(shown, chosen))) < len(chosen):
        raise InputError(
            "A phase portrait shows one or two different numbers, but {came} came.",
            came=shown(units),
        )
    for one in chosen:
        check_index("unit", one, size)
    return [int(one) for one in chosen]


def _state(at: ArrayLike, size: int) -> Array:
    values = as_array(at)
    is_number = values.dtype.kind in "biuf"
    if not is_number or values.shape != (size,) or not np.isfinite(values).all():
        raise InputError(
            "The state of this layer is {wanted} finite numbers, but {came} came.",
            wanted=size,
            came=shown(at),
        )
    return np.asarray(values, np.float64)


def _axis(visited: Array, limits: ArrayLike | None, n: int) -> Array:
    count = _POINTS_OF_A_LINE if n == 1 else _POINTS_OF_A_SIDE
    if limits is None:
        low, high = float(visited.min()), float(visited.max())
        # A number that never moved still has a neighbourhood.
        room = 0.3 * (high - low) or 1.0
        return np.linspace(low - room, high + room, count)
    values = as_array(limits)
    is_pair = values.dtype.kind in "iuf" and values.shape == (2,) and np.isfinite(values).all()
    if not is_pair or not values[0] < values[1]:
        raise InputError(
            "Limits are two finite numbers, the lower first, but {came} came.", came=shown(limits)
        )
    return np.linspace(float(values[0]), float(values[1]), count)


def _names(step: StateMap) -> list[str]:
    return [
        f"{name}[{i}]"
        for name, place in step.places.items()
        for i in range(place.stop - place.start)
    ]


def _motion(step: StateMap, chosen: list[int], axes: tuple[Array, ...], held: Array) -> Array:
    places = np.meshgrid(*axes)
    states = np.tile(held, (places[0].size, 1))
    for number, grid in zip(chosen, places, strict=True):
        states[:, number] = grid.reshape(-1)
    moved = (step.after(states) - states)[:, chosen]
    return np.asarray(moved.reshape(*places[0].shape, len(chosen)))


def _crossings(at: Array, values: Array) -> Array:
    """Where a line through values at these places is 0."""
    before, after = values[:-1], values[1:]
    found = np.nonzero((before * after < 0) | (before == 0))[0]
    share = before[found] / (before[found] - after[found] + (before[found] == after[found]))
    crossed: Array = at[found] + share * (at[found + 1] - at[found])
    return crossed
