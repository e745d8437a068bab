"""Compare: two or three runs on one time axis, side by side or subtracted."""

from __future__ import annotations

import streamlit as st

from rnnviz.analysis.unit_order import ORDERS
from rnnviz.ui import address, shell, state
from rnnviz.ui.controls.comparison import COMPARISONS, compared_runs, comparison_view
from rnnviz.ui.controls.widgets import expert_drawer, reset_button, segments, select


def compare_page() -> None:
    """The Compare page: the choice of a comparison, and its runs."""
    # Both back ends give the same pictures: only a link asks for them.
    offered = (one for one in COMPARISONS if one != "backends" or state.get("compare") == one)
    with st.container(horizontal=True, vertical_alignment="center", key="compare_row"):
        segments("compare", tuple(offered), is_labelled=False)
        expert = expert_drawer()
    runs = compared_runs(expert)
    with expert:
        select("order", ORDERS)
        reset_button()
    if runs:
        comparison_view(runs)


shell.show_errors(compare_page)
address.write_url()
