"""What is computed once and kept: results of the app for all sessions, keyed by their choices.

Who keeps what, and how much of it at most:

    here (KEEPER)        what choices name: files as read, models, traces, panels, pictures;
                         600 MB together, those used last
    link.File            uploads that sessions hold: 500 MB together, then a further one is refused
    a session            its choices, and its uploads by `link.File`
    train/presets, zoo   models on the list, as their files have them: as many as are installed
    jobs                 MAX_JOBS trainings with their moments
    Streamlit            an upload until its session ends (server.maxUploadSize each), and the
                         messages of a session's last two runs

What a page leaves behind for a fragment or a download are choices, never a trace or a model.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b
from typing import Any

from rnnviz.analysis import layers
from rnnviz.analysis.activity import activity
from rnnviz.analysis.compare import Comparison, comparison, with_shared_scales
from rnnviz.analysis.difference import (
    PredictedOutputs,
    SignalDifference,
    predicted_outputs,
    shared_signals,
    signal_differences,
    trace_difference,
)
from rnnviz.analysis.layers import LayerStates, recorded_layer_states
from rnnviz.analysis.panels import Panels, panels
from rnnviz.analysis.window import recorded_signal_names, recording_window
from rnnviz.api import trace
from rnnviz.core.arrays import Array
from rnnviz.engine.trace import Trace
from rnnviz.errors import RnnvizError
from rnnviz.figures.compare import draw as draw_beside
from rnnviz.figures.difference import draw as draw_difference
from rnnviz.figures.panels import light
from rnnviz.figures.plotly_json import plain
from rnnviz.figures.window import light as light_span
from rnnviz.i18n import word
from rnnviz.inputs.files import Content, read_file
from rnnviz.interventions.serialise import from_text
from rnnviz.interventions.validate import fitted
from rnnviz.interventions.weights import reweighted
from rnnviz.lessons.interactive import Settings, Stage
from rnnviz.lessons.lesson import Fact, Part, filled, with_facts
from rnnviz.lessons.registry import behind
from rnnviz.network.model import Model
from rnnviz.parity import Parity, measure_parity
from rnnviz.readers.result import ImportResult
from rnnviz.recordings.recording import Recording
from rnnviz.recordings.source import SequenceSource
from rnnviz.ui import build, recording_jobs
from rnnviz.ui.build import is_wide
from rnnviz.ui.result_cache import Keeper
from rnnviz.ui.selections import AnyModel, InputChoice, OpenedChoice, RunChoice, ViewChoice
from rnnviz.ui.url import File


def name_of(model: AnyModel, given: InputChoice, view: ViewChoice) -> str:
    """A name for the numbers that a page shows: other numbers have another name."""
    shown = (model, given, view.layer, view.order, view.only, view.do)
    return blake2b(repr(shown).encode(), digest_size=12).hexdigest()


def name_of_runs(runs: tuple[RunChoice, ...], order: str, sides: str) -> str:
    """The same for runs side by side."""
    return blake2b(repr((runs, order, sides)).encode(), digest_size=12).hexdigest()


KEEPER = Keeper(budget=600 * 2**20)


@KEEPER.keeps
def content(file: File) -> Content:
    """A file as it was read. Raises InputError."""
    return read_file(file.name, file.data)


@KEEPER.keeps
def _reading(choice: InputChoice) -> SequenceSource:
    return build.read(choice, lambda: _content_of(choice))


def reading(choice: InputChoice) -> SequenceSource:
    """What is read, whatever window of it is shown. Raises InputError."""
    return _reading(replace(choice, window=None))


def _content_of(choice: InputChoice) -> Content:
    assert choice.file is not None
    return content(choice.file)


def traced(model: AnyModel, given: InputChoice, do: str = "") -> Trace:
    """The trace of a model over an input, or over the window of a long one, under interventions.

    Of a long input without a window it is that of its first steps.
    """
    return _traced(model, given, do)


# Every argument given: a default left out would be another result to keep.
@KEEPER.keeps
def _traced(model: AnyModel, given: InputChoice, do: str) -> Trace:
    if given.window is not None:
        return recorded(model, given).window(*given.window)
    read = build.beginning(reading(given))
    own = made(model, read.n_features)
    return trace(own, read, backend=model.backend, intervene=from_text(do) if do else ())


def glimpse(model: AnyModel, given: InputChoice) -> Trace:
    """The trace, or where too many steps are shown the first of them: what there is to look at."""
    if given.window is None or not is_wide(given.window):
        return traced(model, given)
    start = given.window[0]
    return traced(model, replace(given, window=(start, start + 1)))


@KEEPER.keeps
def panes(model: AnyModel, given: InputChoice, do: str) -> tuple[LayerStates, ...]:
    """The hidden states of every layer."""
    if given.window is not None and is_wide(given.window):
        return recorded_layer_states(recorded(model, given), *given.window)
    return layers.layer_states(traced(model, given, do))


def recording_of(model: AnyModel, given: InputChoice) -> str:
    """The name of a long input's recording, whatever window of it is shown."""
    whole = (model, replace(given, window=None))
    return blake2b(repr(whole).encode(), digest_size=12).hexdigest()


