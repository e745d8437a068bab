"""Relevance of inputs by occlusion: what moves when one of them is replaced by its mean.

M. D. Zeiler, R. Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014,
section 4.2, which greys out parts of a picture. Inputs that go together hide each other, and the
mean may be an input that the network never met.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.engine.model_inputs import encode_for_model
from rnnviz.engine.run import trace_model
from rnnviz.engine.trace import Trace
from rnnviz.network.model import Model

_MOST = 64


@dataclass(frozen=True, eq=False)
class Relevance:
    """How far a network's numbers move without each input, the most relevant first.

    kind    "features", columns of numbers, or "tokens" of a text.
    names   of the features or tokens.
    steps   (input,), at how many steps each was replaced.
    output  (input,), root mean square change of the readout's numbers over all real steps, as a
            share of their own root mean square distance from their mean; NaN without a readout,
            and where they do not vary.
    hidden  (input,), the same of the top level's hidden states.
    n_all   number of all inputs; of more than were tried, `names` are those that vary most or come
            most often.
    """

    kind: Literal["features", "tokens"]
    names: tuple[str, ...]
    steps: Array
    output: Array
    hidden: Array
    n_all: int

    @property
    def shares(self) -> Array:
        """(input,), what decides the order: `output`, or `hidden` where that is NaN."""
        return self.hidden if np.isnan(self.output).all() else self.output


def relevance(
    model: Model,
    sequence: Sequence,
    *,
    most: int = _MOST,
    progress: Callable[[float], object] | None = None,
) -> Relevance:
    """Relevance of every feature, or of every token of a text, to a model on a sequence.

    An input is replaced by the mean over all real steps: of its column, or, at each step of a
    token, of what the network reads there. Each input costs a run.

    most      number of inputs to try at most: the features of the largest deviation, or the most
              frequent tokens.
    progress  called with the part of the work that is done, 0…1.

    Raises ModelError when the sequence does not fit the model.

    >>> import rnnviz as rv
    >>> weights = {"hidden.x": np.array([[1.0, 0.0]]), "hidden.h": np.zeros((1, 1))}
    >>> model = rv.Model((rv.Layer("rnn", "forward", weights),))
    >>> told = relevance(model, rv.Sequence([[[0.1, 0.2]], [[0.3, 0.9]]], features=("a", "b")))
    >>> told.names, told.hidden.round(3).tolist()
    (('a', 'b'), [1.0, 0.0])
    """
    fitting = encode_for_model(model, sequence)
    base, mean = trace_model(model, fitting), _mean(fitting)
    inputs, n_all = _token_inputs(fitting, most) if _is_text(fitting) else _columns(fitting, most)
    moved = np.zeros((len(inputs), 2))
    for at, (_, where) in enumerate(inputs):
        values = np.where(where, mean.astype(fitting.values.dtype), fitting.values)
        moved[at] = _moved(base, trace_model(model, replace(fitting, values=values)))
        if progress is not None:
            progress((at + 1) / len(inputs))
    if not base.output_names:
        moved[:, 0] = np.nan
    told = Relevance(
        "tokens" if _is_text(fitting) else "features",
        tuple(name for name, _ in inputs),
        np.array([int(_at_steps(where, fitting).sum()) for _, where in inputs]),
        moved[:, 0],
        moved[:, 1],
        n_all,
    )
    return _in_order(told)


Input = tuple[str, Array]


def _is_text(sequence: Sequence) -> bool:
    return sequence.encoding != "values"


def _columns(sequence: Sequence, most: int) -> tuple[list[Input], int]:
    """Features of the largest deviation, each with where it stands, (1, 1, feature)."""
    spread = sequence.values[sequence.is_real].std(axis=0)
    chosen = np.argsort(-spread, kind="stable")[:most]
    features = np.arange(sequence.n_features)
    named = [(sequence.features[i], (features == i)[None, None]) for i in map(int, sorted(chosen))]
    return named, sequence.n_features


def _token_inputs(sequence: Sequence, most: int) -> tuple[list[Input], int]:
    """The most frequent tokens, each with where it stands, (time, row, 1)."""
    counts = Counter(token for row in sequence.tokens for token in row)
    labels = np.full((sequence.n_steps, sequence.n_rows), None, object)
    for row, tokens in enumerate(sequence.tokens):
        labels[: len(tokens), row] = tokens
    named = [(token, (labels == token)[..., None]) for token, _ in counts.most_common(most)]
    return named, len(counts)


def _at_steps(where: Array, sequence: Sequence) -> Array:
    """Real steps (time, row) at which an input is replaced."""
    at: Array = where.any(axis=2) & sequence.is_real
    return at


def _mean(sequence: Sequence) -> Array:
    """Mean input over all real steps, (feature,)."""
    mean: Array = sequence.values[sequence.is_real].astype(float).mean(axis=0)
    return mean


def _moved(base: Trace, other: Trace) -> tuple[float, float]:
    """Changes of the outputs and of the top level's hidden states, as shares of their spread."""
    real = base.sequence.is_real
    pairs = ((base.outputs, other.outputs), (top_states(base), top_states(other)))
    output, hidden = (moved_share(one[real], two[real]) for one, two in pairs)
    return output, hidden


def moved_share(before: Array, after: Array) -> float:
    """Root mean square distance of two runs (step, number), as a share of the first one's spread.

    NaN for a run that does not vary.

    >>> moved_share(np.array([[0.0], [2.0]]), np.array([[1.0], [3.0]]))
    1.0
    """
    moved, varied = ((one.astype(float) ** 2).mean() for one in (after - before, _centred(before)))
    return float(np.sqrt(moved / varied)) if varied else np.nan


def _centred(values: Array) -> Array:
    return np.asarray(values - values.astype(float).mean(axis=0))


def top_states(trace: Trace) -> Array:
    """Hidden states of the top level, both directions side by side, (time, batch, unit).

    >>> import rnnviz as rv
    >>> top_states(rv.trace(rv.random_model("gru", 1, 2, bidirectional=True), [[0.5]])).shape
    (1, 1, 4)
    """
    top = [one.signals["hidden"] for one in trace.layers if one.level == trace.layers[-1].level]
    return np.concatenate(top, axis=2)


def _in_order(told: Relevance) -> Relevance:
    order = np.argsort(-np.nan_to_num(told.shares, nan=-1), kind="stable")
    names = tuple(told.names[i] for i in order)
    arrays = {name: getattr(told, name)[order] for name in ("steps", "output", "hidden")}
    return replace(told, names=names, **arrays)
