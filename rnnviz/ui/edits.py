"""The interventions of a page as a list that can be edited and undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from rnnviz.interventions.serialise import from_text, to_text
from rnnviz.interventions.types import AddToState, ChangeWeight, Clamp, Intervention, SetState
from rnnviz.ui import choices, state
from rnnviz.ui.text import t

MAX_UNDO = 50
_PAST = "done_before"


def active_edits() -> tuple[Intervention, ...]:
    """The interventions of the list."""
    text = state.text_of("do")
    return from_text(text) if text else ()


def add_edit(one: Intervention) -> None:
    """Add an intervention, in place of one at the same gate, state or weight."""
    kept = [other for other in active_edits() if not is_same_target(one, other)]
    if len(kept) < choices.MAX_INTERVENTIONS:
        _replace((*kept, one))
    else:
        st.toast(t("do.full", count=choices.MAX_INTERVENTIONS), icon=":material/block:")


def is_same_target(one: Intervention, other: Intervention) -> bool:
    """True when two interventions differ in their value at most."""
    if isinstance(one, Clamp | SetState | AddToState | ChangeWeight) and type(one) is type(other):
        value: Any = {"value": one.value}
        return replace(other, **value) == one
    return one == other


def remove_edit(index: int) -> None:
    """Remove one by its place in the list."""
    _replace(tuple(one for i, one in enumerate(active_edits()) if i != index))


def remove_edits(is_meant: Callable[[Intervention], bool]) -> None:
    """Remove those that are meant."""
    kept = tuple(one for one in active_edits() if not is_meant(one))
    if len(kept) < len(active_edits()):
        _replace(kept)


def clear_edits() -> None:
    """Remove all; this too can be undone."""
    _replace(())


def undo_edit() -> None:
    """Undo the last change."""
    past = undo_history()
    if past:
        state.put(do=past[-1], **{_PAST: past[:-1]})


def can_undo() -> bool:
    """True when there is a change to undo."""
    return bool(undo_history())


def undo_history() -> list[str]:
    """The lists that can be come back to, the last one last."""
    past: list[str] = st.session_state.get(_PAST, [])
    return past


def put_undo_history(past: list[str]) -> None:
    """Take these lists for those that can be come back to."""
    state.put(**{_PAST: past})


def _replace(interventions: tuple[Intervention, ...]) -> None:
    past = [*undo_history(), state.text_of("do")][-MAX_UNDO:]
    state.put(do=to_text(interventions) if interventions else "", **{_PAST: past})
