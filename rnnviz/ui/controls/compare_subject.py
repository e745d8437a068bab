"""What is run twice: a random network or an opened one, what it reads, and the layer shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from rnnviz.ui import results, state
from rnnviz.ui.controls.model_file import opened, opened_controls
from rnnviz.ui.controls.model_input import feed_controls
from rnnviz.ui.controls.model_input import readable as fed
from rnnviz.ui.controls.sequence import readable, reading_controls, sequence_controls
from rnnviz.ui.controls.view_options import layer_switch
from rnnviz.ui.controls.widgets import segments
from rnnviz.ui.selections import AnyModel, InputChoice, ModelChoice


@dataclass(frozen=True)
class Subject:
    """A network, what it reads, and which of its layers is looked at."""

    model: AnyModel
    given: InputChoice
    layer: int


def subject(random: Callable[[], ModelChoice]) -> Subject | None:
    """The network of either kind, its choices drawn; None while nothing can be read.

    random  draws what a random network is made from.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", key="subject_row"):
        segments("subject", ("random", "opened"), labelled=False)
        if state.get("subject") == "opened":
            opened_controls()
    found = _opened() if state.get("subject") == "opened" else _random(random)
    if found is None:
        return None
    trace = results.traced(*found)
    state.settle("layer", range(len(trace.layers)))
    layer_switch(trace)
    return Subject(*found, state.get("layer"))


def typed() -> InputChoice | None:
    """What is typed or uploaded, as on Explore; None while that cannot be read."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="sequence"):
        sequence_controls()
    with st.sidebar:
        reading_controls()
    return readable()


def _random(make: Callable[[], ModelChoice]) -> tuple[AnyModel, InputChoice] | None:
    model = make()
    given = typed()
    return None if given is None else (model, given)


def _opened() -> tuple[AnyModel, InputChoice] | None:
    model = opened()
    if model is None:
        return None
    with st.container(horizontal=True, vertical_alignment="bottom", key="sequence"):
        asked = feed_controls(model)
    given = fed(model, asked)
    return None if given is None else (model, given)
