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
        options.index(state.get(key)),
        format_func=lambda option: t(f"{key}.{option}"),
        key=state.widget(key),
        help=t(f"{key}.help"),
    )


def segments(key: str, options: Sequence[str], *, labelled: bool = True) -> None:
    """Buttons side by side, one of them always pressed."""
    st.segmented_control(
        t(key),
        options,
        default=state.get(key),
        format_func=lambda option: t(f"{key}.{option}"),
        required=True,
        key=state.widget(key),
        label_visibility="visible" if labelled else "collapsed",
        help=t(f"{key}.help") if labelled else None,
    )


def number(key: str, low: int, high: int, *, label: str = "", step: int = 1) -> None:
    """A whole number, typed or counted; `label` names it where its key does not."""
    st.number_input(
        t(label or key),
        low,
        high,
        state.get(key),
        step,
        key=state.widget(key),
        help=t(f"{label or key}.help"),
    )
