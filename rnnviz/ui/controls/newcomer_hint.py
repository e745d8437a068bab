"""One line over the heatmaps for who sees them first: rows, columns, colours, clicks."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import streamlit as st

from rnnviz.analysis.panels import Panels
from rnnviz.figures.theme import colorscale, scale_of
from rnnviz.ui import state
from rnnviz.ui.controls.widgets import text_button
from rnnviz.ui.selections import ViewChoice
from rnnviz.ui.text import t

_HIDDEN = "hint_hidden"
_CUT = '<span class="hint-ends"><span class="hint-cut"></span> {}</span>'


def newcomer_hint(panels: Panels, view: ViewChoice) -> None:
    """The line and its button, until it is hidden in this session; none where lines are drawn."""
    if view.draw != "heatmap" or view.is_difference or st.session_state.get(_HIDDEN):
        return
    with st.container(horizontal=True, key="hint", vertical_alignment="center"):
        st.html(_line(panels, view))
        icon, said = ":material/close:", t("hint.close")
        text_button("", "hint_close", _hide, True, icon=icon, help=said)


def hint_button() -> None:
    """The button that brings the line back; none while it is shown."""
    if st.session_state.get(_HIDDEN):
        text_button(t("hint"), "hint_open", _hide, False, icon=":material/help:")


def _hide(is_hidden: bool) -> None:
    state.put(**{_HIDDEN: is_hidden})


def _line(panels: Panels, view: ViewChoice) -> str:
    """HTML of the line: rows and columns, each colour scale and what is cut, what a click does."""
    scales = dict.fromkeys(scale_of(panel, view.look.dark) for panel in panels.panels)
    has_gates = any(panel.signal.kind == "gate" for panel in panels.panels)
    swatches = [_swatch(scale, *_ends(scale, has_gates)) for scale in scales]
    cut = [_CUT.format(escape(t("hint.cut")))] if any(p.is_cut.any() for p in panels.panels) else []
    parts = (
        escape(t("hint.grid")),
        *_telling(panels, view),
        *swatches,
        *cut,
        escape(t("hint.click")),
    )
    return f'<p class="hint">{" &nbsp; ".join(parts)}</p>'


def _telling(panels: Panels, view: ViewChoice) -> Iterator[str]:
    """Where only the units that change most are shown: that, and what their numbers are."""
    of_units = next((one for one in panels.panels if not one.has_own_axis), None)
    if of_units is None or view.only or view.order != "telling":
        return
    shown = len(of_units.units)
    if shown < of_units.n_rows:
        yield escape(t("hint.telling", shown=shown, all=of_units.n_rows))


def _ends(scale: str, has_gates: bool) -> tuple[str, str]:
    """Words of both ends of a colour scale."""
    if scale != "Viridis":
        return "−", "+"
    return (t("hint.closed"), t("hint.open")) if has_gates else ("0", t("hint.high"))


def _swatch(scale: str, low: str, high: str) -> str:
    """A colour scale between the words of its ends."""
    shades = ",".join(shade for _, shade in colorscale(scale))
    bar = f'<span class="hint-scale" style="background:linear-gradient(90deg,{shades})"></span>'
    return f'<span class="hint-ends">{escape(low)} {bar} {escape(high)}</span>'
