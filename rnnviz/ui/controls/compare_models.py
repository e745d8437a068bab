"""Two models that should be the same: where they part, how it grows, and the proved cause."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.doctor.told import told
from rnnviz.errors import RnnvizError
from rnnviz.ui import comparison_results, results, shell, state
from rnnviz.ui.controls.compare_subject import compare_subject
from rnnviz.ui.controls.model_switch import model_title
from rnnviz.ui.controls.model_upload import MAX_MODEL_UPLOAD
from rnnviz.ui.controls.random_model import model_controls
from rnnviz.ui.controls.widgets import show_chart
from rnnviz.ui.kept_files import keep_file
from rnnviz.ui.selections import (
    ComparedRun,
    ComparedRuns,
    ModelFile,
    OpenedModel,
    RunChoice,
    TypedText,
)
from rnnviz.ui.text import escape_markdown, t, warn
from rnnviz.ui.url import File

_UPLOADER = "twin_uploader"
_REFUSED = "twin_refused"


def compare_models(expert: DeltaGenerator) -> ComparedRuns:
    """The chosen model and a file of the same network, with what parts them."""
    subject = compare_subject(model_controls, expert)
    _twin_uploader()
    twin = state.uploaded_twin()
    if subject is None or twin is None:
        st.info(t("compare.models.begin"), icon=":material/compare:")
        return ()
    title = model_title(state.chosen_model())
    choice = subject.run.choice.untouched
    other = _run_of_twin(choice, ModelFile(twin))
    names = (title, twin.name) if title != twin.name else (f"{title} (1)", f"{twin.name} (2)")
    one, two = (
        ComparedRun(name, run, subject.layer)
        for name, run in zip(names, (choice, other), strict=True)
    )
    return (one, two) if _findings(one, two) else ()


def _run_of_twin(choice: RunChoice, file: ModelFile) -> RunChoice:
    """Run of the second model; a file of weights alone reads the tokens of the first."""
    twin = OpenedModel(file, backend=choice.model.backend)
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


def _findings(one: ComparedRun, two: ComparedRun) -> bool:
    """The card with what was found; False, after a warning, where the two cannot be compared."""
    try:
        with st.spinner(t("working"), show_time=True):
            found = comparison_results.model_difference(one, two)
    except RnnvizError as error:
        warn(error)
        return False
    said = [escape_markdown(line) for line in told(found, state.language())]
    with st.container(key="doctor", border=True):
        icon = ":material/check_circle:" if found.is_same else ":material/call_split:"
        st.markdown("\n\n".join([f"{icon} **{said[0]}**", *said[1:]]))
        if found.largest:
            figure = comparison_results.growth_figure(one, two, shell.look())
            show_chart(figure, "growth", alt=t("growth.alt", one=one.name, other=two.name))
    return True


def _twin_uploader() -> None:
    """The field for the second model's file."""
    st.file_uploader(
        t("twin.label"),
        key=_UPLOADER,
        on_change=_take_twin,
        max_upload_size=MAX_MODEL_UPLOAD,
        help=t("model.upload.help"),
    )
    refused = st.session_state.get(_REFUSED)
    if refused is not None:
        warn(refused)
    if (twin := state.uploaded_twin()) is not None:
        st.caption(t("twin.open", name=escape_markdown(twin.name)))


def _take_twin() -> None:
    """Open the second model; what cannot be read changes nothing."""
    given = st.session_state[_UPLOADER]
    st.session_state[_REFUSED] = None
    if given is None:
        return
    file = File(given.name, given.getvalue())
    try:
        keep_file(file)
        results.import_results_of(ModelFile(file))
    except RnnvizError as error:
        st.session_state[_REFUSED] = error
    else:
        state.put(twin=file)
