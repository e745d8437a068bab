"""Figures for notebooks: traces in, `plotly.graph_objects.Figure` out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import plotly.graph_objects as go

from rnnviz.analysis.attribution import attribution
from rnnviz.analysis.compare import comparison
from rnnviz.analysis.contributions import Contributions
from rnnviz.analysis.difference import trace_difference
from rnnviz.analysis.gate_weights import GateWeights
from rnnviz.analysis.panels import panels
from rnnviz.analysis.window import recording_window
from rnnviz.engine.trace import Trace
from rnnviz.figures.attribution import figure as attribution_figure
from rnnviz.figures.compare import figure as comparison_figure
from rnnviz.figures.contributions import figure as contributions_figure
from rnnviz.figures.difference import figure as difference_figure
from rnnviz.figures.gate_weights import figure as gate_weights_figure
from rnnviz.figures.growth import GrowthCurves
from rnnviz.figures.growth import figure as growth_figure
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.theme import Look
from rnnviz.figures.window import figure as window_figure
from rnnviz.recordings.recording import Recording


def heatmap(trace: Trace, signal: str, *, language: str = "en", **choices: Any) -> go.Figure:
    """One signal as a heatmap, units top to bottom, time left to right.

    `choices` are those of `rnnviz.analysis.panels.panels`: layer, row, order, units.

    >>> import rnnviz as rv
    >>> trace = rv.trace(rv.random_model("gru", 1, 2), [[[0.5]]])
    >>> heatmap(trace, "update").data[0].name
    'update'
    """
    return gates(trace, [signal], language=language, **choices)


def gates(
    trace: Trace, signals: Iterable[str] | None = None, *, language: str = "en", **choices: Any
) -> go.Figure:
    """All signals of a layer (or those named), one heatmap under the other on one time axis.

    `choices` are those of `rnnviz.analysis.panels.panels`: layer, row, order, units.
    """
    return go.Figure(panels_figure(panels(trace, signals, **choices), Look(language)))


def lines(
    trace: Trace,
    units: Iterable[int],
    signals: Iterable[str] | None = None,
    *,
    language: str = "en",
    **choices: Any,
) -> go.Figure:
    """Signals of a few units as lines over time, a colour a unit.

    `choices` are those of `rnnviz.analysis.panels.panels`: layer, row, order.
    """
    view = panels(trace, signals, units=units, **choices)
    return go.Figure(panels_figure(view, Look(language), as_lines=True))


def compare(
    traces: Sequence[Trace],
    names: Sequence[str],
    signals: Iterable[str] | None = None,
    *,
    language: str = "en",
    **choices: Any,
) -> go.Figure:
    """Two or more runs side by side.

    `choices` are those of `rnnviz.analysis.compare.comparison`: layer, row, order, units, steps.

    >>> import rnnviz as rv
    >>> traces = [rv.trace(rv.random_model(cell, 1, 2), [[0.5]]) for cell in ("gru", "mgu")]
    >>> [heatmap.name for heatmap in compare(traces, ["GRU", "MGU"]).data]
    ['hidden', 'candidate', 'reset', 'update', 'hidden', 'candidate', 'forget']
    """
    view = comparison(traces, names, signals, **choices)
    return go.Figure(comparison_figure(view, Look(language)))


def difference(
    one: Trace,
    other: Trace,
    signals: Iterable[str] | None = None,
    *,
    names: tuple[str, str] | None = None,
    language: str = "en",
    **choices: Any,
) -> go.Figure:
    """The other run minus the one, a heatmap a signal.

    `choices` are those of `rnnviz.analysis.difference.trace_difference`: layer, row, order, units,
    steps.

    >>> import rnnviz as rv
    >>> model = rv.random_model("gru", n_inputs=1, n_units=2)
    >>> one, other = rv.trace(model, [[0.5]]), rv.trace(model, [[0.9]])
    >>> [heatmap.name for heatmap in difference(one, other, names=("0.5", "0.9")).data]
    ['hidden', 'reset', 'update', 'candidate']
    """
    view = trace_difference(one, other, signals, **choices)
    return go.Figure(difference_figure(view, Look(language), names))


def matrices(
    view: GateWeights, unit: int | None = None, *, language: str = "en", dark: bool = False
) -> go.Figure:
    """W_x, W_h and the biases of a gate as heatmaps: a row a unit, a column a number that it reads.

    unit  the unit whose row is outlined.

    >>> import rnnviz as rv
    >>> from rnnviz.analysis.gate_weights import gate_weights
    >>> figure = matrices(gate_weights(rv.random_model("lstm", n_inputs=3, n_units=5), 0, "forget"))
    >>> [heatmap.z.shape for heatmap in figure.data]
    [(5, 3), (5, 5), (5, 2)]
    """
    return go.Figure(gate_weights_figure(view, Look(language, dark), unit))


def memory(
    trace: Trace, unit: int, *, layer: int = 0, row: int = 0, language: str = "en"
) -> go.Figure:
    """Memory of one unit at every step, split by the step that wrote it.

    >>> import rnnviz as rv
    >>> trace = rv.trace(rv.random_model("gru", n_inputs=1, n_units=2), [[0.5], [0.1]])
    >>> memory(trace, unit=1).data[0].z.shape
    (2, 2)
    """
    return go.Figure(
        attribution_figure(attribution(trace, unit, layer=layer, row=row), Look(language))
    )


def waterfall(
    view: Contributions, n: int = 6, *, language: str = "en", dark: bool = False
) -> go.Figure:
    """The n largest summands of a gate's sum, the rest as one, their sum, the activation's line.

    >>> import rnnviz as rv
    >>> from rnnviz.analysis.contributions import contributions
    >>> model = rv.random_model("gru", n_inputs=1, n_units=2)
    >>> trace = rv.trace(model, [[0.5]])
    >>> view = contributions(model, trace, layer=0, gate="update", time=0, unit=1)
    >>> bars = [*(term.value for term in view.largest(6)), view.preactivation]
    >>> list(waterfall(view).data[0].x) == bars
    True
    """
    return go.Figure(contributions_figure(view, Look(language, dark), n))


def window(
    recording: Recording,
    start: int = 0,
    stop: int | None = None,
    *,
    how: str = "farthest",
    language: str = "en",
    **choices: Any,
) -> go.Figure:
    """Steps `start` up to `stop` of a recording as heatmaps, whatever their number.

    how      "farthest", "mean", "least" or "most": what a column of several steps shows.
    choices  signals, layer, order, units, columns and rows, as in
             `rnnviz.analysis.window.recording_window`.
    """
    view = recording_window(recording, start, stop, **choices)
    return go.Figure(window_figure(view, Look(language), how))


def parting(view: GrowthCurves, *, language: str = "en", dark: bool = False) -> go.Figure:
    """The difference of two models step by step, a line a layer; as `rnnviz.diff(…).figure()`."""
    return go.Figure(growth_figure(view, Look(language, dark)))
