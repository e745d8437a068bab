"""Keys of widgets that show what something else may choose: a new one whenever it did.

A browser that has not drawn a choice yet still reports what its widget showed before. Under a key
of its own that undoes nothing. What a widget shows is given as its default, never by the session:
a browser that draws a widget once more before the answer is whole reports the default.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

_TURNS = "turns"
_SHOWN = "shown_"
_ALL = ""


def name(key: str) -> str:
    """The key of the widget as it is now."""
    return _named(key, _turn(key))


def shows(key: str, value: Any) -> str:
    """The key of a widget that is to show this value, and tells of another: `on_change=heard`."""
    outgrow(key, value)
    st.session_state[_SHOWN + name(key)] = value
    return name(key)


def heard(name: str, act: Callable[..., None], *args: Any) -> None:
    """Act on what a hand chose; a browser that repeats what the widget was to show has none."""
    if st.session_state[name] != st.session_state.get(_SHOWN + name):
        act(*args)


def outgrow(key: str, value: Any) -> None:
    """A new key where the widget shows another value."""
    if st.session_state.get(name(key), value) != value:
        _advance(key)


def outgrow_all() -> None:
    """New keys for all widgets."""
    _advance(_ALL)


def _turn(key: str) -> int:
    turns = st.session_state.get(_TURNS, {})
    return int(turns.get(key, 0) + turns.get(_ALL, 0))


def _named(key: str, turn: int) -> str:
    return f"{key}_{turn}" if turn else key


def _advance(key: str) -> None:
    turns = st.session_state.get(_TURNS, {})
    st.session_state[_TURNS] = {**turns, key: turns.get(key, 0) + 1}
