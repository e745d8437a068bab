"""The run over the views of Understand: the player, its heatmaps, and the way to Read."""

from __future__ import annotations

import streamlit as st

from rnnviz.analysis.panels import Panels, signal_names
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.ui import address, run_figures, shell, state
from rnnviz.ui.controls.cursor import cursor, settled_cursor
from rnnviz.ui.controls.text_ribbon import text_ribbon
from rnnviz.ui.controls.widgets import show_chart
from rnnviz.ui.fingerprint import fingerprint
from rnnviz.ui.player.heatmap_legend import cut_legend
from rnnviz.ui.player.marked_chart import marked_chart
from rnnviz.ui.player.page_model import GROUP
from rnnviz.ui.selections import ViewChoice
from rnnviz.ui.text import t
from rnnviz.ui.understand.insight import SeenRun
from rnnviz.ui.understand.step_mark import StepMark


def insight_player(seen: SeenRun, *, follows_step: bool = False) -> None:
    """The player of a run whose steps stand one by one; `follows_step` as in `Insight`."""
    whole = whole_layer(seen)
    cursor(whole, fingerprint(seen.run, seen.layer, "index"), GROUP, lifted=True)
    _follow(whole, state.picked_unit(), state.cursor_step(), follows_step)


def whole_layer(seen: SeenRun) -> Panels:
    """All signals of all units of the run's layer, in the units' own order."""
    every = signal_names(seen.trace, seen.layer)
    view = ViewChoice(seen.layer, "index", "heatmap", every, (), shell.look())
    return run_figures.panels_of(seen.run, view)


def folded_heatmaps(seen: SeenRun) -> None:
    """The heatmaps of the run's layer, drawn for those who look."""
    icon = ":material/grid_on:"
    folded = st.expander(t("understand.heatmaps"), icon=icon, key="heatmaps", on_change="rerun")
    if folded.open:
        with folded:
            heatmaps(seen)


def heatmaps(seen: SeenRun) -> None:
    """The heatmaps of the run's layer, with the player's step in them."""
    trace, order = seen.trace, state.get("order")
    cell = t(f"cell.{trace.layers[seen.layer].cell_name}")
    view = ViewChoice(seen.layer, order, "heatmap", (), (), shell.look())
    with st.container(key=GROUP):
        text_ribbon(whole_layer(seen), trace.sequence, is_wanted=True)
        alt = t("chart.alt", cell=cell, steps=trace.sequence.n_steps)
        show_chart(run_figures.figure_of(seen.run, view, 0), "understand_heatmaps", alt=alt)
        if any(panel.is_cut.any() for panel in run_figures.panels_of(seen.run, view).panels):
            st.html(cut_legend(shell.look()))


@st.fragment
def _follow(whole: Panels, unit: str, step: int | None, follows_step: bool) -> None:
    """Take the step into the address; another unit draws the page again, as a step may."""
    settled_cursor(whole, GROUP)
    if state.picked_unit() != unit or (follows_step and state.cursor_step() != step):
        st.rerun()
    address.write_url()


def marked_figure(figure: PlotlyJson, key: str, marks: tuple[StepMark, ...], *, alt: str) -> None:
    """A figure in which the player's step is marked."""
    place = f"{key}_marked"
    with st.container(key=place):
        show_chart(figure, key, alt=alt)
    if marks:
        language = state.language()
        marked_chart(marks, key=f"{key}_marks", chart=place, playhead=GROUP, language=language)


def to_read() -> None:
    """The way to Read, which shares step, unit and all that was chosen of the run."""
    if st.button(
        t("understand.on_read"), icon=":material/grid_on:", key="on_read", type="tertiary"
    ):
        st.switch_page(shell.page_file("read"))


def to_understand() -> None:
    """The way back from Read."""
    label, icon = t("page.understand"), ":material/psychology:"
    if st.button(label, icon=icon, key="to_understand", type="tertiary"):
        st.switch_page(shell.page_file("understand"))
