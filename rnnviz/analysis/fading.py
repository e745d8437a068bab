"""Fading of one step's input: what is left of it in a layer's memory after so many steps."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rnnviz.analysis.gradient import state_distance
from rnnviz.analysis.unit_steps import memory_state
from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.engine.model_inputs import encode_for_model
from rnnviz.engine.run import trace_model
from rnnviz.engine.trace import Trace
from rnnviz.network.model import Model


@dataclass(frozen=True, eq=False)
class Fading:
    """What is left of one changed step in a layer's memory.

    state  whose distance was measured: "cell" of an LSTM, "hidden" of a GRU.
    left   (lag,), the distance from the unchanged run so many steps later, mean over the rows, as
           a share of its largest; zeros where nothing changed.
    reach  the last lag at which 1/e of the largest, 37 %, is left.
    is_whole  True where that is the last lag: the memory may be longer than what was measured.
    """

    layer: int
    state: str
    left: Array
    reach: int
    is_whole: bool

    @property
    def is_known(self) -> bool:
        """False where the change left no trace at all."""
        return bool(self.left.any())


def memory_fading(model: Model, sequence: Sequence) -> tuple[Fading, ...]:
    """Fading in every layer of a model: the step that it reads first is replaced by the mean input.

    The rows of the sequence are repetitions, each from its own initial state where the model has
    one for every row; lags end with the shortest.

    Raises ModelError when the sequence does not fit the model.

    >>> import rnnviz as rv
    >>> model = rv.random_model("lstm", n_inputs=1, n_units=2)
    >>> [told] = memory_fading(model, rv.Sequence([[[0.5]], [[0.1]], [[0.3]]]))
    >>> told.state, len(told.left), float(told.left.max())
    ('cell', 3, 1.0)
    """
    fitting = encode_for_model(model, sequence)
    base = trace_model(model, fitting)
    directions = {layer.direction for layer in base.layers}
    changed = {one: trace_model(model, _changed(fitting, one)) for one in directions}
    return tuple(
        _fading(base, changed[layer.direction], at) for at, layer in enumerate(base.layers)
    )


def _changed(sequence: Sequence, direction: str) -> Sequence:
    """The sequence with the mean input at every row's first step, or its last."""
    values = np.array(sequence.values)
    mean = values[sequence.is_real].astype(float).mean(axis=0)
    last = np.asarray(sequence.lengths) - 1
    values[0 if direction == "forward" else last, np.arange(sequence.n_rows)] = mean
    return replace(sequence, values=values)


def _fading(base: Trace, other: Trace, layer: int) -> Fading:
    traced, lengths = base.layers[layer], base.sequence.lengths
    state, turn = memory_state(traced.cell), -1 if traced.direction == "backward" else 1
    apart = [
        state_distance(base, other, state, row, layer=layer)[:length][::turn][: min(lengths)]
        for row, length in enumerate(lengths)
    ]
    mean = np.mean(apart, axis=0)
    left = mean / mean.max() if mean.max() > 0 else np.zeros_like(mean)
    seen = np.flatnonzero(left >= 1 / np.e)
    reach = int(seen[-1]) if len(seen) else 0
    return Fading(layer, state, left, reach, 0 < reach == len(left) - 1)
