"""Who wrote this memory: a unit's state as a sum over the steps that wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnviz.analysis.attribution import Attribution, attribution, kept_state
from rnnviz.core.libraries import optional_library
from rnnviz.errors import InputError
from rnnviz.figures.attribution import figure
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look
from rnnviz.formatting import format_number
from rnnviz.i18n import step_words
from rnnviz.ui import state
from rnnviz.ui.controls.unit_choice import unit_choice
from rnnviz.ui.run import ShownRun
from rnnviz.ui.understand.insight import Insight, InsightSentence, SeenRun
from rnnviz.ui.understand.step_mark import StepMark, crossing


@dataclass(frozen=True, eq=False)
class MemoryWritten:
    """The attribution of a unit's state."""

    parts: Attribution

    def to_frame(self) -> Any:
        """A pandas table, a row for each pair: `step`, `written_at`, `part`."""
        step, written = (one.reshape(-1) for one in np.indices(self.parts.parts.shape))
        rows = {"step": step, "written_at": written, "part": self.parts.parts.reshape(-1)}
        return optional_library("pandas").DataFrame(rows)


def _settings(run: ShownRun) -> tuple[int]:
    return (unit_choice(run),)


def _compute(seen: SeenRun) -> MemoryWritten:
    (unit,) = seen.settings
    return MemoryWritten(seen.call(attribution, seen.trace, unit, layer=seen.layer))


def _said(found: MemoryWritten) -> InsightSentence:
    one = found.parts
    # A backward layer reads the first step last.
    last = len(one.tokens) - 1 if not np.triu(one.parts, 1).any() else 0
    wrote = int(np.abs(one.parts[last]).argmax())
    facts = {
        "unit": one.unit,
        "value": format_number(float(one.traced[last])),
        "part": format_number(float(one.parts[last, wrote])),
        "place": step_words(wrote + 1, one.tokens[wrote], state.language()),
        "last": last + 1,
        "residual": f"{one.residual:.1g}",
    }
    return InsightSentence("understand.memory.said", facts)


def _draw(found: MemoryWritten, look: Look) -> PlotlyJson:
    return figure(found.parts, look)


def _marks(found: MemoryWritten) -> tuple[StepMark, ...]:
    return crossing(len(found.parts.tokens))


def keeps_memory(run: ShownRun) -> bool:
    """True where a gate keeps a state of every layer, so that a memory has writers."""
    try:
        return bool([kept_state(layer) for layer in run.trace.layers])
    except InputError:
        return False


INSIGHT = Insight(
    "memory",
    "from rnnviz.analysis.attribution import attribution\nattribution(trace, unit, layer={layer})",
    _compute,
    _said,
    _draw,
    _settings,
    marks=_marks,
    serves=keeps_memory,
    fitting="preset:brackets_lstm",
    heeds_changes=True,
)
