"""Lyapunov exponents of a run: how fast small changes of the state grow or fade, per step.

    J_t Q_{t−1} = Q_t R_t,   λ_i = mean over steps of ln |R_t,ii|

G. Benettin et al., "Lyapunov Characteristic Exponents …", Meccanica 15 (1980); for recurrent
networks R. Engelken, F. Wolf and L. F. Abbott, "Lyapunov spectra of chaotic recurrent neural
networks", Physical Review Research 5 (2023).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from rnnviz.analysis.cursor import check_index
from rnnviz.analysis.jacobians import LinearisedLayer, linearised_signals
from rnnviz.analysis.trace_part import trace_part
from rnnviz.core.arrays import Array, read_only
from rnnviz.core.checks import check_seed, is_whole_number, shown
from rnnviz.core.derivative_push import Push
from rnnviz.core.figured import Figured
from rnnviz.core.libraries import optional_library
from rnnviz.engine.kernels.threads import one_thread
from rnnviz.engine.trace import Trace
from rnnviz.errors import InputError
from rnnviz.network.model import Model

_MOST_BLOCKS = 10


@dataclass(frozen=True, eq=False, repr=False)
class LyapunovExponents(Figured):
    """Result of `rnnviz.lyapunov`: the leading exponents along one run, in nats per step.

    growth  (time, exponent), ln |R_ii| of each step that counts, in reading order.
    skipped steps before these, in which the directions settled.
    n_states  numbers of the layer's states together: so many exponents there are.
    """

    drawing: ClassVar[str] = "lyapunov"
    growth: Array
    skipped: int
    n_states: int
    is_trained: bool = True

    @cached_property
    def exponents(self) -> Array:
        """The exponents (exponent,), the largest first; above 0 small changes grow."""
        return read_only(self.growth.mean(axis=0))

    @cached_property
    def running(self) -> Array:
        """Means over the steps so far, (time, exponent): whether they have settled."""
        steps = np.arange(1, len(self.growth) + 1)[:, None]
        return read_only(np.cumsum(self.growth, axis=0) / steps)

    @cached_property
    def errors(self) -> Array:
        """Standard errors (exponent,), from means of ten parts of the run; NaN below two steps."""
        n_blocks = min(_MOST_BLOCKS, len(self.growth))
        if n_blocks < 2:
            return read_only(np.full(self.growth.shape[1], np.nan))
        parts = np.array([part.mean(axis=0) for part in np.array_split(self.growth, n_blocks)])
        with np.errstate(invalid="ignore"):
            return read_only(parts.std(axis=0, ddof=1) / np.sqrt(n_blocks))

    @property
    def dimension(self) -> float:
        """Kaplan–Yorke dimension of what the run settles on; NaN where too few exponents are known.

        J. L. Kaplan and J. A. Yorke (1979): k + Σ_{i≤k} λ_i / |λ_{k+1}|, k the most exponents whose
        sum is not below 0.
        """
        sums = np.cumsum(self.exponents)
        if self.exponents[0] < 0:
            return 0.0
        below = np.nonzero(sums < 0)[0]
        if len(below):
            k = int(below[0])
            return k + float(sums[k - 1] / abs(self.exponents[k]))
        return float(self.n_states) if len(sums) == self.n_states else float("nan")

    def __repr__(self) -> str:
        shown_first = ", ".join(f"{one:.3g}" for one in self.exponents[:4])
        more = ", …" * (len(self.exponents) > 4)
        return f"<Lyapunov exponents over {len(self.growth)} steps: {shown_first}{more}>"

    def to_frame(self) -> Any:
        """A pandas table: a row for each exponent, with its standard error and time in steps."""
        pandas = optional_library("pandas")
        with np.errstate(divide="ignore"):
            times = 1 / np.abs(self.exponents)
        return pandas.DataFrame(
            {"exponent": self.exponents, "error": self.errors, "time_constant": times}
        )


@one_thread()
def lyapunov(
    model: Model,
    trace: Trace,
    n: int | None = None,
    *,
    layer: int = 0,
    row: int = 0,
    skip: int | None = None,
    seed: int = 0,
) -> LyapunovExponents:
    """Leading Lyapunov exponents of a layer along one row of a run, its input given.

    n      how many; 8 by default, or as many as there are states.
    layer  its number in the model; a backward layer is followed in its reading order.
    skip   first steps that do not count, while the directions settle; by default a tenth.
    seed   of the directions that are followed.

    They are of this run: a finite mean, whose `errors` say how far it may be off. Raises what
    `rnnviz.jacobians` raises, and InputError for a layer, row, number or steps that are not there.

    >>> import rnnviz as rv
    >>> model = rv.random_model("rnn", 1, 4, init="orthogonal", dtype=float)
    >>> found = rv.lyapunov(model, rv.trace(model, np.zeros((50, 1))), n=2)
    >>> np.abs(found.exponents).round(6).tolist()
    [0.0, 0.0]
    """
    if isinstance(trace, Trace):
        trace = trace_part(trace, row)
    found = linearised_signals(model, trace)
    check_index("layer", layer, len(found))
    one = found[layer]
    size = sum(map(one.layer.width, one.layer.cell.states))
    n = min(8, size) if n is None else n
    skip = trace.sequence.n_steps // 10 if skip is None else skip
    _check_counts(n, size, skip, trace.sequence.n_steps)
    check_seed(seed)
    start = np.random.default_rng(seed).standard_normal((size, n))
    growth = _growth(one, np.linalg.qr(start)[0], trace.sequence.n_steps)
    counted = growth[skip:]
    # Two that are nearly equal come in either order.
    order = np.argsort(-counted.mean(axis=0), kind="stable")
    return LyapunovExponents(read_only(counted[:, order]), skip, size, model.is_trained)


def _check_counts(n: int, size: int, skip: int, n_steps: int) -> None:
    if not is_whole_number(n) or not 1 <= n <= size:
        raise InputError(
            "This layer has 1 to {size} exponents, but {came} came.", size=size, came=shown(n)
        )
    if not is_whole_number(skip) or not 0 <= skip < n_steps:
        raise InputError(
            "Of {n_steps} steps 0 to {last} can be skipped, but {came} came.",
            n_steps=n_steps,
            last=n_steps - 1,
            came=shown(skip),
        )


def _growth(found: LinearisedLayer, directions: Array, n_steps: int) -> Array:
    """ln of how much each step stretches the directions (state, exponent): (time, exponent)."""
    names = found.layer.cell.states
    ends = np.cumsum([found.layer.width(name) for name in names])[:-1]
    stretch = np.zeros((n_steps, directions.shape[1]))
    order = range(n_steps) if found.layer.direction == "forward" else range(n_steps)[::-1]
    for count, t in enumerate(order):
        before = dict(zip(names, np.split(directions.T, ends, axis=1), strict=True))
        push = Push(t, before)
        after = np.concatenate([push(found.signals[name]) for name in names], axis=1)
        directions, triangle = np.linalg.qr(after.T)
        stretch[count] = np.abs(np.diagonal(triangle))
    with np.errstate(divide="ignore"):
        logarithms: Array = np.log(stretch)
    return logarithms
