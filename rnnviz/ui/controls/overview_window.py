"""A window of a long sequence that is too wide for single steps, and what moves the window."""

from __future__ import annotations

from functools import partial

import streamlit as st

from rnnviz.analysis.window import AGGREGATIONS
from rnnviz.ui import results, state, visible_range
from rnnviz.ui.build import WINDOW
from rnnviz.ui.controls.widgets import segments
from rnnviz.ui.player.minimap import minimap
from rnnviz.ui.selections import AnyModel, InputChoice, ViewChoice
from rnnviz.ui.text import t

_MINIMAP = "minimap"
_HEIGHT = 640
_CHART = {
    "displaylogo": False,
    "scrollZoom": True,
    "doubleClick": False,
    "showTips": False,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d", "resetScale2d"],
}


def moving(model: AnyModel, given: InputChoice, view: ViewChoice, group: str) -> None:
    """The whole as a ribbon, and the tools that choose a window of it for the group."""
    assert given.window is not None
    n_steps = results.reading(given).n_steps
    minimap(
        results.ribbon(model, given, view.layer),
        name=results.recording_of(model, given),
        key=_MINIMAP,
        group=group,
        window=given.window,
        count=n_steps,
        max_steps=WINDOW,
        language=state.get("lang"),
        on_window=partial(_asked, n_steps),
    )


def span_chart(model: AnyModel, given: InputChoice, view: ViewChoice) -> None:
    """Least, mean and most of many steps a column."""
    cell = results.glimpse(model, given).layers[view.layer].cell_name
    with st.container(horizontal=True, vertical_alignment="center", key="how_row"):
        segments("how", AGGREGATIONS, labelled=False)
        st.caption(t("span.hint", finest=f"{WINDOW:,}"), help=t("how.help"))
    figure = results.span_figure(model, given, view, state.get("how"), _HEIGHT)
    st.plotly_chart(
        figure, key="span", theme=None, config=_CHART, alt=t("span.alt", cell=t(f"cell.{cell}"))
    )


def _asked(n_steps: int) -> None:
    asked = st.session_state[_MINIMAP].get("window")
    if asked is not None:
        visible_range.show(asked, n_steps)
