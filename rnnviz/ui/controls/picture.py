"""The picture of a trace, whatever model made it: heatmaps, player, live cell, sharing."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.figures.overview import draw as drawn
from rnnviz.trace import Trace
from rnnviz.ui import cached, frame, making, state
from rnnviz.ui.choices import AnyModel, InputChoice, ViewChoice
from rnnviz.ui.controls.explain import explain
from rnnviz.ui.controls.share import share_controls
from rnnviz.ui.controls.span import moving, span_chart
from rnnviz.ui.controls.stepping import stepping
from rnnviz.ui.controls.view import layer_title
from rnnviz.ui.text import t
from rnnviz.views.panels import names

GROUP = "panels"
_HEIGHT = 640
_CHART = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"]}


def overview(model: AnyModel, given: InputChoice, trace: Trace) -> None:
    """Of several layers all at a glance, and the switch between them."""
    if len(trace.layers) < 2:
        return
    look = {"language": state.get("lang"), "dark": frame.is_dark()}
    with st.expander(t("overview"), icon=":material/layers:", expanded=True):
        figure = drawn(cached.panes(model, given), **look)
        st.plotly_chart(figure, key="overview", theme=None, config={"displayModeBar": False})
        st.segmented_control(
            t("layer"),
            range(len(trace.layers)),
            format_func=lambda index: layer_title(trace.layers[index]),
            key="layer",
            required=True,
            label_visibility="collapsed",
        )


def picture(
    model: AnyModel, given: InputChoice, view: ViewChoice, trace: Trace, share: DeltaGenerator
) -> None:
    """Player, heatmaps, live cell and arithmetic here; in `share` what can be taken away.

    Of a window with too many steps only the heatmaps; `trace` is then of its first step.
    """
    if given.window is not None:
        moving(model, given, view, GROUP)
    if making.is_wide(given.window):
        with st.container(key=GROUP):
            figure = span_chart(model, given, view, trace.layers[view.layer].cell)
        with share:
            share_controls(figure, trace, model, given)
    else:
        _single_steps(model, given, view, trace, share)


def _single_steps(
    model: AnyModel, given: InputChoice, view: ViewChoice, trace: Trace, share: DeltaGenerator
) -> None:
    panels = cached.seen(model, given, view)
    whole = cached.seen(model, given, replace(view, show=names(trace, view.layer)))
    name = cached.name_of(model, given, view)
    figure = cached.figure(model, given, view, _HEIGHT)
    stepping(whole, name, GROUP)
    left, right = st.columns([5, 3], gap="medium")
    with left, st.container(key=GROUP):
        st.plotly_chart(
            figure,
            key="chart",
            theme=None,
            config=_CHART,
            alt=t("chart.alt", cell=t(f"cell.{panels.cell}"), steps=panels.n_steps),
        )
    with right:
        made = cached.made(model, trace.sequence.n_features)
        explain(made, trace, panels, name, view.layer, GROUP)
    with share:
        share_controls(figure, trace, model, given, panels)
