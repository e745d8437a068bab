"""The choices of a session: what is chosen now, and what is to be chosen."""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any

import streamlit as st

from rnnviz.lessons.interactive import Settings
from rnnviz.lessons.registry import lesson_code
from rnnviz.ui import url, widget_keys
from rnnviz.ui.choices import ALL_CHOICES, OPENING
from rnnviz.ui.kept_files import LostFile

_JUMPS = "jumps"
_CHOSEN = "chosen"
_OPENING = "opening"
# Of a run's thread, once the switch of the language is drawn.
_LANGUAGE = ContextVar("language", default="")


def get(key: str) -> Any:
    """The value chosen now; a widget that a page switch removed leaves its last value."""
    try:
        return st.session_state[widget_keys.current_key(key)]
    except KeyError:
        return st.session_state.get(_CHOSEN, {}).get(key, ALL_CHOICES[key].default)


def all_of(keys: Iterable[str]) -> dict[str, Any]:
    """The values chosen now, as `get` finds each."""
    held, names = st.session_state.get(_CHOSEN, {}), widget_keys.current_keys(keys)
    found = {}
    for key, name in names.items():
        try:
            found[key] = st.session_state[name]
        except KeyError:
            found[key] = held.get(key, ALL_CHOICES[key].default)
    return found


def language() -> str:
    """The page's language, "en" or "zh"."""
    return _LANGUAGE.get() or str(get("lang"))


def settle_language() -> None:
    """Look the language up for the rest of this run, whose every word asks for it."""
    _LANGUAGE.set(str(get("lang")))


def unsettle_language() -> None:
    """Look the language up whenever it is asked for."""
    _LANGUAGE.set("")


def shown_layer() -> int:
    """The layer that is shown."""
    return int(get("layer"))


def cursor_step() -> int | None:
    """The cursor's step in the whole sequence; None for the last."""
    chosen = get("step")
    return None if chosen is None else int(chosen)


def picked_unit() -> str:
    """The picked unit of a signal, as "signal.unit"; "" for none."""
    return str(get("pick"))


def uploaded_input() -> url.File | None:
    """The uploaded input."""
    return _file("upload")


def lost_input() -> LostFile | None:
    """The input that the address names and the server no longer has."""
    return _lost("upload")


def chosen_model() -> str:
    """The model that reads: "untrained", "file", "training", "preset:…" or "zoo:…"."""
    return str(get("model")) or OPENING


def uploaded_model() -> url.File | None:
    """The uploaded model."""
    return _file("modelfile")


def uploaded_twin() -> url.File | None:
    """The second model of a comparison."""
    return _file("twin")


def lost_model() -> LostFile | None:
    """The model that the address names and the server no longer has."""
    return _lost("modelfile")


def _file(key: str) -> url.File | None:
    chosen = get(key)
    return chosen if isinstance(chosen, url.File) else None


def _lost(key: str) -> LostFile | None:
    chosen = get(key)
    return chosen if isinstance(chosen, LostFile) else None


def chosen_reading() -> tuple[tuple[str, str], ...]:
    """How an uploaded input is read where its file leaves it open, (decision, option) each."""
    choices = (choice.partition("=") for choice in names_of("reading"))
    return tuple((decision, option) for decision, _, option in choices)


def chosen_answers(key: str = "answers") -> tuple[tuple[str, str], ...]:
    """The answers to what a model file leaves open, (question, option) each."""
    answers = (answer.partition("=") for answer in names_of(key))
    return tuple((question, option) for question, _, option in answers)


def chosen_names(key: str = "names") -> tuple[tuple[str, str], ...]:
    """What the arrays of a model file are where their names do not tell, (array, slot) each."""
    names = (name.rpartition("=") for name in names_of(key))
    return tuple((array, slot) for array, _, slot in names)


def text_of(key: str) -> str:
    """The text of a field."""
    return str(get(key))


def names_of(key: str) -> list[str]:
    """The names of a choice of several."""
    return list(get(key))


def widget_key(key: str) -> str:
    """The key of the widget that makes a choice; its default is what is chosen."""
    return widget_keys.current_key(key)


def restore_defaults(*keys: str) -> None:
    """Set these choices to their defaults."""
    put(**{key: ALL_CHOICES[key].default for key in keys})


def put(**values: Any) -> None:
    """Set choices; only before the widgets of this run are drawn, or in a callback."""
    for key, value in values.items():
        if key in ALL_CHOICES:
            _choose(key, value)
        else:
            st.session_state[key] = value


def hold() -> None:
    """Keep every value: a widget that is not drawn, or drawn on another page, loses its own."""
    put(**{_CHOSEN: all_of(ALL_CHOICES)})


def _choose(key: str, value: Any) -> None:
    widget_keys.renew(key, value)
    st.session_state[_CHOSEN] = st.session_state.get(_CHOSEN, {}) | {key: value}


def move_cursor(step: int | None) -> None:
    """Tell the player to go to a step; None for the last."""
    put(step=step, **{_JUMPS: n_cursor_moves() + 1})


def n_cursor_moves() -> int:
    """Number of times that the player was told to go to a step."""
    return int(st.session_state.get(_JUMPS, 0))


def begin_opening() -> None:
    """Stand on the first step, from where the player plays once by itself."""
    move_cursor(0)
    put(**{_OPENING: True})


def is_opening() -> bool:
    """True while the page stands as it opened."""
    return bool(st.session_state.get(_OPENING)) and cursor_step() == 0


def end_opening() -> None:
    """End the opening: what is shown from now on does not play by itself, and stands at its end."""
    if is_opening():
        move_cursor(None)
    put(**{_OPENING: False})


def settings(lesson: str) -> Settings:
    """Settings of a lesson's controls."""
    return lesson_code(lesson).settings(get("settings"))


def fall_back(key: str, options: Iterable[Any]) -> None:
    """Fall back to the first option where the choice is none of them any more."""
    allowed = list(options)
    if get(key) not in allowed:
        put(**{key: allowed[0]})
