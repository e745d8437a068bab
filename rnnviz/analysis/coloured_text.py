"""Text in lines, each token with a number: of one unit, or of its own."""

from __future__ import annotations

from collections.abc import Sequence as Rows
from dataclasses import dataclass

import numpy as np

from rnnviz.analysis.cursor import check_signal, layer_trace
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Signal
from rnnviz.engine.trace import Trace
from rnnviz.formatting import token_label

_BREAKS = ("\n", "\r\n", "\r")


@dataclass(frozen=True, eq=False)
class ColouredText:
    """Lines of tokens with a number each; lines are padded to one width.

    unit    whose numbers they are; None for numbers of no unit.
    values  (line, column), the number of each token, NaN in the padding and where it has none.
    tokens  a visible label at each place, "" in the padding.
    marked  (line, column), True at tokens to bring out.
    limit   the scale reaches from −limit to limit.
    """

    signal: Signal
    unit: int | None
    values: Array
    tokens: tuple[tuple[str, ...], ...]
    marked: Array
    limit: float


def coloured_text(
    trace: Trace,
    unit: int,
    signal: str = "cell",
    *,
    width: int = 48,
    layer: int = 0,
    row: int = 0,
    marked: Array | None = None,
) -> ColouredText:
    """One unit's signal over the text that it read, in lines of at most `width` tokens.

    marked  (time,), True at tokens to bring out.

    A line ends after a line feed, else after its last space where it has one. Raises InputError
    for a layer, row, unit or signal that the trace does not have.

    >>> import rnnviz as rv
    >>> text = rv.parse("a bc d")
    >>> trace = rv.trace(rv.random_model("lstm", text.n_features, 2), text)
    >>> coloured_text(trace, 0, width=4).tokens
    (('a', '␣', '', ''), ('b', 'c', '␣', 'd'))
    """
    traced = layer_trace(trace, layer, row=row, unit=unit)
    check_signal(signal, traced.signals)
    tokens = trace.sequence.tokens[row]
    line = traced.signals[signal][: len(tokens), row, unit]
    own = traced.cell.signal(signal)
    return text_in_lines(tokens, line, own, unit=unit, width=width, marked=marked)


def text_in_lines(
    tokens: Rows[str],
    numbers: Array,
    signal: Signal,
    *,
    unit: int | None = None,
    width: int = 48,
    marked: Array | None = None,
) -> ColouredText:
    """Tokens with a number each (time,) in lines of at most `width`, broken as in `coloured_text`.

    >>> from math import inf
    >>> surprise = Signal("surprise", "s", "intermediate", 0, inf)
    >>> text_in_lines("a bc", np.array([np.nan, 2.0, 1.0, 8.0]), surprise).limit
    8.0
    """
    spans = _spans(tokens, width)
    shape = (len(spans), max(end - start for start, end in spans))
    values, strong = np.full(shape, np.nan), np.zeros(shape, bool)
    for i, (start, end) in enumerate(spans):
        values[i, : end - start] = numbers[start:end]
        strong[i, : end - start] = False if marked is None else marked[start:end]
    signs = tuple(
        tuple(map(token_label, tokens[start:end])) + ("",) * (shape[1] - end + start)
        for start, end in spans
    )
    limit = max(1.0, float(np.nanmax(np.abs(numbers), initial=0.0)))
    return ColouredText(signal, unit, values, signs, strong, limit)


def _spans(tokens: Rows[str], width: int) -> list[tuple[int, int]]:
    """Start and end of each line."""
    spans, start = [], 0
    while start < len(tokens):
        end = _end(tokens[start : start + width], is_last=start + width >= len(tokens))
        spans.append((start, start + end))
        start += end
    return spans


def _end(line: Rows[str], is_last: bool) -> int:
    breaks = [i for i, token in enumerate(line) if token in _BREAKS]
    if breaks or is_last:
        return breaks[0] + 1 if breaks else len(line)
    spaces = [i for i, token in enumerate(line) if token == " "]
    return spaces[-1] + 1 if spaces else len(line)
