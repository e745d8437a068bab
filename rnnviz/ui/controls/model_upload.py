"""Upload of a model: one file, or several that belong together."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from rnnviz.errors import RnnvizError
from rnnviz.ui import state
from rnnviz.ui.controls.input_upload import lost_text
from rnnviz.ui.controls.notice import MODEL_NOTICE, Notice, Offer, put_notice
from rnnviz.ui.controls.upload_doors import MODEL_LIST, take_model
from rnnviz.ui.kept_files import LostFile
from rnnviz.ui.text import t
from rnnviz.ui.url import File

MAX_MODEL_UPLOAD = 200
_MAX_OFFERS = 6
_SEEN = "model_uploads_seen"


def model_uploader() -> None:
    """The field for a model's files."""
    # Of every type: what is not read is answered with a sentence.
    st.file_uploader(
        t("model.upload.label"),
        accept_multiple_files=True,
        key="model_uploader",
        on_change=_use_upload,
        max_upload_size=MAX_MODEL_UPLOAD,
        help=t("model.upload.help"),
    )


def lost_model_row(lost: LostFile) -> None:
    """The uploader for a model that the server no longer has."""
    st.warning(lost_text(lost), icon=":material/history:")
    model_uploader()


def _use_upload() -> None:
    given = st.session_state["model_uploader"]
    seen = st.session_state.get(_SEEN, set())
    st.session_state[_SEEN] = {each.file_id for each in given}
    fresh = [each.name for each in given if each.file_id not in seen]
    if not fresh:
        return
    uploads = [File(each.name, each.getvalue()) for each in given]
    try:
        file = _with_those_beside(uploads, fresh)
    except RnnvizError as error:
        state.put(**{MODEL_LIST: False})
        put_notice(MODEL_NOTICE, Notice(error, _one_of(uploads, fresh)))
    else:
        take_model(file)


def _one_of(uploads: list[File], fresh: list[str]) -> tuple[Offer, ...]:
    """Each model among files that cannot be one together."""
    from rnnviz.readers.formats import MODEL_SUFFIXES

    models = {each.name: each for each in uploads if each.name.lower().endswith(MODEL_SUFFIXES)}
    chosen = [each for name, each in models.items() if name in fresh] or [*models.values()]
    offers = [Offer("door.model", take_model, (each,), each.name) for each in chosen]
    return tuple(offers[:_MAX_OFFERS])


def _with_those_beside(uploads: list[File], fresh: list[str]) -> File:
    """The model among the uploads with the others beside it; one that came just now is meant."""
    from rnnviz.readers.formats import MODEL_SUFFIXES
    from rnnviz.readers.uploads import main_file

    try:
        name = main_file(fresh)
    except RnnvizError:
        name, fresh = main_file(each.name for each in uploads), [each.name for each in uploads]
    main = next(each for each in reversed(uploads) if each.name == name)
    others = [y for y in uploads if y.name in fresh or not y.name.endswith(MODEL_SUFFIXES)]
    return replace(main, beside=tuple(each for each in others if each.name != name))
