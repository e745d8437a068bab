"""Widgets by their key in state and words: `key`, `key.help`, `key.option`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from rnnviz.cells import CELLS
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


def number_field(key: str, low: int, high: int, *, label: str = "", step: int = 1) -> None:
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


def choose_cell(key: str, *, is_labelled: bool = True) -> None:
    """A list of every cell."""
    cells = list(CELLS)
    st.selectbox(
        t("group.cell"),
        cells,
        cells.index(state.get(key)),
        format_func=lambda name: t(f"cell.{name}"),
        key=state.widget(key),
        label_visibility="visible" if is_labelled else "collapsed",
    )


def text_field(key: str, max_chars: int, *, placeholder: str, on_change: Any = None) -> None:
    """A line of text that is read while it is typed."""
    st.text_input(
        t(key),
        state.get(key),
        key=state.widget(key),
        live=True,
        on_change=on_change,
        max_chars=max_chars,
        placeholder=placeholder,
        label_visibility="collapsed",
    )


def moment_field(key: str, steps: Sequence[int]) -> None:
    """A slider over the moments of a training, by their steps; -1 is the last."""
    st.select_slider(
        t(key),
        [*range(len(steps) - 1), -1],
        state.get(key),
        format_func=lambda moment: t("moment.step", step=f"{steps[moment]:,}"),
        key=state.widget(key),
        help=t("moment.help"),
    )


def reset_button() -> None:
    """Back to the defaults."""
    st.button(t("reset"), icon=":material/restart_alt:", type="tertiary", on_click=state.reset)
