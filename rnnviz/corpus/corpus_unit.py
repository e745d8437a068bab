"""One unit over a corpus: how its numbers are distributed, where it is far out, what it follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.cell import Signal
from rnnviz.core.figured import Figured
from rnnviz.core.libraries import optional_library
from rnnviz.corpus.features import copies_of
from rnnviz.corpus.moments import Moments
from rnnviz.corpus.scan_shard import FEATURES, ShardSketch
from rnnviz.corpus.sketch import bin_edges


@dataclass(frozen=True)
class CorpusContext:
    """A place of the corpus where a unit is high or low.

    shard, step          where it is; before, token, after, what is read there.
    """

    value: float
    shard: int
    step: int
    before: str
    token: str
    after: str


@dataclass(frozen=True, eq=False, repr=False)
class CorpusUnit(Figured):
    """What a scan keeps of a unit.

    mean, std        over all steps.
    closed, open     shares of steps in the lowest and in the highest tenth of the range; below −4
                     and above 4 where it has none.
    edges, shares    of its histogram, (41,) and (40,), of every fourth step.
    correlations     with each feature of the text that varies, over all steps.
    shifted          with copies of the feature turned around the text, the largest |r| of each.
    highest, lowest  places of the corpus, the farthest first.
    """

    drawing: ClassVar[str] = "corpus_unit"
    signal: str
    unit: int
    mean: float
    std: float
    closed: float
    open: float
    edges: Array
    shares: Array
    correlations: Mapping[str, float]
    shifted: Mapping[str, float]
    highest: tuple[CorpusContext, ...]
    lowest: tuple[CorpusContext, ...]

    def __repr__(self) -> str:
        return f"<CorpusUnit {self.signal} {self.unit}: mean {self.mean:.3g}, std {self.std:.3g}>"

    def to_frame(self) -> Any:
        """A pandas table, a row for each place where the unit is far out."""
        pandas = optional_library("pandas")
        rows = [("highest", one) for one in self.highest] + [("lowest", one) for one in self.lowest]
        return pandas.DataFrame([{"end": end, **vars(one)} for end, one in rows])


def corpus_unit(sketch: ShardSketch, signal: Signal, unit: int) -> CorpusUnit:
    """What a sketch keeps of a unit of a signal."""
    own = sketch.signals[signal.name]
    moments, counts = own.moments, own.histogram[unit]
    closed, opened = own.saturation
    r = moments.correlations[unit]
    varies = np.flatnonzero(moments.feature_squares[: len(FEATURES)] > 0).tolist()
    return CorpusUnit(
        signal.name,
        unit,
        float(moments.mean[unit]),
        float(spread(moments)[unit]),
        float(closed[unit]),
        float(opened[unit]),
        bin_edges(signal),
        counts / max(1, counts.sum()),
        {FEATURES[number]: float(r[number]) for number in varies},
        {FEATURES[number]: float(np.abs(r[copies_of(number)]).max()) for number in varies},
        contexts_of(sketch, signal.name, unit, lowest=False),
        contexts_of(sketch, signal.name, unit, lowest=True),
    )


def contexts_of(
    sketch: ShardSketch, signal: str, unit: int, *, lowest: bool
) -> tuple[CorpusContext, ...]:
    """Places of the corpus where a unit is highest, or lowest, the farthest first."""
    own = sketch.signals[signal]
    tops, sign = (own.lowest, -1) if lowest else (own.highest, 1)
    numbers = (one[unit].tolist() for one in (tops.values, tops.shards, tops.places))
    return tuple(
        context_at(sketch, shard, step, sign * value)
        for value, shard, step in zip(*numbers, strict=True)
        if np.isfinite(value)
    )


def context_at(sketch: ShardSketch, shard: int, step: int, value: float) -> CorpusContext:
    """A place of the tops with what is read there."""
    read = sketch.contexts[shard, step]
    return CorpusContext(value, shard, step, read.before, read.token, read.after)


def spread(moments: Moments) -> Array:
    """Standard deviation of every unit, (unit,)."""
    return np.asarray(np.sqrt(moments.squares / max(1, moments.n)))
