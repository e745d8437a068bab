"""One network run twice: untouched and changed, or by either back end."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from rnnviz.cells import CELLS
from rnnviz.interventions.serialise import to_text
from rnnviz.interventions.types import example
from rnnviz.ui import edits, results, state
from rnnviz.ui.controls.compare_cells import random_choice, weights_controls
from rnnviz.ui.controls.compare_subject import Subject, subject
from rnnviz.ui.controls.intervention_editor import intervene_controls
from rnnviz.ui.controls.intervention_list import done_bar, fitting, said_of
from rnnviz.ui.controls.random_model import model_controls
from rnnviz.ui.selections import ModelChoice, RunChoice, Runs
from rnnviz.ui.text import t


def intervened() -> Runs:
    """A network as it is, and with what was done to it; where nothing was, with an example."""
    chosen = subject(_as_in_explore)
    if chosen is None:
        return ()
    done_bar(chosen.model, chosen.given, is_beside=True)
    do = fitting(chosen.model, chosen.given) or _example(chosen)
    trace = results.traced(chosen.model, chosen.given)
    made = results.made(chosen.model, trace.sequence.n_features)
    intervene_controls(made, trace, chosen.layer, 0)
    return tuple(
        RunChoice(t(f"versus.{name}"), chosen.model, chosen.given, done, chosen.layer)
        for name, done in (("untouched", ""), ("changed", do))
    )


def backends() -> Runs:
    """One network, computed by NumPy and by Torch."""
    chosen = subject(_random)
    if chosen is None:
        return ()
    return tuple(
        RunChoice(
            t(f"backend.{backend}"),
            replace(chosen.model, backend=backend),
            chosen.given,
            layer=chosen.layer,
        )
        for backend in ("numpy", "torch")
    )


def _example(chosen: Subject) -> str:
    """A change to look at, and the sentence that says which and why."""
    trace = results.traced(chosen.model, chosen.given)
    made = results.made(chosen.model, trace.sequence.n_features)
    one = example(made, trace.sequence.lengths[0], layer=chosen.layer)
    reason = "do.refused" if edits.chosen() else "do.example"
    st.markdown(f":material/science: {t(reason, change=said_of(one))}")
    return to_text([one])


def _as_in_explore() -> ModelChoice:
    with st.sidebar:
        return model_controls()


def _random() -> ModelChoice:
    st.selectbox(
        t("group.cell"),
        tuple(CELLS),
        list(CELLS).index(state.get("cell")),
        format_func=lambda name: t(f"cell.{name}"),
        key=state.widget("cell"),
        label_visibility="collapsed",
    )
    with st.sidebar:
        weights_controls()
    return random_choice(state.get("cell"))
