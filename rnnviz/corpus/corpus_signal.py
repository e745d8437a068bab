"""All units of a signal over a corpus: where their numbers lie, and how far they move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.cell import Signal
from rnnviz.core.figured import Figured
from rnnviz.core.libraries import optional_library
from rnnviz.corpus.corpus_unit import spread
from rnnviz.corpus.scan_shard import FEATURES
from rnnviz.corpus.sketch import SignalSketch


@dataclass(frozen=True, eq=False, repr=False)
class CorpusSignal(Figured):
    """What a scan keeps of the units of a signal, (unit,) each.

    mean, std     over all steps.
    closed, open  shares of steps in the lowest and in the highest tenth of the range; below −4
                  and above 4 where it has none.
    features      (feature,): names; correlations, (unit, feature).
    has_bounds    True where the signal has a least and a largest number, as a gate has.
    """

    drawing: ClassVar[str] = "corpus_signal"
    signal: str
    mean: Array
    std: Array
    closed: Array
    open: Array
    features: tuple[str, ...]
    correlations: Array
    has_bounds: bool = True

    def __repr__(self) -> str:
        return f"<CorpusSignal {self.signal}: {len(self.mean)} units>"

    @property
    def closest(self) -> tuple[tuple[str, float], ...]:
        """The feature that each unit follows most closely, and r; none where no feature varies."""
        if not self.features:
            return (("", 0.0),) * len(self.mean)
        places = np.abs(self.correlations).argmax(axis=1).tolist()
        pairs = zip(places, self.correlations, strict=True)
        return tuple((self.features[place], float(row[place])) for place, row in pairs)

    def to_frame(self) -> Any:
        """A pandas table, a row for each unit."""
        pandas = optional_library("pandas")
        columns: dict[str, Any] = {
            "signal": self.signal,
            "unit": np.arange(len(self.mean)),
            "mean": self.mean,
            "std": self.std,
            "lowest_tenth": self.closed,
            "highest_tenth": self.open,
        }
        return pandas.DataFrame(
            columns | dict(zip(self.features, self.correlations.T, strict=True))
        )


def corpus_signal(signal: Signal, sketch: SignalSketch) -> CorpusSignal:
    """What a sketch keeps of the units of a signal."""
    moments = sketch.moments
    varies = np.flatnonzero(moments.feature_squares[: len(FEATURES)] > 0)
    return CorpusSignal(
        signal.name,
        moments.mean,
        spread(moments),
        *sketch.saturation,
        tuple(FEATURES[number] for number in varies.tolist()),
        moments.correlations[:, varies],
        not (np.isinf(signal.low) or np.isinf(signal.high)),
    )
