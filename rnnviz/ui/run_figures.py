"""Panels and figures of runs for all sessions, kept beside the results that they are drawn from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from rnnviz.analysis.activity import activity
from rnnviz.analysis.answer import Answer
from rnnviz.analysis.difference import shared_signals, trace_difference
from rnnviz.analysis.panels import Panels, main_signal_names, panels
from rnnviz.analysis.window import main_recorded_signals, recorded_signal_names, recording_window
from rnnviz.core.arrays import Array
from rnnviz.figures.difference import figure as draw_difference
from rnnviz.figures.panels import figure as draw_panels
from rnnviz.figures.plotly_json import to_page
from rnnviz.figures.window import figure as draw_window
from rnnviz.ui.named_rows import with_named_rows
from rnnviz.ui.results import CACHE, answer_of, recording_of, source_of, trace_of
from rnnviz.ui.selections import DataFile, RunChoice, ViewChoice


@CACHE.cached
def panels_of(run: RunChoice, view: ViewChoice) -> Panels:
    """The panels to show."""
    return _panels(run, view)


def _panels(run: RunChoice, view: ViewChoice) -> Panels:
    trace = trace_of(run)
    shown = view.show or main_signal_names(trace, view.layer)
    told = answer_of(run, language=view.look.language)
    drawn = panels(trace, shown, targets=_targets(told), **_panel_options(view))
    return with_named_rows(drawn, told, view.look.language)


def _targets(told: Answer | None) -> Array | None:
    """The right answers, where the model learned a task that can tell them."""
    return None if told is None or np.isnan(told.truth).all() else told.truth.T


def _panel_options(view: ViewChoice) -> dict[str, Any]:
    return {"layer": view.layer, "order": view.order, "units": view.only or None}


@CACHE.cached
def figure_of(run: RunChoice, view: ViewChoice, height: int) -> Any:
    """The panels as a Plotly figure, or their difference from the untouched run."""
    look = view.look
    if not view.is_difference:
        as_lines, drawn = view.draw == "lines", in_own_units(run, panels_of(run, view))
        return to_page(
            draw_panels(drawn, look, as_lines=as_lines, height=height, is_quantised=True)
        )
    untouched, changed = trace_of(run.untouched), trace_of(run)
    both = shared_signals(untouched, changed, layer=view.layer)
    wanted = view.show or main_signal_names(changed, view.layer)
    shown = [name for name in wanted if name in both]
    titles = (look.word("versus.untouched"), look.word("versus.changed"))
    subtracted = trace_difference(untouched, changed, shown, **_panel_options(view))
    told = answer_of(run, language=look.language)
    subtracted = with_named_rows(subtracted, told, look.language)
    return to_page(draw_difference(subtracted, look, titles, height=height))


def in_own_units(run: RunChoice, view: Panels) -> Panels:
    """Panels whose inputs from a table are as they stand there, not as the network reads them."""
    table = run.input
    if not isinstance(table, DataFile) or table.scale == "none":
        return view
    values = source_of(replace(table, scale="none")).window(view.start, view.start + view.n_steps)
    own = values.values[:, 0].T
    return replace(
        view,
        panels=tuple(replace(p, values=own) if p.form == "strips" else p for p in view.panels),
    )


@CACHE.cached
def window_figure(run: RunChoice, view: ViewChoice, how: str, height: int) -> Any:
    """A window that is too wide for single steps, as a Plotly figure."""
    assert run.window is not None
    recording = recording_of(run)
    every = recorded_signal_names(recording, view.layer)
    shown = [name for name in every if name in view.show] or main_recorded_signals(
        recording, view.layer
    )
    spanned = recording_window(recording, *run.window, signals=shown, **_panel_options(view))
    return to_page(draw_window(spanned, view.look, how, height=height))


@CACHE.cached
def activity_of(run: RunChoice, layer: int) -> Array:
    """Activity of a layer over the whole input, (column,)."""
    return activity(recording_of(run), layer)
