"""Similarity of the states of two runs on one input, by CKA and by Procrustes' distance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from rnnviz.core.arrays import Array, read_only
from rnnviz.core.figured import Figured
from rnnviz.core.libraries import optional_library
from rnnviz.engine.trace import Trace
from rnnviz.engine.wanted import check_trace
from rnnviz.errors import InputError
from rnnviz.network.layer import Direction

MIN_COMPARED = 3


class ComparedState(NamedTuple):
    """A state of a layer, by the layer's level and direction and the state's name."""

    level: int
    direction: Direction
    state: str


@dataclass(frozen=True, eq=False, repr=False)
class Similarity(Figured):
    """Result of `rnnviz.similarity`: every state of run a beside every state of run b.

    a, b        the states, in the order of the layers.
    cka         (state of a, state of b), linear CKA, 0…1: 1 where one is the other turned, mirrored
                and scaled as a whole. NaN where a state never changes.
    chance      the mean of that CKA over all orders of b's steps: what is expected of states that
                have nothing to do with each other. With few steps and many units it is near 1.
    procrustes  (state of a, state of b), 0…√2: how far a is from b, both centred and of norm 1,
                after the best turn and mirroring.
    n_steps     real steps that were compared, those of all rows together.
    """

    drawing: ClassVar[str] = "similarity"
    a: tuple[ComparedState, ...]
    b: tuple[ComparedState, ...]
    cka: Array
    chance: Array
    procrustes: Array
    n_steps: int
    is_trained: bool = True

    def __post_init__(self) -> None:
        for name in ("cka", "chance", "procrustes"):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    def __repr__(self) -> str:
        size = f"{len(self.a)} × {len(self.b)} states, {self.n_steps:,} steps"
        found = self.cka[np.isfinite(self.cka)]
        reach = f": CKA {found.min():.2f} to {found.max():.2f}" if found.size else ""
        return f"<Similarity of {size}{reach}>"

    def to_frame(self) -> Any:
        """A pandas table, a row for each pair of states, with the level, direction and name of
        both: `level_a` … `state_b`, `cka`, `chance`, `procrustes`."""
        pandas = optional_library("pandas")
        pairs = [(*one, *other) for one in self.a for other in self.b]
        names = [f"{part}_{run}" for run in "ab" for part in ComparedState._fields]
        table = pandas.DataFrame(pairs, columns=names)
        numbers = {name: getattr(self, name).reshape(-1) for name in ("cka", "chance")}
        return table.assign(**numbers, procrustes=self.procrustes.reshape(-1))


def similarity(a: Trace, b: Trace) -> Similarity:
    """How alike the states of two runs are: of every layer of one with every layer of the other.

    a, b  traces of the same sequence: two models, one model before and after its training, or with
          and without an intervention. Cells and sizes may differ. Padding does not count, and the
          steps of all rows are taken together.

    With X and Y the states (step, unit), their means taken off:

        CKA         ‖Yᵀ X‖² / (‖Xᵀ X‖ ‖Yᵀ Y‖)
        Procrustes  min over Q, Qᵀ Q = I, of ‖X Q / ‖X‖ − Y / ‖Y‖‖

    with Frobenius' norms; the narrower of two states has zeros added for Procrustes.

    Both are blind to a turn of all units together, so that they compare what a layer holds and not
    which unit holds it. Read CKA beside its chance: steps follow from each other, so that a little
    above chance is no likeness yet.

    S. Kornblith et al., "Similarity of Neural Network Representations Revisited", ICML 2019, eq. 5;
    F. Ding, J.-S. Denain, J. Steinhardt, "Grounding Representation Similarity Through Statistical
    Testing", NeurIPS 2021, whose Procrustes distance is the square of this one.

    Raises InputError for anything but two traces of one sequence, for fewer than MIN_COMPARED
    steps, and for states that are not finite.

    >>> import rnnviz as rv
    >>> before, after = (rv.random_model("gru", 1, 4, seed=seed) for seed in (0, 1))
    >>> read = rv.probe_signal("noise", 1)
    >>> found = rv.similarity(rv.trace(before, read), rv.trace(before, read))
    >>> found.cka.round(6).tolist(), found.procrustes.round(6).tolist()
    ([[1.0]], [[0.0]])
    >>> float(rv.similarity(rv.trace(before, read), rv.trace(after, read)).procrustes[0, 0]) > 0.1
    True
    """
    _check(a, b)
    ours, theirs = _states(a), _states(b)
    n_steps = int(a.sequence.is_real.sum())
    pairs = [[_compared(x, y, n_steps) for y in theirs.values()] for x in ours.values()]
    cka, chance, procrustes = np.moveaxis(np.array(pairs), -1, 0)
    is_trained = a.is_trained and b.is_trained
    return Similarity(tuple(ours), tuple(theirs), cka, chance, procrustes, n_steps, is_trained)


def _check(a: object, b: object) -> None:
    for one in (a, b):
        check_trace(one)
    assert isinstance(a, Trace)
    assert isinstance(b, Trace)
    if not _is_one_input(a, b):
        raise InputError(
            "The states of two runs are compared on one sequence, but these read different ones;"
            " trace both models on the same one."
        )
    if a.sequence.is_real.sum() < MIN_COMPARED:
        raise InputError(
            "States are compared over {least} steps or more, but {came} came; trace a longer"
            " sequence.",
            least=MIN_COMPARED,
            came=int(a.sequence.is_real.sum()),
        )


def _is_one_input(a: Trace, b: Trace) -> bool:
    """True for the same tokens and, where numbers are read, for equal numbers."""
    one, other = a.sequence, b.sequence
    if one.lengths != other.lengths or one.tokens != other.tokens or a.start != b.start:
        return False
    if "values" not in (one.encoding, other.encoding):
        return True
    real = one.is_real
    return np.array_equal(one.values[real], other.values[real])


def _states(trace: Trace) -> dict[ComparedState, Array]:
    """States (step, unit) of all real steps, centred and of Frobenius norm 1, zeros if constant."""
    is_real = trace.sequence.is_real
    return {
        ComparedState(layer.level, layer.direction, name): _normed(layer.signals[name][is_real])
        for layer in trace.layers
        for name in layer.cell.states
    }


def _normed(values: Array) -> Array:
    values = values.astype(np.float64)
    if not np.isfinite(values).all():
        raise InputError(
            "States that are compared should be finite, but a run holds NaN or infinity;"
            " rv.health tells where it begins."
        )
    if (values == values[:1]).all():
        return np.zeros_like(values)
    scaled = values / np.abs(values).max()
    centred = scaled - scaled.mean(axis=0)
    normed: Array = centred / np.linalg.norm(centred)
    return normed


def _compared(x: Array, y: Array, n_steps: int) -> tuple[float, float, float]:
    """CKA, its mean over all orders of the steps, and Procrustes' distance."""
    if not x.any() or not y.any():
        return np.nan, np.nan, np.nan
    both = x.T @ y
    sizes = np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y)
    # A centred Gram matrix K is, over all orders, on average tr K (I − 1/n) / (n − 1); tr K is 1.
    chance = 1 / ((n_steps - 1) * sizes)
    return float(np.linalg.norm(both) ** 2 / sizes), float(chance), _procrustes(x, y, both)


def _procrustes(x: Array, y: Array, both: Array) -> float:
    """Distance after the turn itself: 2 − 2 ‖Xᵀ Y‖_* would lose half of its digits near 0."""
    width = max(both.shape)
    padded = np.zeros((width, width))
    padded[: both.shape[0], : both.shape[1]] = both
    left, _, right = np.linalg.svd(padded)
    turn = left @ right
    turned = x @ turn[: x.shape[1]]
    turned[:, : y.shape[1]] -= y
    return float(np.linalg.norm(turned))
