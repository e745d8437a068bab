"""One line over the heatmaps for who sees them first: rows, columns, colours, clicks."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from rnnviz.analysis.panels import Panels
from rnnviz.ui import state
from rnnviz.ui.controls.widgets import text_button
from rnnviz.ui.player.heatmap_legend import heatmap_legend
from rnnviz.ui.selections import ViewChoice
from rnnviz.ui.text import t

_HIDDEN = "hint_hidden"


def newcomer_hint(panels: Panels, view: ViewChoice) -> None:
    """The line and its button, until it is hidden in this session; none where lines are drawn."""
    if view.draw != "heatmap" or view.is_difference or st.session_state.get(_HIDDEN):
        return
    with st.container(horizontal=True, key="hint", vertical_alignment="center"):
        has_cut = any(panel.is_cut.any() for panel in panels.panels)
        remarks = _telling(panels, view)
        st.html(heatmap_legend(panels, view.look, has_cut=has_cut, remarks=remarks))
        icon, said = ":material/close:", t("hint.close")
        text_button("", "hint_close", _hide, True, icon=icon, help=said)


def hint_button() -> None:
    """The button that brings the line back; none while it is shown."""
    if st.session_state.get(_HIDDEN):
        text_button(t("hint"), "hint_open", _hide, False, icon=":material/help:")


def _hide(is_hidden: bool) -> None:
    state.put(**{_HIDDEN: is_hidden})


def _telling(panels: Panels, view: ViewChoice) -> Iterator[str]:
    """Sentence that only the units that change most are shown, where that is so."""
    of_units = next((one for one in panels.panels if not one.has_own_axis), None)
    if of_units is None or view.only or view.order != "telling":
        return
    shown = len(of_units.units)
    if shown < of_units.n_rows:
        yield t("hint.telling", shown=shown, all=of_units.n_rows)
