"""A window of a long sequence that is too wide for single steps, and what moves the window."""

from __future__ import annotations

from functools import partial

import streamlit as st

from rnnviz.ui import cached, state, window
from rnnviz.ui.choices import AnyModel, InputChoice, ViewChoice
from rnnviz.ui.controls.choose import segments
from rnnviz.ui.making import WINDOW
from rnnviz.ui.player import window_map
from rnnviz.ui.text import t
from rnnviz.views.span import HOWS

_MAP = "map"
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
    n_steps = cached.reading(given).n_steps
    window_map(
        cached.ribbon(model, given, view.layer),
        name=cached.recording_of(model, given),
        key=_MAP,
        group=group,
        window=given.window,
        count=n_steps,
        finest=WINDOW,
        language=state.get("lang"),
        on_ask=partial(_asked, n_steps),
    )


def span_chart(model: AnyModel, given: InputChoice, view: ViewChoice) -> None:
    """Least, mean and most of many steps a column."""
    cell = cached.glimpse(model, given).layers[view.layer].cell
    with st.container(horizontal=True, vertical_alignment="center", key="how_row"):
        segments("how", HOWS, labelled=False)
        st.caption(t("span.hint", finest=f"{WINDOW:,}"), help=t("how.help"))
    figure = cached.span_figure(model, given, view, state.get("how"), _HEIGHT)
    st.plotly_chart(
        figure, key="span", theme=None, config=_CHART, alt=t("span.alt", cell=t(f"cell.{cell}"))
    )


def _asked(n_steps: int) -> None:
    asked = st.session_state[_MAP].get("asked")
    if asked is not None:
        window.show(asked, n_steps)
