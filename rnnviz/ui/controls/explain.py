"""Beside the picture: the numbers of the current step, and the equations behind them."""

from __future__ import annotations

import streamlit as st

from rnnviz.cell import Cell
from rnnviz.ui import frame, state
from rnnviz.ui.player import numbers
from rnnviz.ui.text import t
from rnnviz.views.equations import latex
from rnnviz.views.panels import Panels


def explain(cell: Cell, panels: Panels, group: str) -> None:
    """Two tabs: numbers and equations."""
    at_step, equations = st.tabs([t("tab.numbers"), t("tab.equations")])
    with at_step:
        numbers(
            panels,
            key="numbers",
            group=group,
            language=state.get("lang"),
            dark=frame.is_dark(),
        )
    with equations:
        _equations(cell)


def _equations(cell: Cell) -> None:
    for line in latex(cell):
        st.latex(line)
    for signal in cell.signals:
        st.markdown(
            f"${signal.symbol}$ **{t(f'signal.{signal.name}')}**: {t(f'gloss.{signal.name}')}"
        )
    st.caption(f"{t(f'note.{cell.name}')} {cell.source}.")
