"""Beside the model's name: what it does, its moments of training, and what it is compared with."""

from __future__ import annotations

from typing import Any

import streamlit as st

from rnnviz.train.presets import preset
from rnnviz.ui import places, shell, state
from rnnviz.ui.build import preset_moments
from rnnviz.ui.choices import UNTRAINED
from rnnviz.ui.controls.widgets import moment_field
from rnnviz.ui.own_training import kept_training
from rnnviz.ui.run import ShownRun
from rnnviz.ui.selections import OpenedModel, PresetModel, PublishedInput, RandomModel, TypedText
from rnnviz.ui.text import escape_markdown, t

_LESSONS = {"lstm": "lstm_gates", "gru": "gru", "gru_reset_after": "gru"}


def moment_of_model() -> None:
    """The slider from untrained to trained, where the model's moments are kept."""
    steps = _moments()
    if len(steps) > 1:
        state.fall_back("moment", [-1, *range(len(steps) - 1)])
        with st.container(width=300, key="moment_place"):
            moment_field("moment", steps)


def what_it_does() -> None:
    """One sentence that says what the model does; of random weights, that they mean nothing."""
    origin, _, name = state.chosen_model().partition(":")
    if origin == "preset":
        said = escape_markdown(preset(name).about[state.language()])
    elif origin == UNTRAINED:
        said = f"{_about_cell()} {t('untrained')}"
    else:
        return
    with st.container(key="what_it_does"):
        st.caption(said)


def compare_with(run: ShownRun) -> None:
    """The list of what the run can be compared with; Compare opens with these choices set."""
    entries = _comparisons(run)
    if entries:
        with st.popover(t("with"), icon=":material/compare:", key="compare_with"):
            for name, choices in entries.items():
                icon = ":material/arrow_forward:"
                shell.page_button("compare", t(f"with.{name}"), icon, key=f"with_{name}", **choices)


def lesson_line(run: ShownRun) -> None:
    """The way to the lesson that explains what is seen."""
    lesson = _LESSONS.get(run.trace.layers[0].cell_name, "reads")
    icon = ":material/school:"
    shell.page_button("learn", t("read.lesson"), icon, key="lesson_line", lesson=lesson)


def _moments() -> list[int]:
    """Steps of training at which the model is kept."""
    origin, _, name = state.chosen_model().partition(":")
    if origin == "preset":
        return [step for step, _ in preset_moments(name)]
    job = kept_training()
    return [one.step for one in job.snapshots] if origin == "training" and job is not None else []


def _comparisons(run: ShownRun) -> dict[str, dict[str, Any]]:
    """By name, the choices that Compare opens with."""
    model, source = run.choice.model, run.choice.input
    text = source.text if isinstance(source, TypedText | PublishedInput) else ""
    found: dict[str, dict[str, Any]] = {}
    if isinstance(model, OpenedModel) and isinstance(model.origin, PresetModel):
        name = model.origin.name
        found["untrained"] = {"compare": "training", "course": name, "says": text}
        if text:
            found["text"] = {"compare": "inputs", "reader": f"preset:{name}", "one": text}
    if isinstance(model, RandomModel):
        here = places.chosen_here()
        found["cells"] = here | {"compare": "cells"}
        if text:
            found["text"] = here | {
                "compare": "inputs",
                "reader": f"random:{model.cell}",
                "one": text,
            }
    if state.text_of("do"):
        found["unchanged"] = places.chosen_here() | {"compare": "intervened"}
    return found


def _about_cell() -> str:
    return t(f"about.{state.get('cell')}")
