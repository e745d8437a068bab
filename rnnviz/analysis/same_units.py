"""Spans of a run where the units are on that are on throughout a given one.

H. Strobelt, S. Gehrmann, H. Pfister, A. M. Rush, "LSTMVis: A Tool for Visual Analysis of Hidden
State Dynamics in Recurrent Neural Networks", IEEE Transactions on Visualization and Computer
Graphics 24 (2018), section 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rnnviz.analysis.unit_pass import KEPT_SCALE
from rnnviz.analysis.unit_stream import UnitStream
from rnnviz.core.arrays import Array
from rnnviz.core.checks import check_count, is_whole_number, shown
from rnnviz.core.figured import Figured
from rnnviz.core.libraries import optional_library
from rnnviz.errors import InputError

MAX_SPAN = 1000
# A unit that is on at more than half of all steps does not tell a span from the rest.
_MOST_ON = 0.5
_CONTEXT = 16


@dataclass(frozen=True)
class SameSpan:
    """Steps from `start` up to `stop` at which at least `n_on` of the units are on.

    before, tokens, after  what is read there.
    """

    start: int
    stop: int
    n_on: int
    before: tuple[str, ...]
    tokens: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, eq=False, repr=False)
class SameUnits(Figured):
    """Units that are on throughout a span, and other spans at which they are on.

    given      the span itself.
    units      numbers of the units; `signs`, 1 for one that is above the threshold, −1 for one
               below its negative. One that is on at more than half of all steps is left out.
    spans      other spans, those with the most units on first, then those closest in length.
    threshold  above which a unit is on.
    glue       what stands between two tokens.
    """

    drawing: ClassVar[str] = "same_units"
    given: SameSpan
    units: tuple[int, ...]
    signs: tuple[int, ...]
    spans: tuple[SameSpan, ...]
    threshold: float
    glue: str = ""

    def __repr__(self) -> str:
        text = self.glue.join(self.given.tokens)
        return f"<SameUnits “{shown(text)}”: {len(self.units)} units, {len(self.spans)} spans>"

    def to_frame(self) -> Any:
        """A pandas table, a row for each other span."""
        pandas = optional_library("pandas")
        columns = ("start", "stop", "units", "before", "text", "after")
        rows = [
            (s.start, s.stop, s.n_on, *map(self.glue.join, (s.before, s.tokens, s.after)))
            for s in self.spans
        ]
        return pandas.DataFrame(rows, columns=list(columns))


def same_units(
    stream: UnitStream, kept: Array | None, span: tuple[int, int], threshold: float, n: int
) -> SameUnits:
    """Units that are on throughout a span, and other spans at which they are on.

    kept  (time, unit), states as `unit_pass` keeps them.

    Raises InputError for a span outside what was read, and where no states were kept.
    """
    _check(stream, span, threshold, n)
    if kept is None:
        raise InputError(
            "Spans are looked for in the states of up to {bound} MB, but this run has more; look"
            " through a part of it.",
            bound=256,
        )
    start, stop = span
    limit = KEPT_SCALE * threshold / (1 + threshold)
    inside = kept[start:stop]
    high = np.atleast_1d((inside > limit).all(axis=0))
    low = np.atleast_1d((inside < -limit).all(axis=0))
    units = np.flatnonzero(high | low)
    signs = np.where(high[units], 1, -1)
    is_on = np.asarray(kept[:, units] * signs.astype(np.int8) > limit)
    rare = np.atleast_1d(is_on.mean(axis=0) <= _MOST_ON)
    units, signs, counts = units[rare], signs[rare], is_on[:, rare].sum(axis=1)
    spans = _spans(stream, counts, len(units), span, n)
    return SameUnits(
        _told(stream, start, stop, len(units)),
        tuple(units.tolist()),
        tuple(signs.tolist()),
        tuple(_told(stream, *one) for one in spans),
        float(threshold),
        stream.glue,
    )


def _check(stream: UnitStream, span: tuple[int, int], threshold: float, n: int) -> None:
    start, stop = span
    are_whole = all(map(is_whole_number, (start, stop)))
    if not are_whole or not 0 <= start < stop <= stream.n_steps or stop - start > MAX_SPAN:
        raise InputError(
            "A span is from 1 to {most} of the steps 0 to {last}, but {start} to {stop} came.",
            most=MAX_SPAN,
            last=stream.n_steps,
            start=shown(start),
            stop=shown(stop),
        )
    check_count("n", n, MAX_SPAN)
    if isinstance(threshold, bool) or not isinstance(threshold, int | float) or not threshold > 0:
        raise InputError(
            "The threshold above which a unit is on should be above 0, but {came} came.",
            came=shown(threshold),
        )


def _spans(
    stream: UnitStream, counts: Array, n_units: int, span: tuple[int, int], n: int
) -> list[tuple[int, int, int]]:
    """Start, stop and units on of other spans; first of all units, then of ever fewer."""
    found: list[tuple[int, int, int]] = []
    for least in range(n_units, n_units // 2, -1):
        begins, ends = _runs(counts >= least, stream.starts)
        free = np.ones(len(begins), bool)
        for start, stop in (span, *(one[:2] for one in found)):
            free &= (ends <= start) | (begins >= stop)
        begins, ends = begins[free], ends[free]
        order = np.lexsort((begins, np.abs(ends - begins - (span[1] - span[0]))))
        chosen = order[: n - len(found)]
        pairs = zip(begins[chosen].tolist(), ends[chosen].tolist(), strict=True)
        found += [(start, stop, least) for start, stop in pairs]
    return found


def _runs(mask: Array, starts: tuple[int, ...]) -> tuple[Array, Array]:
    """Beginnings and ends of unbroken stretches of True, none over the beginning of a row."""
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    later = np.array(starts[1:], dtype=int)
    inner = later[mask[later] & mask[later - 1]]
    return np.sort(np.append(edges[::2], inner)), np.sort(np.append(edges[1::2], inner))


def _told(stream: UnitStream, start: int, stop: int, n_on: int) -> SameSpan:
    _, place = stream.place(start)
    first, end = start - min(place, _CONTEXT), stream.row_end(start)
    # A span that was given may reach over the end of a row.
    last = max(stop, min(stop + _CONTEXT, end))
    tokens = stream.labels(first, last)
    inside = slice(start - first, stop - first)
    return SameSpan(
        start, stop, n_on, tokens[: inside.start], tokens[inside], tokens[inside.stop :]
    )
