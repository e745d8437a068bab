"""A window of a long sequence that is too wide for single steps, and what moves the window."""

from __future__ import annotations

from functools import partial

import streamlit as st

from rnnviz.analysis.window import AGGREGATIONS
from rnnviz.ui import results, run_figures, state, visible_range
from rnnviz.ui.build import WINDOW
from rnnviz.ui.controls.widgets import segments
from rnnviz.ui.player.minimap import minimap
from rnnviz.ui.run import ShownRun
from rnnviz.ui.selections import ViewChoice
from rnnviz.ui.text import t

_MINIMAP = "minimap"
_HEIGHT = 0
_CHART = {
    "displayModeBar": False,
    "scrollZoom": True,
    "doubleClick": False,
    "showTips": False,
}


def window_tools(run: ShownRun, view: ViewChoice, group: str) -> None:
    """The minimap of the whole, which chooses the window that the group shows."""
    assert run.choice.window is not None
    n_steps = run.source.n_steps
    minimap(
        run_figures.activity_of(run.choice, view.layer),
        name=results.recording_name(run.choice),
        key=_MINIMAP,
        group=group,
        window=run.choice.window,
        count=n_steps,
        max_steps=WINDOW,
        language=state.language(),
        on_window=partial(_choose_range, n_steps),
    )


def window_chart(run: ShownRun, view: ViewChoice) -> None:
    """The chart of a window whose columns are many steps each."""
    cell = run.trace.layers[view.layer].cell_name
    with st.container(horizontal=True, vertical_alignment="center", key="how_row"):
        segments("how", AGGREGATIONS, is_labelled=False)
        st.caption(t("span.hint", finest=f"{WINDOW:,}"), help=t("how.help"))
    figure = run_figures.window_figure(run.choice, view, state.get("how"), _HEIGHT)
    st.plotly_chart(
        figure, key="span", theme=None, config=_CHART, alt=t("span.alt", cell=t(f"cell.{cell}"))
    )


def _choose_range(n_steps: int) -> None:
    window = st.session_state[_MINIMAP].get("window")
    if window is not None:
        visible_range.choose_range(window, n_steps)
