"""A model that was opened at work: what its reading assumed, and its input."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from rnnviz.ui.controls.import_card import import_card
from rnnviz.ui.controls.model_about import what_it_does
from rnnviz.ui.controls.model_file import settled_model
from rnnviz.ui.controls.model_input import model_input_row, settled_model_input
from rnnviz.ui.controls.recording_progress import shown_run
from rnnviz.ui.controls.sequence import reading_controls
from rnnviz.ui.controls.unknown_tokens import unknown_caption
from rnnviz.ui.controls.widgets import select
from rnnviz.ui.run import ShownRun
from rnnviz.ui.selections import DataFile


def opened_run(row: DeltaGenerator, expert: DeltaGenerator) -> ShownRun | None:
    """The run of the chosen model; None while nothing can be read.

    row     of the model: what is known of it goes there.
    expert  the drawer of the rarer controls.
    """
    model = settled_model()
    if model is None:
        return None
    chosen = model_input_row(model)
    what_it_does()
    import_card(model, row)
    with expert:
        if isinstance(chosen, DataFile):
            reading_controls()
        select("backend", ("numpy", "torch"))
    settled = settled_model_input(model, chosen)
    run = shown_run(*settled) if settled is not None else None
    if run is not None:
        unknown_caption(run)
    return run
