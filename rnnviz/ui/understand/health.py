"""Health of the layers on this run: symptoms in sentences, and the numbers behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from rnnviz.analysis.health import health
from rnnviz.analysis.symptoms import (
    MAX_STATE_GROWTH,
    MOST_DEAD,
    MOST_FORGOTTEN,
    MOST_SATURATED,
    Symptom,
    place_text,
    symptoms,
)
from rnnviz.core.libraries import optional_library
from rnnviz.formatting import format_number
from rnnviz.i18n import has_word
from rnnviz.ui import state
from rnnviz.ui.text import escape_markdown, t
from rnnviz.ui.understand.insight import Insight, InsightSentence, SeenRun, never

_LIMITS = {"dead": MOST_DEAD, "forgotten": MOST_FORGOTTEN, "saturated": MOST_SATURATED}


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
    heads = " | ".join(t(f"health.{head}") for head in ("layer", "what", "value", "limit"))
    rows = [_row(name, value) for name, value in found.numbers.items()]
    st.markdown("\n".join([f"| {heads} |", "| :-- | :-- | --: | :-- |", *rows]))


def _row(name: str, value: float) -> str:
    level, direction, what = name.split(".", 2)
    place = place_text(f"{level}.{direction}", state.language())
    return f"| {place} | {_words(what)} | {format_number(value)} | {_limit(what)} |"


def _words(what: str) -> str:
    """What a number tells of its layer; a name that has no words as it is."""
    signal, _, measure = what.partition(".")
    if signal == "timescale":
        return t(f"health.{what}")
    if not has_word(f"health.{measure}"):
        return f"`{what}`"
    return t(f"health.{measure}", signal=t(f"signal.{signal}"))


def _limit(what: str) -> str:
    """From where on a number is a sign of trouble, "–" for one that never is by itself."""
    measure = what.rpartition(".")[2]
    if measure == "growth":
        return f"≥ {MAX_STATE_GROWTH:g}"
    if measure in ("closed", "open"):
        return t("health.limit.gates", limit=f"{MOST_SATURATED:g}")
    return f"≥ {_LIMITS[measure]:g}" if measure in _LIMITS else "–"


INSIGHT = Insight(
    "health",
    "rv.health(trace)",
    _compute,
    _said,
    beneath=_beneath,
    heeds_changes=True,
    takes_long=never,
)
