"""Fixed points of a recurrent layer under a constant input, and what it does around them.

D. Sussillo and O. Barak, "Opening the Black Box: Low-Dimensional Dynamics in High-Dimensional
Recurrent Neural Networks", Neural Computation 25 (2013).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnviz.analysis.cursor import check_index
from rnnviz.analysis.fixed_point import FixedPoint
from rnnviz.analysis.fixed_point_search import search
from rnnviz.analysis.layer_input import layer_input
from rnnviz.analysis.state_map import StateMap
from rnnviz.analysis.visited_states import runs, visited_states
from rnnviz.core.arrays import Array, read_only
from rnnviz.core.checks import check_seed, is_whole_number, shown
from rnnviz.core.figured import Figured
from rnnviz.core.libraries import optional_library
from rnnviz.engine.kernels.threads import one_thread
from rnnviz.engine.wanted import check_model
from rnnviz.errors import InputError
from rnnviz.formatting import number_of
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from rnnviz.core.sequence import Sequence

MAX_FIXED_POINTS = 256
_MOST_STARTS = 100_000
_MOST_BYTES = 1_000_000_000


@dataclass(frozen=True, eq=False, repr=False)
class FixedPoints(Figured):
    """Result of `rnnviz.fixed_points`: iterable, the most stable points first.

    points   each with `states`, `eigenvalues` and `speed`.
    input    (input,), what the layer reads at every step.
    visited  (place, state), some states of the runs from which the search began.
    far      points left out because they lie outside what the runs visit.
    is_cut   True where there are more than MAX_FIXED_POINTS: a line or an area of fixed points.
    """

    drawing: ClassVar[str] = "fixed_points"
    points: tuple[FixedPoint, ...]
    input: Array
    visited: Array
    far: int = 0
    is_cut: bool = False
    is_trained: bool = True

    @cached_property
    def states(self) -> Array:
        """States of all points, (point, state)."""
        return read_only([one.states for one in self.points] or self.visited[:0])

    @cached_property
    def eigenvalues(self) -> Array:
        """Eigenvalues of all points, (point, state)."""
        return read_only([one.eigenvalues for one in self.points] or self.visited[:0] * 1j)

    @cached_property
    def speed(self) -> Array:
        """Speeds of all points, (point,)."""
        return read_only(np.array([one.speed for one in self.points], float))

    @property
    def counts(self) -> Mapping[int, int]:
        """Numbers of points by their number of unstable directions; 0 for stable ones."""
        every = [one.n_unstable for one in self.points]
        return MappingProxyType({n: every.count(n) for n in sorted(set(every))})

    def __iter__(self) -> Iterator[FixedPoint]:
        return iter(self.points)

    def __len__(self) -> int:
        return len(self.points)

    def __getitem__(self, number: int) -> FixedPoint:
        return self.points[number]

    def __repr__(self) -> str:
        counted = ", ".join(
            f"{count} with {n} unstable direction{'s' * (n > 1)}" if n else f"{count} stable"
            for n, count in self.counts.items()
        )
        more = ", more than were looked for" * self.is_cut
        return f"<{number_of(len(self), 'fixed point')}{': ' * bool(counted)}{counted}{more}>"

    def to_frame(self) -> Any:
        """A pandas table: a row for each point, its states last, by name and unit."""
        pandas = optional_library("pandas")
        rows = [
            {
                "kind": one.kind,
                "unstable": one.n_unstable,
                "rotation": one.is_rotation,
                "speed": one.speed,
                "largest": abs(one.eigenvalues[0]),
                "time_constant": one.time_constants[0],
                "period": one.periods[0],
                **{f"{n}[{i}]": v for n, a in one.named.items() for i, v in enumerate(a.tolist())},
            }
            for one in self.points
        ]
        return pandas.DataFrame(rows)


@one_thread()
def fixed_points(
    model: Model,
    seed: int = 0,
    *,
    input: ArrayLike | str | None = None,
    layer: int = 0,
    sequence: Sequence | ArrayLike | None = None,
    n_starts: int | None = None,
    slow: float = 0.0,
) -> FixedPoints:
    """Fixed points of one layer while it reads the same input at every step.

    seed      of the drawn runs and starts; equal seeds find equal points.
    input     what the layer reads: (input,) numbers, or a token of the model's vocabulary. By
              default nothing, zeros; a layer of a higher level reads its mean over the runs.
    layer     its number in the model.
    sequence  input of the runs whose states the search starts from, as in `rnnviz.trace`; by
              default drawn, for numbers rare pulses, for tokens each as often.
    n_starts  of a round of the search; by default 512, fewer where a layer has many units.
    slow      speed up to which points that are not quite fixed are given too.

    A point is kept only where the runs come near: no farther from the nearest visited state than
    those spread from their mean. No search can know that it found every point.

    Raises ModelError for what is no Model, and InputError for another layer, seed, input or number
    of starts, and where one round would take more than a gigabyte.

    >>> import rnnviz as rv
    >>> from rnnviz.train import preset
    >>> found = rv.fixed_points(preset("flip_flop_gru").model())
    >>> len(found), dict(found.counts), found[0].kind
    (27, {0: 8, 1: 12, 2: 6, 3: 1}, 'stable')
    """
    check_model(model)
    check_seed(seed)
    check_index("layer", layer, len(model.layers))
    n_starts = _n_starts(model.layers[layer]) if n_starts is None else n_starts
    _check_search(model.layers[layer], n_starts, slow)
    generator = np.random.default_rng(seed)
    run = runs(model, sequence, generator)
    visited = visited_states(run.layers[layer], run.sequence.is_real)
    step = StateMap(model.layers[layer], layer_input(model, run, layer, input))
    found = search(step, _starts(visited, n_starts, generator), generator, slow, MAX_FIXED_POINTS)
    is_near = _are_near(found.states, visited)
    points = _points(step, found.states[is_near], found.speed[is_near])
    few = visited[generator.choice(len(visited), min(len(visited), 512), replace=False)]
    return FixedPoints(
        tuple(sorted(points, key=lambda one: one.n_unstable)),
        read_only(step.input),
        read_only(few),
        int((~is_near).sum()),
        len(found.states) == MAX_FIXED_POINTS,
        model.is_trained,
    )


def _check_search(layer: Layer, n_starts: int, slow: float) -> None:
    if not is_whole_number(n_starts) or not 1 <= n_starts <= _MOST_STARTS:
        raise InputError(
            "A search has 1 to {most} starts, but {came} came.",
            most=_MOST_STARTS,
            came=shown(n_starts),
        )
    if not isinstance(slow, int | float) or not (isfinite(slow) and slow >= 0):
        raise InputError("A speed is a number from 0 up, but {came} came.", came=shown(slow))
    # Jacobians before and after a move, and what is solved.
    a_start = 5 * 8 * _width(layer) ** 2
    if a_start * n_starts > _MOST_BYTES:
        raise InputError(
            "A search in this layer has room for {most} starts at once, but {came} came; give"
            " n_starts={most}.",
            most=max(_MOST_BYTES // a_start, 1),
            came=n_starts,
        )


def _n_starts(layer: Layer) -> int:
    return int(np.clip(2_000_000 // _width(layer) ** 2, 32, 512))


def _width(layer: Layer) -> int:
    return sum(map(layer.width, layer.cell.states))


def _starts(visited: Array, n: int, generator: np.random.Generator) -> Array:
    """Visited states, and means of two of them with a little noise, half and half."""
    chosen = visited[generator.integers(len(visited), size=(2, n))]
    noise = 0.1 * visited.std(axis=0) * generator.standard_normal(chosen[0].shape)
    is_mean = (np.arange(n) % 2 == 1)[:, None]
    starts: Array = np.where(is_mean, (chosen[0] + chosen[1]) / 2 + noise, chosen[0])
    return starts


def _are_near(points: Array, visited: Array) -> Array:
    spread = np.linalg.norm(visited - visited.mean(axis=0), axis=1).max()
    nearest = [np.linalg.norm(visited - point, axis=1).min() for point in points]
    # A single visited state has no spread, and rounding is no distance.
    is_near: Array = np.array(nearest, float) <= spread + 1e-6
    return is_near


def _points(step: StateMap, states: Array, speed: Array) -> Iterator[FixedPoint]:
    if not len(states):
        return
    _, jacobian = step.linearised(states)
    for state, pace, eigenvalues in zip(states, speed, np.linalg.eigvals(jacobian), strict=True):
        order = np.argsort(-np.abs(eigenvalues), kind="stable")
        largest_first = read_only(eigenvalues[order].astype(complex))
        yield FixedPoint(read_only(state), largest_first, float(pace), step.places)
