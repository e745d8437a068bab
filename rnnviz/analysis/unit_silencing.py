"""What a network loses when one of its units is silenced."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from rnnviz.analysis.relevance import moved_share
from rnnviz.analysis.surprise import surprise
from rnnviz.analysis.unit_stream import UnitStream, batch_of
from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.engine.run import trace_model
from rnnviz.engine.trace import Trace
from rnnviz.errors import ModelError
from rnnviz.interventions.types import Silence

_PIECES, _STEPS, _SKIPPED = 4, 160, 32
_MAX_NUMBERS = 20_000_000
# Units that are silenced beside those found, so that one can see what any unit costs.
N_OTHERS = 16


Measure = Literal["bits", "answers", "share", ""]


@dataclass(frozen=True, eq=False)
class Silencing:
    """Effect of silencing units, each alone.

    measure  "bits": by how much a token to come becomes more surprising on average; "answers": the
             share of steps at which another output is the most probable; "share": how far the
             outputs move, as a share of their own spread; "" where it cannot be told.
    effects  by unit.
    typical  median of units taken at random.
    """

    measure: Measure
    effects: dict[int, float]
    typical: float


def silencing(
    stream: UnitStream, found: Iterable[int], generator: np.random.Generator
) -> Silencing:
    """Effect of silencing units, on a few pieces spread over what the model reads.

    Each piece starts from the network's own initial states; its first steps are not counted.
    """
    layer = stream.model.layers[stream.layer]
    if stream.n_units != layer.n_hidden:
        return Silencing("", {}, np.nan)
    others = generator.permutation(layer.n_hidden)[:N_OTHERS].tolist()
    pieces = _pieces(stream)
    try:
        base = trace_model(stream.model, pieces)
        measure, effect = _effect_on(base)
        units = dict.fromkeys([*map(int, found), *others])
        effects = {unit: effect(_silenced(stream, pieces, unit)) for unit in units}
    # A unit that is held at 0 can leave a cell without a number.
    except ModelError:
        return Silencing("", {}, np.nan)
    return Silencing(measure, effects, float(np.median([effects[unit] for unit in others])))


def _pieces(stream: UnitStream) -> Sequence:
    """Pieces of the rows as a batch: of one long row, or the first steps of several rows."""
    a_step = stream.n_units * len(stream.model.layers) * 8
    steps = max(2, min(_STEPS, _MAX_NUMBERS // (a_step * _PIECES)))
    if len(stream.rows) > 1:
        chosen = stream.rows[:: max(1, len(stream.rows) // (4 * _PIECES))][: 4 * _PIECES]
        return batch_of([row.window(0, min(steps, row.n_steps)) for row in chosen])
    row = stream.rows[0]
    size = min(steps, row.n_steps // _PIECES) or row.n_steps
    starts = np.linspace(0, row.n_steps - size, _PIECES).astype(int).tolist()
    return batch_of([row.window(start, start + size) for start in starts])


def _silenced(stream: UnitStream, pieces: Sequence, unit: int) -> Trace:
    return trace_model(stream.model, pieces, intervene=[Silence(unit, layer=stream.layer)])


def _effect_on(base: Trace) -> tuple[Measure, Callable[[Trace], float]]:
    """What is measured, and the function from a trace to its distance from the base."""
    counted = base.sequence.is_real.copy()
    counted[: min(_SKIPPED, base.sequence.n_steps // 4)] = False
    if base.readout == "softmax" and base.output_names:
        before = _bits(base, counted)
        if np.isfinite(before):
            return "bits", lambda trace: _bits(trace, counted) - before
        answers = base.outputs[counted].argmax(axis=1)
        return "answers", lambda trace: float(
            np.mean(trace.outputs[counted].argmax(axis=1) != answers)
        )
    return "share", lambda trace: moved_share(base.outputs[counted], trace.outputs[counted])


def _bits(trace: Trace, counted: Array) -> float:
    """Mean surprise of the tokens that are counted; NaN where none is an output."""
    rows = range(trace.sequence.n_rows)
    bits = np.concatenate(
        [surprise(trace, row=row)[counted[: trace.sequence.lengths[row], row]] for row in rows]
    )
    return float(np.nanmean(bits)) if np.isfinite(bits).any() else np.nan