def recorded(model: AnyModel, given: InputChoice) -> Recording:
    """A long input's recording. Raises InputError when it is no longer there."""
    return recording_jobs.recorded(recording_of(model, given))


@KEEPER.keeps
def refusals(model: AnyModel, given: InputChoice, do: str) -> dict[int, RnnvizError]:
    """Of a list of interventions those that find nothing to act on, by place, and why."""
    read = build.beginning(reading(given))
    own = made(model, read.n_features)
    found = {}
    for index, one in enumerate(from_text(do)):
        try:
            reweighted(own, fitted(own, (one,), read.n_steps, read.n_rows))
        except RnnvizError as error:
            found[index] = error
    return found


@KEEPER.keeps
def import_results(choice: OpenedChoice) -> tuple[ImportResult, ...]:
    """Every stack of a file, whatever part is chosen. Raises RnnvizError."""
    return build.import_results(choice)


def stacks_in(choice: OpenedChoice) -> tuple[ImportResult, ...]:
    """The same, whatever part and vocabulary are chosen."""
    return import_results(replace(choice, part="", vocabulary=(), backend=""))


def import_result(choice: OpenedChoice) -> ImportResult:
    """The part that is chosen, the first where there is no such."""
    every = stacks_in(choice)
    chosen = next((one for one in every if one.name == choice.part), every[0])
    if not choice.vocabulary:
        return chosen
    return replace(chosen, model=replace(chosen.model, vocabulary=choice.vocabulary))


@KEEPER.keeps
def parity(choice: OpenedChoice) -> Parity | None:
    """The largest difference from the framework's own numbers."""
    return measure_parity(import_result(choice))


@KEEPER.keeps
def made(model: AnyModel, n_inputs: int) -> Model:
    """The model itself. Raises RnnvizError for a file that holds none."""
    if isinstance(model, OpenedChoice):
        return import_result(model).model
    return build.random(model, n_inputs)


@KEEPER.keeps
def seen(model: AnyModel, given: InputChoice, view: ViewChoice) -> Panels:
    """The panels to show."""
    return panels(
        traced(model, given, view.do),
        view.show or None,
        layer=view.layer,
        order=view.order,
        units=view.only or None,
    )


@KEEPER.keeps
def span_figure(
    model: AnyModel, given: InputChoice, view: ViewChoice, how: str, height: int
) -> Any:
    """A window that is too wide for single steps, as a Plotly figure."""
    assert given.window is not None
    recording = recorded(model, given)
    spanned = recording_window(
        recording,
        *given.window,
        signals=[name for name in recorded_signal_names(recording, view.layer) if name in view.show]
        or None,
        layer=view.layer,
        order=view.order,
        units=view.only or None,
    )
    return light_span(spanned, how, language=view.language, dark=view.dark, height=height)


@KEEPER.keeps
def ribbon(model: AnyModel, given: InputChoice, layer: int) -> Array:
    """How far a layer strays in every part of the whole input (column,)."""
    return activity(recorded(model, given), layer)


@KEEPER.keeps
def figure(model: AnyModel, given: InputChoice, view: ViewChoice, height: int) -> Any:
    """The panels as a Plotly figure, or their difference from the untouched run."""
    if view.against:
        return _difference(model, given, view, height)
    return light(
        seen(model, given, view),
        as_lines=view.draw == "lines",
        language=view.language,
        dark=view.dark,
        height=height,
    )


