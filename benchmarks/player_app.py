"""A page with nothing but heatmaps, player, live cell and numbers, of the size its URL asks for."""

from __future__ import annotations

import numpy as np
import streamlit as st

from rnnviz.analysis.panels import Panels, panels
from rnnviz.engine.api import trace
from rnnviz.engine.trace import Trace
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.plotly_json import to_page
from rnnviz.figures.theme import Look
from rnnviz.network.random_model import random_model
from rnnviz.ui import address, shell
from rnnviz.ui.player.cursor_sync import cursor_sync
from rnnviz.ui.player.diagram import diagram
from rnnviz.ui.player.player import player
from rnnviz.ui.player.value_table import value_table


@st.cache_resource(max_entries=1)
def made(n_units: int, n_steps: int) -> tuple[Trace, Panels, object]:
    """A random LSTM over noise, its panels and their figure."""
    values = np.random.default_rng(0).standard_normal((n_steps, 1, 8)).astype(np.float32)
    traced = trace(random_model("lstm", 8, n_units, gain=2), values)
    view = panels(traced)
    figure = panels_figure(view, Look(), height=640, is_quantised=True)
    return traced, view, to_page(figure)


@st.fragment
def resting() -> None:
    """Fragment that reruns when the cursor has settled, as on the Explore page."""
    cursor_sync(
        key="cursor",
        playhead="panels",
        step=None,
        signal="forget",
        unit=0,
        on_settled=lambda: None,
    )


st.set_page_config(layout="wide")
# The page's own choices take over the URL, so the size is kept from the first look at it.
if "page_size" not in st.session_state:
    st.session_state["page_size"] = st.query_params["wide"], st.query_params["long"]
address.load_session()
shell.page_header()
traced, view, figure = made(*map(int, st.session_state["page_size"]))
player(view, name="bench", key="player", group="panels", step=0, jump=0, language="en")
left, right = st.columns([5, 3])
with left, st.container(key="panels"):
    st.plotly_chart(figure, key="chart", theme=None)
with right:
    look = {"name": "bench", "group": "panels", "language": "en", "dark": False}
    diagram(traced, view, key="diagram", layer=0, **look)
    value_table(view, key="value_table", **look)
resting()
st.button("again", key="again")
