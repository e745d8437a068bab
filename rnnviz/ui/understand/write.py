"""Let it write: ten texts written on from the run's text, with and without a unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from rnnviz.core.libraries import optional_library
from rnnviz.engine.continuations import Continuations, continuations
from rnnviz.engine.next_token import predicts_next
from rnnviz.errors import InputError
from rnnviz.figures.continuations import figure
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look
from rnnviz.formatting import token_label
from rnnviz.interventions.types import Silence
from rnnviz.ui import state
from rnnviz.ui.choices import MAX_SEED, TEMPERATURES
from rnnviz.ui.controls.widgets import number_field, select
from rnnviz.ui.run import ShownRun
from rnnviz.ui.selections import TypedText
from rnnviz.ui.text import t
from rnnviz.ui.understand.insight import Insight, InsightSentence, SeenRun, always

_TEXTS, _TOKENS = 10, 200


@dataclass(frozen=True)
class WrittenTwice:
    """Texts as the network writes them, and with a unit silenced; None where none is."""

    free: Continuations
    held: Continuations | None

    def to_frame(self) -> Any:
        """Both tables under each other, the column `silenced` tells which."""
        table = self.free.to_frame().assign(silenced=False)
        if self.held is None:
            return table
        return optional_library("pandas").concat(
            [table, self.held.to_frame().assign(silenced=True)]
        )


def _settings(run: ShownRun) -> tuple[Any, ...]:
    if not predicts_next(run.model):
        return ("0", 0, None)
    n_units = run.model.layers[state.shown_layer()].n_hidden
    state.fall_back("held", [None, *range(n_units)])
    with st.container(horizontal=True, vertical_alignment="bottom", key="writing_row"):
        select("temperature", TEMPERATURES, text=str)
        number_field("dice", 0, MAX_SEED)
        number_field("held", 0, n_units - 1)
    return state.get("temperature"), state.get("dice"), state.get("held")


def _compute(seen: SeenRun) -> WrittenTwice:
    if not predicts_next(seen.model):
        raise InputError(
            "Only a network of the next token can write on; choose one that was trained to predict"
            " the next character."
        )
    typed = seen.run.input
    if not isinstance(typed, TypedText):
        raise InputError("A text that was typed is written on; type one.")
    temperature, seed, unit = seen.settings
    options = {"texts": _TEXTS, "temperature": float(temperature), "seed": seed}
    free = seen.call(continuations, seen.model, typed.text, _TOKENS, **options)
    if unit is None:
        return WrittenTwice(free, None)
    silenced = [Silence(unit, layer=seen.layer)]
    options["intervene"] = silenced
    held = seen.call(continuations, seen.model, typed.text, _TOKENS, **options)
    return WrittenTwice(free, held)


def _said(found: WrittenTwice) -> InsightSentence:
    most = found.free.most_written(1)[0]
    facts: dict[str, Any] = {
        "texts": len(found.free.texts),
        "token": token_label(most.token),
        "share": f"{most.share:.1%}",
        "low": f"{most.low:.1%}",
        "high": f"{most.high:.1%}",
    }
    if found.held is None:
        return InsightSentence("understand.write.said", facts)
    other = found.held.share(most.token)
    facts |= {
        "other": f"{other.share:.1%}",
        "least": f"{other.low:.1%}",
        "most": f"{other.high:.1%}",
    }
    return InsightSentence("understand.write.held", facts)


def _draw(found: WrittenTwice, look: Look) -> PlotlyJson:
    names = look.word("understand.write.free"), look.word("understand.write.silenced")
    return figure(found.free, look, beside=found.held, names=names)


def _beneath(found: WrittenTwice) -> None:
    for texts, key in ((found.free, "free"), (found.held, "silenced")):
        if texts is not None:
            st.caption(t(f"understand.write.{key}"))
            st.code("\n".join(_line(text) for text in texts.texts), language=None, wrap_lines=True)


def _line(text: str) -> str:
    return "▸" + text.replace("\n", "↵")


def _serves(run: ShownRun) -> bool:
    return predicts_next(run.model) and isinstance(run.choice.input, TypedText)


INSIGHT = Insight(
    "write",
    'rv.continuations(model, "…", 200, temperature=0.7)\n'
    'rv.continuations(model, "…", 200, temperature=0.7, intervene=[rv.Silence(unit)])',
    _compute,
    _said,
    _draw,
    _settings,
    _beneath,
    serves=_serves,
    fitting="preset:next_character_lstm",
    takes_long=always,
)
