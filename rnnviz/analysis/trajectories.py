"""Trajectories of a layer's states in their principal components."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from rnnviz.analysis.components import Components, components
from rnnviz.analysis.cursor import check_signal, layer_trace
from rnnviz.analysis.fixed_points import FixedPoints
from rnnviz.core.arrays import Array, read_only
from rnnviz.core.checks import is_whole_number, shown
from rnnviz.core.figured import Figured
from rnnviz.core.libraries import optional_library
from rnnviz.engine.trace import LayerTrace, Trace
from rnnviz.engine.wanted import check_trace
from rnnviz.errors import InputError
from rnnviz.formatting import number_of, token_label


@dataclass(frozen=True, eq=False, repr=False)
class Trajectories(Figured):
    """Result of `rnnviz.trajectories`.

    coordinates  (time, batch, component), aligned with the tokens; padding is NaN.
    components   the directions, in the space of the states.
    tokens       a visible label for every step of every row.
    points       fixed points (point, component) in the same components, `n_unstable` (point,)
                 their unstable directions; none unless given.
    start        the number of the first step in a longer sequence.
    """

    drawing: ClassVar[str] = "trajectories"
    coordinates: Array
    components: Components
    tokens: tuple[tuple[str, ...], ...]
    points: Array = field(default_factory=lambda: read_only(np.zeros((0, 1))))
    n_unstable: Array = field(default_factory=lambda: read_only(np.zeros(0, int)))
    start: int = 0
    is_trained: bool = True

    @property
    def explained(self) -> Array:
        """Share of the variance along each component, (component,)."""
        return self.components.explained

    def __repr__(self) -> str:
        time, batch, n = self.coordinates.shape
        share = f"{self.explained.sum():.0%}"
        read = f"{number_of(time, 'step')}, {number_of(batch, 'row')}"
        return f"<Trajectories, {read}: {number_of(n, 'component')}, {share} of the variance>"

    def to_frame(self) -> Any:
        """A pandas table: a row for each batch row and step, `row`, `time`, `token`, `pc1`, …"""
        pandas = optional_library("pandas")
        rows = [
            {
                "row": row,
                "time": time + self.start,
                "token": token,
                **{f"pc{i}": v for i, v in enumerate(self.coordinates[time, row].tolist(), 1)},
            }
            for row, tokens in enumerate(self.tokens)
            for time, token in enumerate(tokens)
        ]
        return pandas.DataFrame(rows)


def trajectories(
    trace: Trace,
    *,
    layer: int = 0,
    state: str | None = None,
    n: int = 3,
    points: FixedPoints | None = None,
) -> Trajectories:
    """States of all rows of a run in their first principal components.

    layer   its number in the model.
    state   one state of the cell; by default all of them joined.
    n       components, at most: there are no more than numbers in a state.
    points  of `rnnviz.fixed_points`, drawn among them; all states joined are then needed.

    Raises InputError for what is no trace, and for a layer, state or number that is not there.

    >>> import rnnviz as rv
    >>> trace = rv.trace(rv.random_model("lstm", 1, 4), [[0.5], [0.1], [-0.4]])
    >>> trajectories(trace, n=2).coordinates.shape
    (3, 1, 2)
    """
    check_trace(trace)
    run = layer_trace(trace, layer)
    if state is not None:
        check_signal(state, run.cell.states)
    if not is_whole_number(n) or n < 1:
        raise InputError("Components are counted from 1 up, but {came} came.", came=shown(n))
    states = _joined(run, run.cell.states if state is None else (state,))
    found = components(states[trace.sequence.is_real], n)
    _check_points(points, states.shape[2])
    return Trajectories(
        read_only(found.coordinates(states)),
        found,
        tuple(tuple(map(token_label, row)) for row in trace.sequence.tokens),
        read_only(found.coordinates(points.states) if points else np.zeros((0, n))),
        read_only([one.n_unstable for one in points or ()]),
        trace.start,
        trace.is_trained,
    )


def _joined(run: LayerTrace, names: tuple[str, ...]) -> Array:
    joined = np.concatenate([run.signals[name] for name in names], axis=2)
    return np.asarray(joined, np.float64)


def _check_points(points: FixedPoints | None, width: int) -> None:
    if points is None:
        return
    if not isinstance(points, FixedPoints):
        raise InputError(
            "Fixed points are wanted, but {came} came; give what rv.fixed_points(model, …)"
            " returned.",
            came=shown(type(points).__name__),
        )
    if points.visited.shape[1] != width:
        raise InputError(
            "The fixed points have {came} numbers each, but these states have {wanted}; give those"
            " of the same layer, and leave state out.",
            came=points.visited.shape[1],
            wanted=width,
        )
