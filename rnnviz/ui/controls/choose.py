"""One choice of several, by its key in state and words: `key`, `key.help`, `key.option`."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from rnnviz.ui import state
from rnnviz.ui.text import t


def select(key: str, options: Sequence[str]) -> None:
    """A list that folds out."""
    st.selectbox(
        t(key),
        options,
        format_func=lambda option: t(f"{key}.{option}"),
        key=state.widget(key),
        help=t(f"{key}.help"),
    )


def segments(key: str, options: Sequence[str], *, labelled: bool = True) -> None:
    """Buttons side by side, one of them always pressed."""
    st.segmented_control(
        t(key),
        options,
        format_func=lambda option: t(f"{key}.{option}"),
        required=True,
        key=state.widget(key),
        label_visibility="visible" if labelled else "collapsed",
        help=t(f"{key}.help") if labelled else None,
    )
