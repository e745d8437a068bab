"""Health of the layers on this run: symptoms in sentences, and the numbers behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from rnnviz.analysis.health import health
from rnnviz.analysis.symptoms import Symptom, place_text, symptoms
from rnnviz.core.libraries import optional_library
from rnnviz.formatting import format_number
from rnnviz.ui import state
from rnnviz.ui.text import escape_markdown
from rnnviz.ui.understand.insight import Insight, InsightSentence, SeenRun


@dataclass(frozen=True)
class HealthSeen:
    """Numbers of `rnnviz.health` by name, and the symptoms found in them."""

    numbers: dict[str, float]
    symptoms: tuple[Symptom, ...]

    def to_frame(self) -> Any:
        """A pandas table, a row for each number: `name`, `value`."""
        rows = {"name": list(self.numbers), "value": list(self.numbers.values())}
        return optional_library("pandas").DataFrame(rows)


def _compute(seen: SeenRun) -> HealthSeen:
    numbers = health(seen.trace)
    return HealthSeen(numbers, symptoms(numbers))


def _said(found: HealthSeen) -> InsightSentence:
    key = "understand.health.said" if found.symptoms else "understand.health.none"
    return InsightSentence(key, {"count": len(found.symptoms)} if found.symptoms else {})


def _beneath(found: HealthSeen) -> None:
    for one in found.symptoms:
        st.markdown(f"- {escape_markdown(one.text(state.language()))}")
    rows = [f"| {_place(name)} | {format_number(value)} |" for name, value in found.numbers.items()]
    st.markdown("\n".join(["| | | |", "| :-- | :-- | --: |", *rows]))


def _place(name: str) -> str:
    """The layer of a number in words, and what it tells of the layer."""
    level, direction, what = name.split(".", 2)
    return f"{place_text(f'{level}.{direction}', state.language())} | `{what}`"


INSIGHT = Insight(
    "health",
    "rv.health(trace)",
    _compute,
    _said,
    beneath=_beneath,
    heeds_changes=True,
)