def _difference(model: AnyModel, given: InputChoice, view: ViewChoice, height: int) -> Any:
    one, other = traced(model, given), traced(model, given, view.do)
    both = shared_signals(one, other, layer=view.layer)
    names = (word("versus.untouched", view.language), word("versus.changed", view.language))
    seen = trace_difference(
        one,
        other,
        [name for name in view.show if name in both] or None,
        layer=view.layer,
        order=view.order,
        units=view.only or None,
    )
    drawn = draw_difference(seen, names, language=view.language, dark=view.dark, height=height)
    return plain(drawn)


@KEEPER.keeps
def compared(runs: tuple[RunChoice, ...], order: str) -> Comparison:
    """Runs on one time axis."""
    traces = [_of(run) for run in runs]
    return comparison(traces, [run.name for run in runs], layer=runs[0].layer, order=order)


@KEEPER.keeps
def beside(runs: tuple[RunChoice, ...], number: int, order: str, language: str, dark: bool) -> Any:
    """One of them as a Plotly figure, drawn as it stands beside the others."""
    view = compared(runs, order)
    return plain(draw_beside(view, [number], language=language, dark=dark, is_light=True))


@KEEPER.keeps
def subtracted(runs: tuple[RunChoice, ...], order: str) -> tuple[Panels, ...]:
    """Every other run minus the first, on one scale. Raises InputError where two share nothing."""
    first, *others = runs
    one, layer = _of(first), first.layer
    return with_shared_scales(
        [trace_difference(one, _of(two), layer=layer, order=order) for two in others]
    )


@KEEPER.keeps
def apart(runs: tuple[RunChoice, ...], number: int, order: str, language: str, dark: bool) -> Any:
    """One of these differences as a Plotly figure; `number` is the other run's."""
    view, names = subtracted(runs, order)[number - 1], (runs[0].name, runs[number].name)
    return plain(draw_difference(view, names, language=language, dark=dark))


@KEEPER.keeps
def differing(
    one: RunChoice, other: RunChoice
) -> tuple[tuple[SignalDifference, ...], PredictedOutputs | None]:
    """What differs most, and what either readout answers. Raises as `subtracted`."""
    both = _of(one), _of(other)
    return signal_differences(*both, layer=one.layer), predicted_outputs(*both)


def _of(run: RunChoice) -> Trace:
    return traced(run.model, run.given, run.do)


@KEEPER.keeps
def lesson_figure(id: str, name: str, settings: Settings, language: str, dark: bool) -> Any:
    """A figure of a lesson."""
    return plain(behind(id).figures[name](settings, language, dark))


@KEEPER.keeps
def lesson_fact(id: str, name: str, settings: Settings) -> Fact:
    """A number or word of a lesson's text."""
    return behind(id).facts[name](settings)


def lesson_part(id: str, part: Part, settings: Settings) -> Part:
    """A part of a lesson with its numbers in place."""
    return with_facts(part, lambda name: lesson_fact(id, name, settings))


def lesson_text(id: str, text: str, settings: Settings) -> str:
    """A text of a lesson with its numbers in place."""
    return filled(text, lambda name: lesson_fact(id, name, settings))


@KEEPER.keeps
def lesson_answer(id: str, question: str) -> int:
    """Which option of a lesson's question is right."""
    return behind(id).answers[question]()


@KEEPER.keeps
def lesson_stage(id: str, name: str, settings: Settings) -> Stage:
    """A model at work in a lesson."""
    return behind(id).lives[name](settings)


@KEEPER.keeps
def lesson_panels(id: str, name: str, settings: Settings) -> Panels:
    """What is shown of a model at work in a lesson."""
    stage = lesson_stage(id, name, settings)
    return panels(stage.trace, stage.signals, layer=stage.layer)


@KEEPER.keeps
def lesson_heatmaps(id: str, name: str, settings: Settings, language: str, dark: bool) -> Any:
    """The same as a Plotly figure, low enough for a slide."""
    view = lesson_panels(id, name, settings)
    return light(view, language=language, dark=dark, height=54 + 80 * len(view.panels))
