"""The second model of a comparison: its file, uploaded, asked about and refused as the first is."""

from __future__ import annotations

import streamlit as st

from rnnviz.errors import MappingNeeded, RnnvizError
from rnnviz.ui import results, state
from rnnviz.ui.controls.import_card import reading_questions
from rnnviz.ui.controls.mapping import NamedSlots, ask_mapping, ask_mapping_again, mapping_dialog
from rnnviz.ui.controls.model_upload import MAX_MODEL_UPLOAD
from rnnviz.ui.controls.notice import TWIN_NOTICE, Notice, put_notice, show_notice
from rnnviz.ui.controls.upload_doors import ChosenAnswers, lifting_offers, spelled
from rnnviz.ui.controls.widgets import segments, text_button
from rnnviz.ui.kept_files import keep_file
from rnnviz.ui.selections import ModelFile, OpenedModel
from rnnviz.ui.text import escape_markdown, t
from rnnviz.ui.url import File

_UPLOADER, _ANSWERS, _NAMES = "twin_uploader", "twin_answers", "twin_names"


def twin_model() -> OpenedModel | None:
    """The second model with what was answered about it, its field and questions drawn."""
    _check_link()
    mapping_dialog(_take_named, TWIN_NOTICE)
    st.file_uploader(
        t("twin.label"),
        key=_UPLOADER,
        on_change=_take_upload,
        max_upload_size=MAX_MODEL_UPLOAD,
        help=t("model.upload.help"),
    )
    show_notice(TWIN_NOTICE)
    file = _chosen()
    return None if file is None else _about(file)


def take_twin(file: File, answers: ChosenAnswers = (), names: NamedSlots = ()) -> None:
    """Compare with a model, or ask which array is which; what cannot be read changes nothing."""
    try:
        keep_file(file)
        results.import_results_of(ModelFile(file, answers, names))
    except MappingNeeded as error:
        ask_mapping(file, error, TWIN_NOTICE)
    except RnnvizError as error:
        offers = lifting_offers(take_twin, file, error, answers, names)
        put_notice(TWIN_NOTICE, Notice(error, offers))
    else:
        put_notice(TWIN_NOTICE, None)
        state.restore_defaults("layer", "first_layer", "twin_part")
        state.put(twin=file, **{_ANSWERS: spelled(answers), _NAMES: spelled(names)})


def _chosen() -> ModelFile | None:
    file = state.uploaded_twin()
    if file is None:
        return None
    return ModelFile(file, state.chosen_answers(_ANSWERS), state.chosen_names(_NAMES))


def _about(file: ModelFile) -> OpenedModel:
    """The model of a file, its name and what its file leaves open drawn."""
    with st.container(horizontal=True, vertical_alignment="center", key="twin_row"):
        st.caption(t("twin.open", name=escape_markdown(file.file.name)))
        try:
            names = [one.name for one in results.import_results_of(file)]
            state.fall_back("twin_part", names)
            twin = OpenedModel(file, state.get("twin_part"))
            stack = results.import_result_of(twin)
        # What cannot be opened is told where the two are compared.
        except RnnvizError:
            return OpenedModel(file)
        if len(names) > 1:
            segments("twin_part", names, text=str, is_labelled=False)
        if file.names:
            arguments = file.file, file.names, stack.model, TWIN_NOTICE
            text_button(t("mapping"), "twin_mapping", ask_mapping_again, *arguments)
    reading_questions(file, stack, _ANSWERS)
    return twin


def _check_link() -> None:
    """Ask about a file that a link carried, or drop it where it cannot be read, and tell why."""
    twin = _chosen()
    if twin is None:
        return
    try:
        results.import_results_of(twin)
    except MappingNeeded as error:
        state.put(twin=None)
        ask_mapping(twin.file, error, TWIN_NOTICE)
    except RnnvizError as error:
        state.put(twin=None)
        offers = lifting_offers(take_twin, twin.file, error, twin.answers, twin.names)
        put_notice(TWIN_NOTICE, Notice(error, offers, is_left=False))


def _take_upload() -> None:
    given = st.session_state[_UPLOADER]
    put_notice(TWIN_NOTICE, None)
    if given is not None:
        take_twin(File(given.name, given.getvalue()))


def _take_named(file: File, cell: str, names: NamedSlots) -> None:
    take_twin(file, (("cell", cell),), names)
