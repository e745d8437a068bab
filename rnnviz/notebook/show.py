"""`rnnviz.show`: the player of a trace in a notebook."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.analysis.cursor import check_index
from rnnviz.analysis.trace_part import trace_part
from rnnviz.core.arrays import Array
from rnnviz.core.checks import check_choice, is_whole_number
from rnnviz.core.libraries import optional_library
from rnnviz.engine.run import trace_model
from rnnviz.engine.trace import Trace
from rnnviz.engine.wanted import check_model, check_trace
from rnnviz.errors import InputError, RnnvizError
from rnnviz.i18n import LANGUAGES
from rnnviz.network.model import Model
from rnnviz.notebook.player_page import shown_trace

if TYPE_CHECKING:
    from rnnviz.notebook.widget import Player

# As many as the app shows one by one, and numbers that a notebook carries.
MOST_STEPS, MOST_NUMBERS = 1_000, 4_000_000
# Steps of a trace that are computed again with a model that is given, and how close they are.
_COMPARED, _CLOSE = 64, 1e-4


def show(
    trace: Trace,
    model: Model | None = None,
    *,
    layer: int = 0,
    row: int = 0,
    start: int = 0,
    stop: int | None = None,
    step: int | None = None,
    language: str = "en",
    dark: bool | None = None,
) -> Player:
    """The player of a trace as a widget: heatmaps, stepping, the live cell, the arithmetic.

    Its `step`, `unit` and `signal` are read and set in Python. A notebook that was saved goes on
    without a kernel, `save("player.html")` writes the player to a file.

    model        what made the trace, for one that was saved or recorded, which does not know it;
                 without it no arithmetic is shown.
    layer, row   whose signals are shown, counted from 0 as in `trace.layers` and the batch.
    start, stop  the steps that are shown, at most 1,000; by default the first.
    step         at which the player stands at first; by default the one that is read last.
    language     "en" or "zh".
    dark         light letters on a dark ground; None for the notebook's own ground.

    Raises InputError for anything but a trace, for a layer, row or step that it does not have, and
    for a model that did not make it, and MissingLibraryError without anywidget.

    >>> import rnnviz as rv
    >>> player = rv.show(rv.trace(rv.random_model("lstm", 3, 5), [[0.1, 0.2, 0.3]] * 4))
    >>> player.step, player.unit
    (3, 0)
    >>> player.step = 1
    """
    optional_library("anywidget")
    from rnnviz.notebook.widget import Player

    check_trace(trace)
    check_choice("language", language, LANGUAGES)
    check_index("layer", layer, len(trace.layers))
    part = _part(trace if model is None else _of(model, trace), row, start, stop)
    _check_size(part, layer)
    first = part.start - trace.start
    at = first + _first_shown(part, layer) if step is None else step
    check_index("time", at, part.sequence.n_steps, first)
    ground, at = None if dark is None else bool(dark), int(at) - first
    return Player(
        shown_trace(part, int(layer), language=language, dark=ground, start=first, step=at)
    )


def _part(trace: Trace, row: int, start: int, stop: int | None) -> Trace:
    """The steps that are shown; without a stop as many as there are and can be."""
    if stop is not None or not is_whole_number(start):
        return trace_part(trace, row, start, stop)
    check_index("row", row, trace.sequence.n_rows)
    return trace_part(trace, row, start, min(trace.sequence.lengths[row], start + MOST_STEPS))


def _first_shown(part: Trace, layer: int) -> int:
    """The step that is read last: nothing is veiled there."""
    return part.sequence.n_steps - 1 if part.layers[layer].direction == "forward" else 0


def _check_size(part: Trace, layer: int) -> None:
    n_steps = part.sequence.n_steps
    n_numbers = sum(values[:, 0].size for values in part.layers[layer].signals.values())
    if n_steps > MOST_STEPS or n_numbers > MOST_NUMBERS:
        raise InputError(
            "A player shows at most {most} steps and {numbers} numbers, but {n_steps} steps of"
            " {n_numbers} numbers came; give start= and stop= of fewer.",
            most=f"{MOST_STEPS:,}",
            numbers=f"{MOST_NUMBERS:,}",
            n_steps=f"{n_steps:,}",
            n_numbers=f"{n_numbers:,}",
        )


def _of(model: Model, trace: Trace) -> Trace:
    """The trace with its model. Raises InputError where the model computes other numbers."""
    check_model(model)
    if len(model.layers) == len(trace.layers):
        named = replace(trace, model=model)
        if _is_made_by(named):
            return named
    raise InputError(
        "The model that made the trace is wanted, but this one computes other numbers; give the"
        " model that was traced or recorded."
    )


def _is_made_by(trace: Trace) -> bool:
    try:
        part = trace_part(trace, 0, 0, min(trace.sequence.lengths[0], _COMPARED))
        assert part.model is not None
        again = trace_model(part.model, part.sequence, intervene=part.interventions)
    except RnnvizError:
        return False
    pairs = zip(again.layers, part.layers, strict=True)
    return all(
        one.cell_name == other.cell_name
        and one.signals.keys() == other.signals.keys()
        and all(_is_close(one.signals[name], other.signals[name]) for name in one.signals)
        for one, other in pairs
    )


def _is_close(one: Array, other: Array) -> bool:
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=_CLOSE, atol=_CLOSE))
