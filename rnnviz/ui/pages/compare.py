"""Compare: two or three runs on one time axis, side by side or subtracted."""

from __future__ import annotations

import streamlit as st

from rnnviz.ui import frame, state
from rnnviz.ui.controls.choose import segments, select
from rnnviz.ui.controls.runs import COMPARISONS, chosen_runs
from rnnviz.ui.controls.side_by_side import side_by_side
from rnnviz.ui.text import t
from rnnviz.views.order import ORDERS


def compare() -> None:
    """Choose what is compared, then show it."""
    segments("compare", tuple(COMPARISONS), labelled=False)
    runs = chosen_runs()
    with st.sidebar:
        select("order", ORDERS)
        st.button(t("reset"), icon=":material/restart_alt:", type="tertiary", on_click=state.reset)
    if runs:
        side_by_side(runs)


frame.guarded(compare)
state.finish()
