"""The switch between the models that can read: trained, untrained, published, one's own."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.core.checks import shown
from rnnviz.errors import InputError, RnnvizError
from rnnviz.pretrained.registry import pretrained_model, pretrained_models
from rnnviz.train.presets import general_presets, presets
from rnnviz.ui import places, state
from rnnviz.ui.choices import FILE, OPENING, UNTRAINED
from rnnviz.ui.controls.model_file import check_model_link, choose_model
from rnnviz.ui.controls.model_upload import model_uploader
from rnnviz.ui.controls.notice import MODEL_NOTICE, Notice, put_notice, show_notice
from rnnviz.ui.controls.upload_doors import MODEL_LIST, missing_model
from rnnviz.ui.controls.widgets import text_button
from rnnviz.ui.own_training import TRAINING, kept_training
from rnnviz.ui.text import escape_markdown, t

_ICONS = {
    "preset": ":material/psychology:",
    UNTRAINED: ":material/casino:",
    "zoo": ":material/public:",
    FILE: ":material/description:",
    TRAINING: ":material/model_training:",
}


def model_switch() -> None:
    """The button with the model's name, and under it the list, which ends with the uploader."""
    check_model_link()
    offered = dict(_groups())
    chosen = state.chosen_model()
    if not any(chosen in models for models in offered.values()):
        put_notice(MODEL_NOTICE, Notice(_not_here(chosen)))
        chosen = OPENING
        places.switch_model(chosen)
    label = t("model.chosen", name=escape_markdown(model_title(chosen)))
    with st.popover(label, icon=_icon(chosen), key=MODEL_LIST, on_change="rerun"):
        for group, models in offered.items():
            with _group(group, is_open=chosen in models):
                for model in models:
                    _entry(model)
        if missing_model() is None:
            model_uploader()


def _not_here(model: str) -> RnnvizError:
    if model == FILE:
        return InputError(
            "The address should carry or name a model's file, but it was cut off or changed; open"
            " the file again."
        )
    return InputError(
        "The address names the model “{name}”, but there is none of that name; choose one of the"
        " list.",
        name=shown(model),
    )


def model_notice() -> None:
    """Notice of a file that was not opened, and of the model that is still open."""
    if show_notice(MODEL_NOTICE):
        st.caption(t("model.still_open", name=escape_markdown(model_title(state.chosen_model()))))


def model_title(model: str) -> str:
    """Title of a model: what it does, or the name of its file."""
    origin, _, name = model.partition(":")
    if origin == FILE:
        file = state.uploaded_model() or state.lost_model()
        return file.name if file is not None else ""
    if origin == "zoo":
        return pretrained_model(name).title[state.language()]
    return t(f"does.{name}") if origin == "preset" else t(f"model.{origin}")


def _groups() -> Iterator[tuple[str, tuple[str, ...]]]:
    """The models of the list by their group."""
    yield "trained", tuple(f"preset:{one.name}" for one in general_presets())
    yield "untrained", (UNTRAINED,)
    yield "published", tuple(f"zoo:{one.name}" for one in pretrained_models())
    own = (TRAINING,) if kept_training() is not None else ()
    yield "findings", tuple(f"preset:{one.name}" for one in presets() if one.for_finding)
    yield "own", (*own, *((FILE,) if state.uploaded_model() or missing_model() else ()))


def _group(name: str, is_open: bool) -> DeltaGenerator:
    """A group under its title; that of findings, which few look for here, is folded."""
    title = t(f"model.group.{name}")
    if name == "findings":
        return st.expander(title, expanded=is_open)
    group = st.container(gap=None, key=f"models_{name}")
    group.caption(title)
    return group


def _entry(model: str) -> None:
    title = escape_markdown(model_title(model))
    key = f"model_{model.replace(':', '_')}"
    text_button(title, key, choose_model, model, icon=_icon(model))


def _icon(model: str) -> str:
    return _ICONS[model.partition(":")[0]]
