"""Results of a comparison, kept in the same cache as those of its runs."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from rnnviz.analysis.cell_facts import CellFacts, cell_facts
from rnnviz.analysis.compare import Comparison, comparison, with_shared_scales
from rnnviz.analysis.difference import (
    PredictedOutputs,
    SignalDifference,
    predicted_outputs,
    signal_differences,
    trace_difference,
)
from rnnviz.analysis.panels import Panels
from rnnviz.doctor.curves import growth_curves
from rnnviz.doctor.diff import compared
from rnnviz.doctor.reading import ReadModel
from rnnviz.doctor.result import ModelDiff
from rnnviz.figures.compare import figure as draw_comparison
from rnnviz.figures.difference import figure as draw_difference
from rnnviz.figures.growth import figure as draw_growth
from rnnviz.figures.plotly_json import to_page
from rnnviz.figures.theme import Look
from rnnviz.ui.named_rows import with_named_rows
from rnnviz.ui.results import CACHE, answer_of, import_result_of, model_of, trace_of
from rnnviz.ui.selections import ComparedRun, ComparedRuns, OpenedModel


@CACHE.cached
def comparison_of(runs: ComparedRuns, order: str) -> Comparison:
    """Runs on one time axis."""
    traces = [trace_of(one.run) for one in runs]
    return comparison(traces, [one.name for one in runs], layer=runs[0].layer, order=order)


@CACHE.cached
def compared_figure(runs: ComparedRuns, index: int, order: str, look: Look) -> Any:
    """One of the runs as a Plotly figure, as it stands beside the others."""
    view = comparison_of(runs, order)
    named = tuple(map(partial(_named, language=look.language), view.runs, runs))
    view = replace(view, runs=named)
    return to_page(draw_comparison(view, look, [index], is_quantised=True))


@CACHE.cached
def differences_of(runs: ComparedRuns, order: str) -> tuple[Panels, ...]:
    """Every other run minus the first, on one scale. Raises InputError where two share nothing."""
    first, *others = [trace_of(one.run) for one in runs]
    layer = runs[0].layer
    return with_shared_scales(
        [trace_difference(first, two, layer=layer, order=order) for two in others]
    )


@CACHE.cached
def difference_figure(runs: ComparedRuns, index: int, order: str, look: Look) -> Any:
    """One of these differences as a Plotly figure; `index` is the other run's."""
    view, titles = differences_of(runs, order)[index - 1], (runs[0].name, runs[index].name)
    return to_page(draw_difference(_named(view, runs[0], look.language), look, titles))


def _named(view: Panels, one: ComparedRun, language: str) -> Panels:
    return with_named_rows(view, answer_of(one.run, language=language), language)


@CACHE.cached
def differences_by_signal(
    one: ComparedRun, other: ComparedRun
) -> tuple[tuple[SignalDifference, ...], PredictedOutputs | None]:
    """Largest difference of every signal, and both predictions. Raises as `differences_of`."""
    both = trace_of(one.run), trace_of(other.run)
    return signal_differences(*both, layer=one.layer), predicted_outputs(*both)


@CACHE.cached
def model_difference(one: ComparedRun, other: ComparedRun) -> ModelDiff:
    """Where two models that should be the same part on one input. Raises RnnvizError."""
    return compared(_read_model(one), _read_model(other))


def _read_model(one: ComparedRun) -> ReadModel:
    traced, choice = trace_of(one.run), one.run.model
    model = model_of(choice, traced.sequence.n_features)
    assumed = import_result_of(choice).assumptions if isinstance(choice, OpenedModel) else ()
    return ReadModel(one.name, model, replace(traced.sequence, encoding="values"), assumed)


@CACHE.cached
def growth_figure(one: ComparedRun, other: ComparedRun, look: Look) -> Any:
    """The growth of the difference of two models as a Plotly figure. Raises RnnvizError."""
    found = model_difference(one, other)
    return to_page(draw_growth(growth_curves(found, look.language), look))


@CACHE.cached
def cell_facts_of(one: ComparedRun) -> CellFacts:
    """Length of memory and saturation of a run's layer that is shown."""
    traced = trace_of(one.run)
    return cell_facts(model_of(one.run.model, traced.sequence.n_features), traced, one.layer)
