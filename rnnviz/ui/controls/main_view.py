"""The picture of a trace, whatever model made it: heatmaps, player, live cell, sharing."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.analysis.difference import intervention_effect
from rnnviz.analysis.panels import signal_names
from rnnviz.figures.layers import draw as drawn
from rnnviz.figures.plotly_json import plain
from rnnviz.ui import build, results, shell, state
from rnnviz.ui.controls.cursor import stepping
from rnnviz.ui.controls.details_panel import explain
from rnnviz.ui.controls.intervention_editor import intervene_controls
from rnnviz.ui.controls.intervention_list import done_bar, effect_line, fitting
from rnnviz.ui.controls.overview_window import moving, span_chart
from rnnviz.ui.controls.share import share_controls
from rnnviz.ui.controls.view_options import layer_switch
from rnnviz.ui.selections import AnyModel, InputChoice, ViewChoice
from rnnviz.ui.text import t

GROUP = "panels"
_HEIGHT = 640
_CHART = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"]}


def overview(model: AnyModel, given: InputChoice) -> None:
    """Of several layers all at a glance, and the switch between them."""
    trace = results.glimpse(model, given)
    if len(trace.layers) < 2:
        return
    look = {"language": state.get("lang"), "dark": shell.is_dark()}
    with st.expander(t("overview"), icon=":material/layers:", expanded=True):
        figure = plain(drawn(results.panes(model, given, _do(model, given)), **look))
        st.plotly_chart(figure, key="overview", theme=None, config={"displayModeBar": False})
        layer_switch(trace)


def picture(model: AnyModel, given: InputChoice, view: ViewChoice, share: DeltaGenerator) -> None:
    """Player, heatmaps, live cell and arithmetic here; in `share` what can be taken away.

    Of a window with too many steps only the heatmaps.
    """
    if given.window is not None:
        moving(model, given, view, GROUP)
    if build.is_wide(given.window):
        with st.container(key=GROUP):
            span_chart(model, given, view)
        with share:
            share_controls(model, given, view, height=_HEIGHT)
    else:
        _single_steps(model, given, replace(view, do=_do(model, given)), share)


def _single_steps(
    model: AnyModel, given: InputChoice, view: ViewChoice, share: DeltaGenerator
) -> None:
    trace = results.traced(model, given, view.do)
    panels = results.seen(model, given, view)
    whole = results.seen(model, given, replace(view, show=signal_names(trace, view.layer)))
    name = results.name_of(model, given, view)
    against = bool(view.do) and state.get("versus") == "difference"
    figure = results.figure(model, given, replace(view, against=against), _HEIGHT)
    stepping(whole, name, GROUP)
    if given.window is None:
        done_bar(model, given)
    untouched = results.traced(model, given)
    if view.do:
        effect_line(intervention_effect(untouched, trace, layer=view.layer))
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
        made = results.made(model, untouched.sequence.n_features)
        first = next((int(p.units[0]) for p in panels.panels if not p.has_own_axis), 0)
        if given.window is None:
            intervene_controls(made, untouched, view.layer, first)
        explain(model, given, view, GROUP)
    with share:
        share_controls(model, given, replace(view, against=against), height=_HEIGHT)


def _do(model: AnyModel, given: InputChoice) -> str:
    """The interventions under which the run is shown."""
    # A recording is of the untouched run; its windows are looked at, not changed.
    if given.window is not None:
        return ""
    return "" if state.get("versus") == "untouched" else fitting(model, given)
