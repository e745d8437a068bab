"""One network run twice: untouched and changed, or by either back end."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.interventions.serialise import to_text
from rnnviz.interventions.types import default_intervention
from rnnviz.ui import state
from rnnviz.ui.controls.compare_cells import random_choice, weights_controls
from rnnviz.ui.controls.compare_subject import Subject, compare_subject
from rnnviz.ui.controls.intervention_editor import intervene_controls
from rnnviz.ui.controls.intervention_list import applied_edits, intervention_text, list_bar
from rnnviz.ui.controls.random_model import model_controls
from rnnviz.ui.controls.widgets import select_cell
from rnnviz.ui.selections import ComparedRun, ComparedRuns, RandomModel
from rnnviz.ui.text import t


def compare_interventions(expert: DeltaGenerator) -> ComparedRuns:
    """A network untouched, and under the page's interventions or, without any, an example."""
    subject = compare_subject(model_controls, expert)
    if subject is None:
        return ()
    run = subject.run
    edits = applied_edits(run)
    list_bar(edits, is_compared=True)
    changed = edits.run
    if not changed.interventions:
        changed = replace(changed, interventions=_example(subject, bool(edits.interventions)))
    intervene_controls(run.model, run.trace, subject.layer, 0, "")
    return (
        ComparedRun(t("versus.untouched"), run.choice, subject.layer),
        ComparedRun(t("versus.changed"), changed, subject.layer),
    )


def compare_backends(expert: DeltaGenerator) -> ComparedRuns:
    """One network, computed by NumPy and by Torch."""
    subject = compare_subject(_random_controls, expert)
    if subject is None:
        return ()
    choice = subject.run.choice
    return tuple(
        ComparedRun(
            t(f"backend.{backend}"),
            replace(choice, model=replace(choice.model, backend=backend)),
            subject.layer,
        )
        for backend in ("numpy", "torch")
    )


def _example(subject: Subject, is_refused: bool) -> str:
    """An example intervention, and the sentence that tells of it."""
    run = subject.run
    one = default_intervention(run.model, run.trace.sequence.lengths[0], layer=subject.layer)
    reason = "do.refused" if is_refused else "do.example"
    st.markdown(f":material/science: {t(reason, change=intervention_text(one))}")
    return to_text([one])


def _random_controls(expert: DeltaGenerator) -> RandomModel:
    select_cell("cell", is_labelled=False)
    with expert:
        weights_controls()
    return random_choice(state.get("cell"))
