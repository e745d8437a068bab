"""One network at two moments of its training."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.train.presets import presets
from rnnviz.ui import state
from rnnviz.ui.build import preset_moments
from rnnviz.ui.controls.compare_subject import on_shown_layer
from rnnviz.ui.controls.model_input import model_input_row, settled_model_input
from rnnviz.ui.controls.model_switch import model_title
from rnnviz.ui.controls.widgets import moment_field, select
from rnnviz.ui.selections import ComparedRun, ComparedRuns, OpenedModel, PresetModel, RunChoice
from rnnviz.ui.text import t

# What the page shows first: five moments of its training are kept.
_FIRST = "brackets_lstm"
_MOMENTS = ("earlier", "later")


def compare_training(_expert: DeltaGenerator) -> ComparedRuns:
    """The network, its two moments, and the input of both."""
    options = [one.name for one in presets()]
    options.sort(key=lambda name: name != _FIRST)
    state.fall_back("course", options)
    left, *places = st.columns([2, 1, 1], vertical_alignment="bottom")
    with left:
        select("course", options, text=_title, has_help=False, on_change=_clear_choices)
    name = state.text_of("course")
    steps = [step for step, _ in preset_moments(name)]
    for place, key in zip(places, _MOMENTS, strict=True):
        with place:
            _choose_moment(key, steps)
    trained = OpenedModel(PresetModel(name))
    chosen = model_input_row(trained)
    settled = settled_model_input(trained, chosen)
    if settled is None:
        return ()
    moments = map(state.get, _MOMENTS)
    return on_shown_layer(tuple(_run_at(name, one, steps, settled[0]) for one in moments))


def _title(name: str) -> str:
    return model_title(f"preset:{name}")


def _run_at(name: str, moment: int, steps: list[int], trained: RunChoice) -> ComparedRun:
    step = steps[moment]
    title = t("course.after", steps=f"{step:,}") if step else t("course.before")
    return ComparedRun(title, RunChoice(OpenedModel(PresetModel(name, moment)), trained.input))


def _choose_moment(key: str, steps: list[int]) -> None:
    if state.get(key) not in range(-1, len(steps) - 1):
        state.restore_defaults(key)
    moment_field(key, steps)


def _clear_choices() -> None:
    state.restore_defaults("earlier", "later", "says", "feed")
    state.move_cursor(None)
