"""The chosen view of the page Understand: computed when it is opened, kept for all sessions."""

from __future__ import annotations

from typing import Any

import streamlit as st

from rnnviz.errors import RnnvizError
from rnnviz.figures.plotly_json import to_page
from rnnviz.ui import places, shell, state
from rnnviz.ui.controls.insight_player import (
    folded_heatmaps,
    heatmaps,
    insight_player,
    marked_figure,
    to_read,
)
from rnnviz.ui.controls.intervention_list import applied_edits, list_bar
from rnnviz.ui.controls.job_progress import is_done, look_at_none
from rnnviz.ui.controls.model_switch import model_title
from rnnviz.ui.controls.output_choice import single_steps
from rnnviz.ui.controls.view_options import layer_switch
from rnnviz.ui.controls.widgets import text_button
from rnnviz.ui.fingerprint import fingerprint
from rnnviz.ui.run import ShownRun
from rnnviz.ui.selections import RunChoice
from rnnviz.ui.text import escape_markdown, t, warn
from rnnviz.ui.trace_files import table_file
from rnnviz.ui.understand.insight import Insight, SeenRun
from rnnviz.ui.view_jobs import insight_result, is_at_hand, view_job

_SHOWN = "view_shown"


def insight_view(one: Insight, run: ShownRun) -> None:
    """Sentence, figure, caveat, call and table of a view."""
    state.fall_back("layer", range(len(run.trace.layers)))
    layer_switch(run.trace)
    choice = single_steps(_with_changes(one, run))
    plain = SeenRun(choice, state.shown_layer())
    insight_player(plain, follows_step=one.follows_step)
    if not one.is_beside:
        folded_heatmaps(plain)
    try:
        settings = () if one.settings is None else one.settings(run)
        seen = SeenRun(choice, state.shown_layer(), settings)
        if not _is_there(one, seen):
            _fitting_model(one, run)
            _before(one, plain)
            return
        with st.spinner(t("understand.working"), show_time=True):
            found = insight_result(one.key, seen)
    except RnnvizError as error:
        warn(error)
        _fitting_model(one, run)
        return
    state.put(**{_SHOWN: (one.key, seen)})
    _shown(one, plain, found)
    st.caption(t(f"understand.{one.key}.caveat"))
    _taken_along(one, seen, found)


def _is_there(one: Insight, seen: SeenRun) -> bool:
    """True where the result can be had at once; else the progress of its job is drawn."""
    if is_at_hand(one.key, seen):
        look_at_none()
        return True
    return is_done(view_job(one.key, seen), one.job_words)


def _before(one: Insight, plain: SeenRun) -> None:
    """The view's picture before this one, while the new one is computed."""
    key, seen = st.session_state.get(_SHOWN, ("", None))
    if key == one.key and is_at_hand(key, seen):
        with st.container(key="picture_before"):
            _shown(one, plain, insight_result(key, seen))


def _shown(one: Insight, plain: SeenRun, found: Any) -> None:
    """Sentence, figure and what stands beneath it."""
    said = one.said(found)
    facts = {name: _fact(value) for name, value in said.facts.items()}
    st.markdown(f"**{t(said.key, **facts)}**")
    left, right = st.columns([3, 2]) if one.is_beside else (st.container(), None)
    if right is not None:
        with right:
            heatmaps(plain)
    with left:
        _figure(one, found, t(said.key, **facts))
        if one.beneath is not None:
            one.beneath(found)


def _fitting_model(one: Insight, run: ShownRun) -> None:
    """The way to a model that the view serves, where it does not serve this one."""
    if one.fitting and not one.serves(run):
        label = t("understand.open_fitting", model=model_title(one.fitting))
        icon = ":material/arrow_forward:"
        text_button(label, "open_fitting", _open_fitting, one, icon=icon)


def _open_fitting(one: Insight) -> None:
    places.switch_model(one.fitting, understand=one.key)


def _with_changes(one: Insight, run: ShownRun) -> RunChoice:
    """The run under the interventions, where the view is of the run; and what is said of them."""
    edits = applied_edits(run)
    list_bar(edits, is_compared=True)
    if edits.acts:
        st.caption(t(f"understand.changes.{'act' if one.heeds_changes else 'apart'}"))
    return edits.run if one.heeds_changes else run.choice


def _figure(one: Insight, found: Any, alt: str) -> None:
    if one.draw is not None:
        figure = to_page(one.draw(found, shell.look()))
        marks = () if one.marks is None else one.marks(found)
        marked_figure(figure, f"understand_{one.key}", marks, alt=alt)


def _fact(value: object) -> object:
    return escape_markdown(value) if isinstance(value, str) else value


def _taken_along(one: Insight, seen: SeenRun, found: Any) -> None:
    """The library's call, and the numbers as a table."""
    level = seen.trace.layers[seen.layer].level
    st.code(one.call.format(layer=seen.layer, level=level), language="python")
    with st.container(horizontal=True, key="taken_along"):
        _table(one, seen, found)
        to_read()


def _table(one: Insight, seen: SeenRun, found: Any) -> None:
    st.download_button(
        t("understand.table"),
        data=lambda: table_file(found.to_frame()),
        file_name=f"rnnviz-{one.key}-{fingerprint(seen)[:8]}.csv",
        mime="text/csv",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )
