"""Choices that belong to a page and a model, kept apart: another model is met with a clean run.

A place is a page with the model shown there; Read and Understand look at one run and share theirs.
Who comes back to a place finds the choices made there.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from rnnviz.ui import state
from rnnviz.ui.choices import CHOICES, FILE, OPENING, PAGE_CHOICES, default_of
from rnnviz.ui.edits import put_undo_history, undo_history
from rnnviz.ui.url import File

MAX_PLACES = 24
# Pages that share their model's choices: a place of one is that of the other. "model" is the old
# address of Read.
READERS = ("", "read", "understand", "corpus", "model")
_PLACE, _KEPT, _BROUGHT = "place", "kept_choices", "brought"
_OF_ALL = ("model", "modelfile", "projector")
_OF_PLACE = tuple(
    one.key
    for one in CHOICES
    if one.key not in _OF_ALL and not any(one.key in keys for keys in PAGE_CHOICES.values())
)


def page_path() -> str:
    """The path of the page that is asked for."""
    return urlsplit(str(st.context.url or "")).path


def is_read() -> bool:
    """True on the page that reads."""
    return _page() not in PAGE_CHOICES


def _page() -> str:
    return page_path().rpartition("/")[2]


def choices_of_page(name: str | None = None) -> tuple[str, ...]:
    """The choices that the address of a page says: all but those of another page alone.

    name  of the page; None for the one that is shown.
    """
    here = _page() if name is None else name
    others = {key for page, keys in PAGE_CHOICES.items() if page != here for key in keys}
    return tuple(choice.key for choice in CHOICES if choice.key not in others)


def enter_place() -> None:
    """Stand in the place that page and model name; put away what was chosen in the last one."""
    here, last = _place(), st.session_state.get(_PLACE)
    if last not in (None, here):
        leave_place()
        state.end_opening()
        _restore(here)
    state.put(**{_PLACE: here})


def leave_place() -> None:
    """Keep the choices of the place where the session stood last."""
    kept = dict(st.session_state.get(_KEPT, {}))
    last = st.session_state.get(_PLACE)
    kept.pop(last, None)
    kept[last] = chosen_here(), undo_history()
    state.put(**{_KEPT: dict(list(kept.items())[-MAX_PLACES:])})


def chosen_here() -> dict[str, Any]:
    """The choices that belong to this page and its model, those that are not at their default."""
    chosen = state.all_of(_OF_PLACE)
    return {key: value for key, value in chosen.items() if value != default_of(key)}


def stand_here() -> None:
    """Take the choices as they are for those of the place that page and model name now."""
    here = _place()
    if st.session_state.get(_PLACE) != here:
        put_undo_history(_kept(here)[1])
    state.put(**{_PLACE: here})


def switch_model(model: str, file: File | None = None, **own: Any) -> None:
    """Read with another model, a file's with its file; `own` are choices of that model."""
    named = "" if model == OPENING else model
    state.put(model=named, **({"modelfile": file} if file is not None else {}))
    enter_place()
    state.put(**own)


def bring(**choices: Any) -> None:
    """Choose these on the page that is opened next, where all else stands at its default."""
    state.put(**{_BROUGHT: choices})


def take_brought() -> None:
    """Choose what was brought to this page."""
    brought = st.session_state.pop(_BROUGHT, None)
    if brought is None:
        return
    state.put(**{key: brought[key] for key in brought if key not in _OF_PLACE})
    enter_place()
    state.restore_defaults(*_OF_PLACE)
    state.put(**brought)
    state.move_cursor(state.get("step"))


def start_over() -> None:
    """Set all choices of this page and its model to their defaults; the model stays."""
    state.restore_defaults(*_OF_PLACE, *PAGE_CHOICES.get(_page(), ()))
    put_undo_history([])
    state.move_cursor(None)


def _place() -> str:
    """The page and the model, a file by its content."""
    page, model, file = _page(), state.chosen_model(), state.get("modelfile")
    if page == "compare" and state.get("compare") == "training":
        model = f"preset:{state.get('course')}"
    digest = file.digest if model == FILE and file is not None else ""
    return f"{'' if page in READERS else page} {model} {digest}"


def _kept(place: str) -> tuple[dict[str, Any], list[str]]:
    kept: tuple[dict[str, Any], list[str]] = st.session_state.get(_KEPT, {}).get(place, ({}, []))
    return kept


def _restore(place: str) -> None:
    chosen, undone = _kept(place)
    state.put(**{key: chosen.get(key, default_of(key)) for key in _OF_PLACE})
    put_undo_history(undone)
    state.move_cursor(state.get("step"))
