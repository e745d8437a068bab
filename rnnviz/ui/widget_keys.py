"""Keys of widgets whose value may also be chosen elsewhere: such a choice renews the key.

A browser that has not drawn the choice yet still reports the widget's old value; under a new key
that undoes nothing. A widget's value is given as its default, never by the session: a browser that
draws a widget once more before the answer is complete reports the default.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import streamlit as st

_VERSIONS = "widget_versions"
_SHOWN = "shown_"
_WORDS = "words_"
_ALL = ""


def begin() -> None:
    """Have versions in the session: what it lacks is looked up more slowly than what it has."""
    st.session_state.setdefault(_VERSIONS, {})


def current_key(key: str) -> str:
    """The widget's key as it is now."""
    return _versioned(key, _version(key))


def current_keys(keys: Iterable[str]) -> dict[str, str]:
    """The widgets' keys as they are now, by key."""
    versions = st.session_state.get(_VERSIONS, {})
    of_all = versions.get(_ALL, 0)
    return {key: _versioned(key, int(versions.get(key, 0) + of_all)) for key in keys}


def keyed(key: str, value: Any) -> str:
    """The key of a widget that shows this value and calls `on_user_change` for another."""
    renew(key, value)
    st.session_state[_SHOWN + current_key(key)] = value
    return current_key(key)


def on_user_change(name: str, act: Callable[..., None], *args: Any) -> None:
    """Call `act` for a value that the user chose; a browser may report the shown one once more.

    What was chosen is what the browser shows, though a quick next choice may come before it is
    drawn: to go back to what was drawn last is a choice too.
    """
    chosen = st.session_state[name]
    if chosen != st.session_state.get(_SHOWN + name):
        st.session_state[_SHOWN + name] = chosen
        act(*args)


def renew(key: str, value: Any) -> None:
    """A new key for a widget that shows another value."""
    if st.session_state.get(current_key(key), value) != value:
        _advance(key)


def renew_words(key: str, value: Any, words: str) -> None:
    """A new key for a list that calls the shown value otherwise: a browser keeps the old words."""
    before = st.session_state.get(_WORDS + key)
    if before is not None and before[0] == value and before[1] != words:
        _advance(key)
    st.session_state[_WORDS + key] = value, words


def renew_all() -> None:
    """New keys for all widgets."""
    _advance(_ALL)


def _version(key: str) -> int:
    versions = st.session_state.get(_VERSIONS, {})
    return int(versions.get(key, 0) + versions.get(_ALL, 0))


def _versioned(key: str, version: int) -> str:
    return f"{key}_{version}" if version else key


def _advance(key: str) -> None:
    versions = st.session_state.get(_VERSIONS, {})
    st.session_state[_VERSIONS] = {**versions, key: versions.get(key, 0) + 1}
