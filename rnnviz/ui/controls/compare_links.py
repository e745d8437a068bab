"""Links from a comparison to its runs, each to be read alone."""

from __future__ import annotations

from typing import Any

import streamlit as st

from rnnviz.ui import address, shell
from rnnviz.ui.choices import UNTRAINED
from rnnviz.ui.selections import (
    ComparedRun,
    ComparedRuns,
    ModelFile,
    OpenedModel,
    PresetModel,
    PublishedInput,
    PublishedModel,
    RandomModel,
    TypedText,
)
from rnnviz.ui.text import escape_markdown, t


def links_to_runs(runs: ComparedRuns) -> None:
    """Links to every run that can be read alone."""
    with st.container(horizontal=True, key="open_runs"):
        for number, one in enumerate(runs):
            source = one.run.input
            if not (isinstance(source, TypedText) and source.vocabulary):
                _page_link(one, number)


def _page_link(one: ComparedRun, number: int) -> None:
    choices = _choices_of(one)
    label = t("compare.open", run=escape_markdown(one.name))
    icon = ":material/open_in_full:"
    model = one.run.model
    # A link can carry small files only.
    if isinstance(model, OpenedModel) and isinstance(model.origin, ModelFile):
        shell.page_button("read", label, icon, key=f"open_{number}", **choices)
    else:
        query = address.url_query_of("read", **choices)
        st.page_link(shell.page_file("read"), label=label, icon=icon, query_params=query)


def _choices_of(one: ComparedRun) -> dict[str, Any]:
    """The choices with which a run is read alone."""
    model, do = one.run.model, one.run.interventions
    shown = {"backend": model.backend, "layer": one.layer, "do": do, "versus": "changed"}
    if isinstance(model, RandomModel):
        names = ("cell", "init", "layers", "direction", "activation", "recurrence")
        return {"model": UNTRAINED} | {name: getattr(model, name) for name in names} | shown
    source, moment = one.run.input, -1
    text = source.text if isinstance(source, TypedText | PublishedInput) else ""
    match model.origin:
        case PresetModel(name, moment):
            option = f"preset:{name}"
        case PublishedModel(name):
            option = f"zoo:{name}"
        case _:
            option = "file"
    return {"model": option, "moment": moment, "says": text} | shown
