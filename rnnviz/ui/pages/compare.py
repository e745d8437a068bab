"""Compare: two or three runs on one time axis, side by side or subtracted."""

from __future__ import annotations

import streamlit as st

from rnnviz.analysis.unit_order import ORDERS
from rnnviz.ui import shell, state
from rnnviz.ui.controls.comparison import COMPARISONS, chosen_runs, side_by_side
from rnnviz.ui.controls.widgets import segments, select
from rnnviz.ui.text import t


def compare() -> None:
    """Choose what is compared, then show it."""
    segments("compare", tuple(COMPARISONS), labelled=False)
    runs = chosen_runs()
    with st.sidebar:
        select("order", ORDERS)
        st.button(t("reset"), icon=":material/restart_alt:", type="tertiary", on_click=state.reset)
    if runs:
        side_by_side(runs)


shell.guarded(compare)
state.finish()
