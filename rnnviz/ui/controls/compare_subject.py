"""The network of a comparison, random or opened, its input, and the layer that is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.recordings.source import SequenceSource
from rnnviz.ui import results, state
from rnnviz.ui.choices import UNTRAINED
from rnnviz.ui.controls.model_file import settled_model
from rnnviz.ui.controls.model_input import model_input_row, settled_model_input
from rnnviz.ui.controls.model_switch import model_notice, model_switch
from rnnviz.ui.controls.sequence import (
    file_decisions,
    reading_controls,
    sequence_controls,
    settled_input,
)
from rnnviz.ui.controls.view_options import layer_switch
from rnnviz.ui.run import ShownRun, run_of
from rnnviz.ui.selections import ComparedRuns, InputChoice, RandomModel, RunChoice


@dataclass(frozen=True)
class Subject:
    """A network at work on an input, and the layer that is shown."""

    run: ShownRun
    layer: int


def compare_subject(
    random_controls: Callable[[DeltaGenerator], RandomModel],
    expert: DeltaGenerator,
    *,
    has_switch: bool = True,
) -> Subject | None:
    """The chosen network, its controls drawn; None while it has no readable input.

    has_switch  whether the switch between its layers is drawn here.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", key="subject_row"):
        model_switch()
    model_notice()
    is_opened = state.chosen_model() != UNTRAINED
    settled = _opened_run() if is_opened else _random_run(random_controls, expert)
    if settled is None:
        return None
    run = run_of(*settled)
    state.fall_back("layer", range(len(run.trace.layers)))
    if has_switch:
        layer_switch(run.trace)
    return Subject(run, state.shown_layer())


def on_shown_layer(runs: ComparedRuns) -> ComparedRuns:
    """The runs at the layer that is chosen among theirs; the switch is drawn for several."""
    if not runs:
        return runs
    trace = results.trace_of(runs[0].run)
    state.fall_back("layer", range(len(trace.layers)))
    layer_switch(trace)
    return tuple(replace(one, layer=state.shown_layer()) for one in runs)


def compare_input(expert: DeltaGenerator) -> tuple[InputChoice, SequenceSource] | None:
    """The input as of an untrained network, its controls drawn; None while it cannot be read."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="sequence"):
        sequence_controls()
    with expert:
        reading_controls()
    settled = settled_input()
    if settled is not None:
        file_decisions(settled[0])
    return settled


def _random_run(
    controls: Callable[[DeltaGenerator], RandomModel], expert: DeltaGenerator
) -> tuple[RunChoice, SequenceSource] | None:
    model = controls(expert)
    settled = compare_input(expert)
    return None if settled is None else (RunChoice(model, settled[0]), settled[1])


def _opened_run() -> tuple[RunChoice, SequenceSource] | None:
    model = settled_model()
    if model is None:
        return None
    chosen = model_input_row(model)
    return settled_model_input(model, chosen)
