"""Model that is chosen: opened, read from an upload, or refused with a sentence."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from rnnviz.errors import MappingNeeded, RnnvizError
from rnnviz.pretrained.registry import pretrained_model
from rnnviz.ui import places, results, state
from rnnviz.ui.build import preset_moments
from rnnviz.ui.choices import FILE, PAGE_CHOICES
from rnnviz.ui.controls.mapping import NamedSlots, ask_mapping, mapping_dialog
from rnnviz.ui.controls.model_upload import lost_model_row
from rnnviz.ui.controls.notice import MODEL_NOTICE, Notice, put_notice
from rnnviz.ui.controls.upload_doors import MODEL_LIST, missing_model, refused_model, take_model
from rnnviz.ui.last_good import LastGood
from rnnviz.ui.own_training import TRAINING, TRAINING_GONE, kept_training
from rnnviz.ui.selections import (
    ModelFile,
    ModelOrigin,
    OpenedModel,
    PresetModel,
    PublishedModel,
    TrainedModel,
)
from rnnviz.ui.text import t, warn
from rnnviz.ui.url import File

_LAST_TEXT: LastGood[str] = LastGood("last_published_text")


def check_model_link() -> None:
    """Drop a model that a link carried and that cannot be read; go on with an open dialog."""
    _check_link()
    if state.chosen_model() == TRAINING and kept_training() is None:
        state.put(model="")
        state.restore_defaults(*PAGE_CHOICES["train"])
        put_notice(MODEL_NOTICE, Notice(TRAINING_GONE, is_left=False))
    mapping_dialog(_take_named)


def choose_model(model: str) -> None:
    """Read with another model of the list."""
    put_notice(MODEL_NOTICE, None)
    state.put(**{MODEL_LIST: False})
    places.switch_model(model)


def settled_model() -> OpenedModel | None:
    """The chosen model, with a part and a vocabulary that it can have.

    None, after a message, where it cannot be opened.
    """
    if (lost := missing_model()) is not None:
        lost_model_row(lost)
        return None
    origin = _origin()
    if isinstance(origin, PublishedModel) and not pretrained_model(origin.name).is_installed:
        _not_installed(origin.name)
        return None
    with st.spinner(t("model.opening"), show_time=True):
        origin = _openable(origin)
        stacks = results.import_results_of(origin)
    state.fall_back("part", [one.name for one in stacks])
    return _with_vocabulary(OpenedModel(origin, state.get("part"), backend=state.get("backend")))


def readable_upload() -> OpenedModel | None:
    """The uploaded model with the choices made for it; None where none can be read."""
    file = state.uploaded_model()
    if file is None:
        return None
    vocabulary = _tokens(state.text_of("vocab"))
    model = OpenedModel(_chosen_file(file), state.get("part"), vocabulary, state.get("backend"))
    try:
        results.import_result_of(model)
    except RnnvizError:
        return None
    return model


def _origin() -> ModelOrigin:
    kind, _, name = state.chosen_model().partition(":")
    file = state.uploaded_model()
    if kind == FILE and file is not None:
        return _chosen_file(file)
    job = kept_training()
    if kind == TRAINING and job is not None:
        state.fall_back("moment", range(-1, len(job.snapshots)))
        return TrainedModel(job.name, state.get("moment") % len(job.snapshots))
    if kind == "zoo":
        return PublishedModel(
            name, state.text_of("says").strip() or pretrained_model(name).examples[0]
        )
    state.fall_back("moment", range(-1, len(preset_moments(name))))
    return PresetModel(name, state.get("moment"))


def _chosen_file(file: File) -> ModelFile:
    return ModelFile(file, state.chosen_answers(), state.chosen_names())


def _openable(origin: ModelOrigin) -> ModelOrigin:
    """The model, or, after a warning, the model without the choices that make it fail."""
    try:
        results.import_results_of(origin)
    except RnnvizError as error:
        warn(error)
        # A link may bring any answers.
        state.restore_defaults("answers")
        return _plain(origin)
    if isinstance(origin, PublishedModel):
        _LAST_TEXT.remember(origin.text)
    return origin


def _plain(origin: ModelOrigin) -> ModelOrigin:
    """The model without answers, or with the last text that it could read, else an example."""
    if isinstance(origin, ModelFile):
        return ModelFile(origin.file, names=origin.names)
    if not isinstance(origin, PublishedModel):
        return origin
    name = origin.name
    last = _LAST_TEXT.again(lambda text: results.import_results_of(PublishedModel(name, text)))
    return PublishedModel(name, last[0] if last is not None else pretrained_model(name).examples[0])


def _with_vocabulary(model: OpenedModel) -> OpenedModel:
    """The model with the user's vocabulary, or, after a warning, without one that does not fit."""
    chosen = replace(model, vocabulary=_tokens(state.text_of("vocab")))
    try:
        results.import_result_of(chosen)
    except RnnvizError as error:
        warn(error)
        return model
    return chosen


def _tokens(text: str) -> tuple[str, ...]:
    """A token a line, or, of a single line, a token a character."""
    lines = [line for line in text.split("\n") if line]
    return tuple(lines) if len(lines) != 1 else tuple(lines[0])


def _not_installed(name: str) -> None:
    entry = pretrained_model(name)
    st.info(t("zoo.install", package=entry.package.name, licence=entry.licence))
    st.code('pip install "rnnviz[zoo]"', language="bash")


def _check_link() -> None:
    """Drop a model that a link carried and that cannot be read, and tell why."""
    file = state.uploaded_model()
    if file is None or state.get("model") != FILE:
        return
    origin = _chosen_file(file)
    try:
        results.import_results_of(origin)
    except MappingNeeded as error:
        state.put(modelfile=None, model="")
        ask_mapping(file, error)
    except RnnvizError as error:
        state.put(modelfile=None, model="")
        refused = refused_model(file, error, origin.answers, origin.names)
        put_notice(MODEL_NOTICE, replace(refused, is_left=False))


def _take_named(file: File, cell: str, names: NamedSlots) -> None:
    take_model(file, (("cell", cell),), names)
