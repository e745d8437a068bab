"""The picture of a run, whatever model made it: heatmaps, player, live cell, sharing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.analysis.intervention_effect import intervention_effect
from rnnviz.analysis.panels import main_signal_names, signal_names
from rnnviz.engine.trace import Trace
from rnnviz.figures.layers import figure as layers_figure
from rnnviz.figures.plotly_json import to_page
from rnnviz.ui import results, run_figures, shell, state
from rnnviz.ui.controls.answer import answer_panel
from rnnviz.ui.controls.cursor import cursor
from rnnviz.ui.controls.details_panel import details_panel, live_cell
from rnnviz.ui.controls.intervention_editor import intervene_controls
from rnnviz.ui.controls.intervention_list import AppliedEdits, applied_edits, effect_line, list_bar
from rnnviz.ui.controls.newcomer_hint import hint_button, newcomer_hint
from rnnviz.ui.controls.overview_window import window_chart, window_tools
from rnnviz.ui.controls.share import share_controls
from rnnviz.ui.controls.step_sentence import step_sentence
from rnnviz.ui.controls.text_ribbon import text_ribbon
from rnnviz.ui.controls.view_options import layer_switch
from rnnviz.ui.controls.widgets import show_chart, text_button
from rnnviz.ui.fingerprint import fingerprint
from rnnviz.ui.player.page_model import GROUP
from rnnviz.ui.run import ShownRun
from rnnviz.ui.selections import RunChoice, ViewChoice
from rnnviz.ui.text import t

_HEIGHT = 0


@dataclass(frozen=True)
class Frame:
    """Places that a run fills: two columns, its answer in the right one, and what to share."""

    left: DeltaGenerator
    right: DeltaGenerator
    answer: DeltaGenerator
    share: DeltaGenerator


def picture_columns() -> list[DeltaGenerator]:
    """The column of the input and the heatmaps, and that of the answer and the live cell.

    On a projector the live cell is as much larger as the text of the heatmaps.
    """
    return st.columns([2, 3] if shell.is_projected() else [5, 3], gap="medium")


def main_view(run: ShownRun, view: ViewChoice, frame: Frame) -> None:
    """All layers at a glance, player, heatmaps, live cell and arithmetic.

    Of a window with too many steps only the layers and the heatmaps.
    """
    edits = applied_edits(run)
    shown = edits.run if state.get("versus") != "untouched" else run.choice
    if run.choice.window is not None:
        with frame.left:
            window_tools(run, view, GROUP)
    if run.is_wide:
        with frame.left:
            _all_layers(run, shown)
            with st.container(key=GROUP):
                window_chart(run, view)
        with frame.share:
            share_controls(run, view, height=_HEIGHT)
    else:
        _single_steps(run, edits, shown, view, frame)


def _all_layers(run: ShownRun, shown: RunChoice) -> None:
    """The hidden states of several layers, and the switch between them."""
    if len(run.trace.layers) < 2:
        return
    icon = ":material/layers:"
    with st.container(horizontal=True, key="layer_row"):
        layer_switch(run.trace)
        folded = st.expander(t("overview"), icon=icon, key="all_layers", on_change="rerun")
    if folded.open:
        with folded:
            figure = to_page(layers_figure(results.layer_states_of(shown), shell.look()))
            show_chart(figure, "overview")


def _more_signals(trace: Trace, layer: int) -> None:
    """The button that opens the candidate, the hidden state and what else is folded."""
    every = [name for name in signal_names(trace, layer) if name in trace.layers[layer].signals]
    main = main_signal_names(trace, layer)
    folded = [name for name in every if name not in main]
    if not folded:
        return
    if state.get("show"):
        text_button(t("show.fewer"), "show_fewer", _show, [], icon=":material/unfold_less:")
        return
    names = t("list.names").join(t(f"signal.{name}") for name in folded)
    label = t("show.more", names=names)
    text_button(label, "show_more", _show, [*main, *folded], icon=":material/unfold_more:")


def _show(names: list[str]) -> None:
    state.put(show=names)


def _single_steps(
    run: ShownRun, edits: AppliedEdits, shown: RunChoice, view: ViewChoice, frame: Frame
) -> None:
    is_changed = bool(shown.interventions)
    trace = edits.trace if is_changed else run.trace
    seen = replace(run, choice=shown, trace=trace)
    panels = run_figures.panels_of(shown, view)
    whole = run_figures.panels_of(shown, replace(view, show=signal_names(trace, view.layer)))
    name = fingerprint(shown, view.layer, view.order, view.only)
    drawn = replace(view, is_difference=is_changed and state.get("versus") == "difference")
    figure = run_figures.figure_of(shown, drawn, _HEIGHT)
    first = next((int(p.units[0]) for p in panels.panels if not p.has_own_axis), 0)
    with frame.answer:
        answer_panel(seen, view, name, GROUP)
    with frame.left:
        # Most of what a change does lies after the cursor.
        cursor(whole, name, GROUP, lifted=is_changed, plays=state.is_opening())
        _all_layers(run, shown)
        with st.container(key="step_sentence"):
            step_sentence(shown, view, panels.n_steps, GROUP, first)
        with st.container(key=GROUP):
            text_ribbon(whole, run.trace.sequence, is_wanted=bool(state.get("ribbon")))
            newcomer_hint(panels, drawn)
            alt = t("chart.alt", cell=t(f"cell.{panels.cell}"), steps=panels.n_steps)
            show_chart(figure, "chart", alt=alt)
            _more_signals(trace, view.layer)
            hint_button()
    with frame.right:
        live_cell(seen, panels, view, name, GROUP)
        # Below what is looked at while a gate is dragged, so that nothing moves under the hand.
        if shown.window is None:
            list_bar(edits)
        if is_changed:
            effect_line(intervention_effect(run.trace, trace, layer=view.layer))
        details_panel(seen, panels, view, name, GROUP)
        if shown.window is None:
            intervene_controls(run.model, run.trace, view.layer, first, GROUP)
    with frame.share:
        share_controls(seen, drawn, height=_HEIGHT)
