"""Two models that should be the same: where they part, how it grows, and the proved cause."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.doctor.result import ModelDiff
from rnnviz.doctor.told import told
from rnnviz.errors import RnnvizError
from rnnviz.ui import comparison_results, results, shell, state
from rnnviz.ui.controls.compare_subject import compare_subject, on_shown_layer
from rnnviz.ui.controls.model_switch import model_title
from rnnviz.ui.controls.random_model import model_controls
from rnnviz.ui.controls.twin_model import twin_model
from rnnviz.ui.controls.widgets import show_chart
from rnnviz.ui.fingerprint import fingerprint
from rnnviz.ui.selections import (
    ComparedRun,
    ComparedRuns,
    ModelFile,
    OpenedModel,
    RunChoice,
    TypedText,
)
from rnnviz.ui.text import escape_markdown, t, warn

_SEEN = "models_seen"


def compare_models(expert: DeltaGenerator) -> ComparedRuns:
    """The chosen model and a file of the same network, with what parts them."""
    subject = compare_subject(model_controls, expert, has_switch=False)
    twin = twin_model()
    if subject is None or twin is None:
        st.info(t("compare.models.begin"), icon=":material/compare:")
        return ()
    title, name = model_title(state.chosen_model()), _name_of(twin)
    choice = subject.run.choice.untouched
    other = _run_of_twin(choice, twin)
    names = (title, name) if title != name else (f"{title} (1)", f"{name} (2)")
    one, two = map(ComparedRun, names, (choice, other))
    found = _findings(one, two)
    if found is None:
        return ()
    _open_where_they_part(one, two, found)
    return on_shown_layer((one, two))


def _open_where_they_part(one: ComparedRun, two: ComparedRun, found: ModelDiff) -> None:
    """Show the layer where two models part when they first stand beside each other."""
    pair, before = fingerprint(one.run.model, two.run.model), st.session_state.get(_SEEN)
    st.session_state[_SEEN] = pair
    is_of_link = before is None and (state.shown_layer() or state.get("first_layer"))
    parting = 0 if found.parting is None else max(found.parting.layer, 0)
    if pair != before and not is_of_link:
        state.put(layer=parting)
    state.put(first_layer="1" if parting and not state.shown_layer() else "")


def _name_of(twin: OpenedModel) -> str:
    return twin.origin.file.name if isinstance(twin.origin, ModelFile) else ""


def _run_of_twin(choice: RunChoice, twin: OpenedModel) -> RunChoice:
    """Run of the second model; a file of weights alone reads the tokens of the first."""
    twin = replace(twin, backend=choice.model.backend)
    other = replace(choice, model=twin)
    if not isinstance(choice.model, OpenedModel) or not isinstance(choice.input, TypedText):
        return other
    # What cannot be opened is told where the two are compared.
    with suppress(RnnvizError):
        mine, theirs = (results.import_result_of(one).model for one in (choice.model, twin))
        tokens = mine.vocabulary
        if tokens is None or theirs.vocabulary is not None:
            return other
        if theirs.embedding is not None:
            return replace(other, model=replace(twin, vocabulary=tokens))
        return replace(other, input=replace(choice.input, encoding="one_hot", vocabulary=tokens))
    return other


def _findings(one: ComparedRun, two: ComparedRun) -> ModelDiff | None:
    """What was found, its card drawn; None, after a warning, where they cannot be compared."""
    try:
        with st.spinner(t("working"), show_time=True):
            found = comparison_results.model_difference(one, two)
    except RnnvizError as error:
        warn(error)
        return None
    said = [escape_markdown(line) for line in told(found, state.language())]
    with st.container(key="doctor", border=True):
        icon = ":material/check_circle:" if found.is_same else ":material/call_split:"
        st.markdown("\n\n".join([f"{icon} **{said[0]}**", *said[1:]]))
        if found.largest:
            figure = comparison_results.growth_figure(one, two, shell.look())
            show_chart(figure, "growth", alt=t("growth.alt", one=one.name, other=two.name))
    return found
