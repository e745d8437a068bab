"""How an uploaded file was read: what was decided, shown and changeable."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import streamlit as st

from rnnviz.inputs.choices import AS_READ, is_changeable
from rnnviz.inputs.decision import Decision
from rnnviz.inputs.file_format import FileFormat
from rnnviz.inputs.files import Content, Text
from rnnviz.inputs.table import Table
from rnnviz.ui import results, state
from rnnviz.ui.text import escape_markdown, t
from rnnviz.ui.url import File
from rnnviz.ui.widget_keys import keyed, on_user_change

_MAX_SHOWN = 12
_WIDTH = 330
_GAPS = ("text", "sentinel")  # what may stand for a missing value


def open_decisions(file: File, how: FileFormat) -> None:
    """The decisions that a file leaves open or that were changed, where the eye is."""
    changed = [
        replace(each, chosen=option)
        for each in _decisions(results.content_of(file))
        if (option := _changed(each)) is not None
    ]
    content = results.content_of(file, how)
    uncertain = [y for y in _decisions(content) if not y.is_certain and _changed(y) is None]
    if changed or uncertain:
        with st.container(horizontal=True, vertical_alignment="bottom", key="file_decisions"):
            _show_all([*changed, *uncertain], "open", _WIDTH)


def certain_decisions(content: Content) -> None:
    """The decisions that a file leaves no doubt about, for the side bar."""
    certain = [y for y in _decisions(content) if y.is_certain and _changed(y) is None]
    if certain:
        with st.popover(t("reading"), icon=":material/rule:"):
            _show_all(certain, "certain", "stretch")


def _changed(decision: Decision) -> str | None:
    """The option that the user chose for a decision, None where it is as it was found."""
    chosen = [option for name, option in state.chosen_reading() if name == decision.name]
    return next((option for option in chosen if option in decision.options), None)


def _decisions(content: Content) -> tuple[Decision, ...]:
    return content.decisions if isinstance(content, Table | Text) else ()


def _show_all(decisions: list[Decision], key: str, width: int | Literal["stretch"]) -> None:
    for i, decision in enumerate(decisions[:_MAX_SHOWN]):
        _show(decision, f"{key}_{i}", width)
    if len(decisions) > _MAX_SHOWN:
        st.caption(t("reading.more", n=len(decisions) - _MAX_SHOWN))


def _show(decision: Decision, key: str, width: int | Literal["stretch"]) -> None:
    sentence = escape_markdown(decision.sentence(state.language()))
    if decision.name in _GAPS and decision.chosen not in AS_READ:
        # What the sentence says is so no longer.
        sentence = escape_markdown(decision.column or decision.facts.get("columns", ""))
    if not is_changeable(decision):
        icon = "" if decision.is_certain else ":material/help: "
        st.caption(icon + sentence)
        return
    key = keyed(f"{key}_{decision.name}", decision.chosen)
    st.selectbox(
        sentence,
        decision.options,
        decision.options.index(decision.chosen),
        key=key,
        on_change=on_user_change,
        args=(key, _choose, decision, key),
        format_func=lambda option: decision.option_text(option, state.language()),
        width=width,
    )


def _choose(decision: Decision, key: str) -> None:
    name = decision.name
    # Each column has a gap of its own, all other decisions are of the file.
    options = decision.options if name in _GAPS else None
    others = [
        f"{other}={option}"
        for other, option in state.chosen_reading()
        if other != name or (options is not None and option not in options)
    ]
    chosen = st.session_state[key]
    state.put(reading=others if chosen in AS_READ else [*others, f"{name}={chosen}"])
