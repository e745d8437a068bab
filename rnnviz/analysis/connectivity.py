"""How far back: the gradient of every step's result with respect to every step's input.

A. Madsen, "Visualizing memorization in RNNs", Distill (2019), who calls it connectivity;
R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training recurrent neural networks",
ICML 2013.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnviz.analysis.connectivity_target import Wanted, target_directions
from rnnviz.analysis.cursor import check_index
from rnnviz.analysis.gradient_sweep import hidden_norms, target_norms
from rnnviz.analysis.jacobians import MAX_JACOBIAN_BYTES, Jacobians, jacobians
from rnnviz.analysis.layer_jacobians import LayerJacobians
from rnnviz.analysis.stack_sweep import stack_numbers, stack_tangents
from rnnviz.analysis.trace_part import trace_part
from rnnviz.core.arrays import Array, read_only
from rnnviz.core.figured import Figured
from rnnviz.core.libraries import optional_library
from rnnviz.engine.kernels.threads import one_thread
from rnnviz.engine.trace import Trace
from rnnviz.errors import InputError
from rnnviz.formatting import token_label
from rnnviz.network.model import Model

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

MAX_PAIR_PRODUCTS = 2e12
SHARE = 0.9
"""Share of the gradient that the memory length holds."""


@dataclass(frozen=True, eq=False, repr=False)
class Connectivity(Figured):
    """Result of `rnnviz.connectivity`: ‖∂y_t/∂x_s‖ for every pair of steps of one row.

    logarithms  log10 of the norm, (time t, step s); −∞ where s does not act on t. A forward layer's
                fills the lower triangle, a backward one's the upper.
    target      what y is: "hidden", "unit 3", "loss", or the name of an output.
    level       of the hidden states that are looked at, or read out.
    tokens      a visible label for every step.
    start       the number of the first step in a longer sequence.
    """

    drawing: ClassVar[str] = "connectivity"
    logarithms: Array
    target: str
    level: int
    tokens: tuple[str, ...]
    start: int = 0
    is_trained: bool = True

    @cached_property
    def norms(self) -> Array:
        """The norms themselves, (time t, step s): 0 or ∞ where they leave float64."""
        with np.errstate(over="ignore"):
            return read_only(10.0**self.logarithms)

    @cached_property
    def by_lag(self) -> Array:
        """Median log10 norm at every distance t − s ≥ 0 in steps, (lag,)."""
        n = len(self.tokens)
        return read_only([float(np.median(np.diagonal(self.logarithms, -lag))) for lag in range(n)])

    @cached_property
    def lengths(self) -> Array:
        """Effective memory of every step, (time,): the fewest steps back, its own step 0, that hold
        SHARE of Σ_s ‖∂y_t/∂x_s‖ over s ≤ t; −1 where no step acts."""
        return read_only([_length(row[: t + 1][::-1]) for t, row in enumerate(self.logarithms)])

    @property
    def memory_length(self) -> float:
        """Effective memory length: the median of `lengths` over the second half of the steps.

        Where the gradient does not fade it is as long as the sequence lets it be.
        """
        return float(np.median(self.lengths[len(self.lengths) // 2 :]))

    def __repr__(self) -> str:
        n = len(self.tokens)
        length = f"{self.memory_length:g}"
        return f"<Connectivity of {self.target}, {n} steps: effective memory length {length}>"

    def to_frame(self) -> Any:
        """A pandas table: a row for each pair of steps, `time`, `step`, `lag`, `log10_norm`."""
        pandas = optional_library("pandas")
        time, step = (number.reshape(-1) for number in np.indices(self.logarithms.shape))
        return pandas.DataFrame(
            {
                "time": time + self.start,
                "step": step + self.start,
                "lag": time - step,
                "log10_norm": self.logarithms.reshape(-1),
            }
        )


@one_thread()
def connectivity(
    model: Model,
    trace: Trace,
    *,
    output: int | str | None = None,
    unit: int | None = None,
    targets: ArrayLike | None = None,
    level: int | None = None,
    row: int = 0,
) -> Connectivity:
    """Gradient norms ‖∂y_t/∂x_s‖ between all pairs of steps, exact, in float64.

    model   that made the trace.
    output  y is this output of the readout before its activation, a logit: its number or name.
    unit    y is this number of the level's hidden states, both directions side by side.
    targets y_t is the loss at step t, with targets as in `rnnviz.gradients`; where there is none,
            nothing acts on it.
            By default y is all hidden states of the level together, and the norm Frobenius'.
    level   of a stacked model, to look at this level alone: y are its hidden states and x what it
            reads. By default y are the top level's, and x is the model's input.
    row     of the batch.

    Raises what `rnnviz.jacobians` raises, and InputError for an output, unit, level or row that is
    not there, and for more steps than can be carried.

    >>> import rnnviz as rv
    >>> weights = {"hidden.x": np.ones((1, 1)), "hidden.h": np.full((1, 1), 0.5)}
    >>> layer = rv.Layer("rnn", "forward", weights, activations={"hidden": "linear"})
    >>> model = rv.Model((layer,))
    >>> rv.connectivity(model, rv.trace(model, [[1.0], [0.0], [0.0]])).norms.round(6).tolist()
    [[1.0, 0.0, 0.0], [0.5, 1.0, 0.0], [0.25, 0.5, 1.0]]
    """
    found = jacobians(model, trace_part(trace, row) if isinstance(trace, Trace) else trace)
    levels = _levels(model, found)
    if level is not None:
        check_index("level", level, len(levels))
    top = len(levels) - 1 if level is None else level
    name, directions = target_directions(Wanted(output, unit, targets), model, trace, top, row)
    chosen = levels if level is None else levels[level : level + 1]
    return Connectivity(
        read_only(_logarithms(chosen, directions)),
        name,
        top,
        tuple(map(token_label, trace.sequence.tokens[row])),
        trace.start,
        model.is_trained,
    )


def _levels(model: Model, found: Jacobians) -> list[list[LayerJacobians]]:
    pairs = list(zip(found, model.layers, strict=True))
    numbers = range(len(model.levels))
    return [[one for one, layer in pairs if layer.level == number] for number in numbers]


def _logarithms(levels: list[list[LayerJacobians]], directions: Array | None) -> Array:
    if len(levels) > 1:
        _check_room(levels)
        return stack_tangents(levels).norms(directions)
    if directions is not None:
        return _of_target(levels[0], directions)
    _check_work(levels[0])
    return _of_hidden(levels[0])


def _check_room(levels: list[list[LayerJacobians]]) -> None:
    if 8 * stack_numbers(levels) > MAX_JACOBIAN_BYTES:
        n_steps = len(levels[0][0].is_real)
        raise InputError(
            "Gradients through all levels of this model have room for {most} steps, but {came}"
            " came; look at one level, as with level={last}, or trace fewer steps.",
            most=int(n_steps * (MAX_JACOBIAN_BYTES / 8 / stack_numbers(levels)) ** 0.5),
            came=n_steps,
            last=len(levels) - 1,
        )


def _check_work(layers: list[LayerJacobians]) -> None:
    n_steps = max(len(one.is_real) for one in layers)
    widths = [(sum(one.widths), one.n_inputs) for one in layers]
    a_pair = sum(min(width, n_inputs) * width**2 for width, n_inputs in widths)
    if a_pair * n_steps**2 > MAX_PAIR_PRODUCTS:
        raise InputError(
            "All hidden states over at most {most} steps can be followed back in this layer, but"
            " {came} came; ask for one unit or output, or trace fewer steps.",
            most=int((MAX_PAIR_PRODUCTS / a_pair) ** 0.5),
            came=n_steps,
        )


def _of_hidden(layers: list[LayerJacobians]) -> Array:
    """Norms of all layers of a level together: their squares add up."""
    return _log_sum([hidden_norms(one) for one in layers])


def _log_sum(logarithms: list[Array]) -> Array:
    """log10 of the root of the sum of squares."""
    natural = [2 * np.log(10) * one for one in logarithms]
    return np.asarray(np.logaddexp.reduce(natural) / (2 * np.log(10)))


def _of_target(layers: list[LayerJacobians], directions: Array) -> Array:
    """Norms of y_t = directions_t · h_t; at its own step all layers of a level read one input."""
    total: Array | None = None
    here, start = np.zeros((len(layers[0].is_real), layers[0].n_inputs)), 0
    for one in layers:
        width = dict(zip(one.names, one.widths, strict=True))["hidden"]
        logarithms, at_step = target_norms(one, directions[:, start : start + width])
        total = logarithms if total is None else np.maximum(total, logarithms)
        here, start = here + at_step, start + width
    assert total is not None
    with np.errstate(divide="ignore"):
        np.fill_diagonal(total, np.log10(np.linalg.norm(here, axis=1)))
    return total


def _length(logarithms: Array) -> int:
    """Fewest steps back that hold SHARE, from the step itself back to the first."""
    largest = logarithms.max()
    if largest == -np.inf:
        return -1
    shares = np.cumsum(10.0 ** (logarithms - largest))
    return int(np.searchsorted(shares, SHARE * shares[-1] * (1 - 1e-12)))
