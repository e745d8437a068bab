"""Text coloured by a unit: one signal of one unit over the text that was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnviz.analysis.coloured_text import ColouredText, coloured_text
from rnnviz.core.arrays import Array
from rnnviz.core.libraries import optional_library
from rnnviz.errors import InputError
from rnnviz.figures.coloured_text import figure
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look
from rnnviz.formatting import format_number, token_label
from rnnviz.ui.controls.unit_choice import signal_choice
from rnnviz.ui.run import ShownRun
from rnnviz.ui.understand.insight import Insight, InsightSentence, SeenRun, never
from rnnviz.ui.understand.step_mark import StepMark

_CHARACTERS, _WORDS = 48, 12


@dataclass(frozen=True, eq=False)
class UnitOverText:
    """Lines of the text, and the unit's number (time,) at each of its tokens."""

    lines: ColouredText
    tokens: tuple[str, ...]
    numbers: Array

    def to_frame(self) -> Any:
        """A pandas table, a row for each token: `token`, `value`."""
        rows = {"token": self.tokens, "value": self.numbers}
        return optional_library("pandas").DataFrame(rows)


def _compute(seen: SeenRun) -> UnitOverText:
    sequence = seen.trace.sequence
    if sequence.encoding == "values":
        raise InputError(
            "Text is coloured where text was read, but this network read numbers; choose one that"
            " reads a text in the list of models."
        )
    signal, unit = seen.settings
    tokens = sequence.tokens[0]
    width = _CHARACTERS if all(len(token) == 1 for token in tokens) else _WORDS
    lines = coloured_text(seen.trace, unit, signal, layer=seen.layer, width=width)
    numbers = seen.trace.layers[seen.layer].signals[signal][: len(tokens), 0, unit]
    return UnitOverText(lines, tokens, numbers)


def _said(found: UnitOverText) -> InsightSentence:
    high, low = int(np.nanargmax(found.numbers)), int(np.nanargmin(found.numbers))
    facts: dict[str, Any] = {"unit": found.lines.unit}
    for name, place in (("high", high), ("low", low)):
        facts |= {
            name: format_number(float(found.numbers[place])),
            f"{name}_token": token_label(found.tokens[place]),
            f"{name}_step": place + 1,
        }
    return InsightSentence("understand.coloured_text.said", facts)


def _draw(found: UnitOverText, look: Look) -> PlotlyJson:
    return figure(found.lines, look)


def _marks(found: UnitOverText) -> tuple[StepMark, ...]:
    places = [
        (column, row)
        for row, line in enumerate(found.lines.tokens)
        for column, token in enumerate(line)
        if token
    ]
    columns, rows = np.array(places).T
    return (StepMark(columns, rows),)


def _serves(run: ShownRun) -> bool:
    return run.trace.sequence.encoding != "values"


INSIGHT = Insight(
    "coloured_text",
    "trace.layers[{layer}].signals[signal][:, 0, unit]",
    _compute,
    _said,
    _draw,
    signal_choice,
    marks=_marks,
    serves=_serves,
    fitting="preset:next_character_lstm",
    heeds_changes=True,
    takes_long=never,
)
