"""Results of the app for all sessions, computed once for the choices that they are made from.

What is kept where, and how much of it at most:

    here (CACHE)         what choices name: files as read, models, traces, and what `run_figures`
                         draws of them;
                         600 MB together, those used last; what one session alone has asked for
                         goes with its session (`session_end`)
    kept_files           uploads that sessions hold: 500 MB together, then a further one is refused;
                         of these, 250 MB are kept for 12 hours after, for F5 and Back
    a session            its choices, and its uploads by `url.File`
    train, pretrained    models on the list, as their files have them: as many as are installed
    training_jobs        MAX_JOBS trainings with their moments
    result_jobs          MAX_RESULT_JOBS jobs, without their results, which lie here
    Streamlit            an upload until its session ends (server.maxUploadSize each), and the
                         messages of a session's last two runs

A fragment or a download keeps choices, never a trace or a model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from streamlit.runtime.scriptrunner import get_script_run_ctx

from rnnviz.analysis import layers
from rnnviz.analysis.answer import Answer, answer
from rnnviz.analysis.layers import LayerStates, recorded_layer_states
from rnnviz.bounded.worker import run_in_worker
from rnnviz.engine.trace import Trace
from rnnviz.errors import RnnvizError
from rnnviz.inputs.bounded_file import read_file_bounded
from rnnviz.inputs.file_format import AS_FOUND, FileFormat
from rnnviz.inputs.files import Content
from rnnviz.interventions.serialise import from_text
from rnnviz.interventions.validate import validate_interventions
from rnnviz.interventions.weights import apply_weight_changes
from rnnviz.network.model import Model
from rnnviz.readers.certainty import Certainty
from rnnviz.readers.result import ImportResult
from rnnviz.recordings.record import recording_size
from rnnviz.recordings.recording import Recording
from rnnviz.recordings.source import SequenceSource
from rnnviz.ui import build, recording_jobs
from rnnviz.ui.calls import call_here, trace_alone
from rnnviz.ui.fingerprint import fingerprint
from rnnviz.ui.named_rows import with_named_outputs
from rnnviz.ui.page_bounds import check_trace_choice
from rnnviz.ui.result_cache import ResultCache
from rnnviz.ui.selections import (
    InputChoice,
    ModelChoice,
    ModelOrigin,
    OpenedModel,
    RunChoice,
)
from rnnviz.ui.url import File

_MIN_NAMED = 5
# Products of a trace that take about a third of a second.
MOST_PRODUCTS = 500_000_000


def asking_session() -> str:
    """Id of the session that runs here; "" outside a run."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else ""


CACHE = ResultCache(budget=600 * 2**20, owner=asking_session)


@CACHE.cached
def content_of(file: File, how: FileFormat = AS_FOUND) -> Content:
    """The content of a file that is written so. Raises InputError."""
    return read_file_bounded(file.name, file.data, how=how)


@CACHE.cached
def source_of(choice: InputChoice) -> SequenceSource:
    """The sequence of an input, however long. Raises RnnvizError."""
    return build.sequence_source(choice, content_of)


@CACHE.cached
def import_results_of(origin: ModelOrigin) -> tuple[ImportResult, ...]:
    """Every recurrent stack of an opened model. Raises RnnvizError."""
    return build.import_results(origin)


def import_result_of(model: OpenedModel) -> ImportResult:
    """The stack that is chosen, the first where there is none of that name. Raises RnnvizError."""
    stacks = import_results_of(model.origin)
    chosen = next((one for one in stacks if one.name == model.part), stacks[0])
    given = chosen.model
    if model.vocabulary:
        given = given.with_vocabulary(model.vocabulary)
    return replace(chosen, model=_with_named_outputs(given))


def _with_named_outputs(model: Model) -> Model:
    """The model with its tokens for names of outputs, where those have none and are as many."""
    readout, tokens = model.readout, model.vocabulary
    if readout is None or tokens is None or len(tokens) != len(readout.names):
        return model
    # Two or three classes and as many tokens say nothing.
    if readout.is_named or len(tokens) < _MIN_NAMED:
        return model
    return replace(model, readout=replace(readout, names=tokens))


@CACHE.cached
def certainty_of(model: OpenedModel) -> Certainty:
    """How sure the reading of the model is; its framework is run once."""
    from rnnviz.engine.parity import with_parity

    return with_parity(import_result_of(model), bounded=True).certainty


@CACHE.cached
def model_of(choice: ModelChoice, n_inputs: int) -> Model:
    """The model of a choice; `n_inputs` is for a random one. Raises RnnvizError."""
    if isinstance(choice, OpenedModel):
        return import_result_of(choice).model
    return build.random_network(choice, n_inputs)


def trace_of(run: RunChoice) -> Trace:
    """The trace of a run, of its window, or of the first steps of a long input without one.

    Raises RnnvizError.
    """
    return traced(TracedBy(run))


@dataclass(frozen=True)
class TracedBy:
    """A run, and what calls the engine where that takes long: a worker, or a job's."""

    run: RunChoice
    call: Callable[..., Any] = field(default=run_in_worker, repr=False, compare=False)


def is_traced(run: RunChoice) -> bool:
    """True where the trace of a run is kept, or takes so little that a page waits for it.

    Raises RnnvizError.
    """
    return CACHE.holds(traced, TracedBy(run)) or not _takes_long(run)


def check_fits(run: RunChoice) -> None:
    """Raise RnnvizError for an input that the model cannot read, before it reads."""
    source = source_of(run.input)
    model = model_of(run.model, len(source.features))
    check_trace_choice(model, source.n_steps)
    recording_size(model, source)


def _takes_long(run: RunChoice) -> bool:
    source = source_of(run.input)
    model = model_of(run.model, len(source.features))
    n_steps = min(source.n_steps, build.WINDOW)
    return run.window is None and n_steps * model.n_parameters > MOST_PRODUCTS


@CACHE.cached
def traced(by: TracedBy) -> Trace:
    """The trace of `trace_of`, by a job's call. Raises RnnvizError."""
    run = by.run
    source = source_of(run.input)
    model = model_of(run.model, len(source.features))
    start, stop = run.window or (0, min(source.n_steps, build.WINDOW))
    check_trace_choice(model, stop - start)
    if run.window is not None:
        return recording_of(run).window(start, stop)
    edits = from_text(run.interventions) if run.interventions else ()
    backend = run.model.backend
    call = by.call if _takes_long(run) else call_here
    # The model has a place of its own in the cache.
    found: Trace = call(
        trace_alone, model, build.truncate(source), backend=backend, intervene=edits
    )
    return found


def preview_of(run: RunChoice) -> Trace:
    """The trace of a run, or of its first step where more are shown than can stand one by one."""
    if run.window is None or not build.is_wide(run.window):
        return trace_of(run)
    start = run.window[0]
    return trace_of(replace(run, window=(start, start + 1)))


def recording_name(run: RunChoice) -> str:
    """The name of a long input's recording, whatever window of it is shown."""
    return fingerprint(run.model, run.input)


def recording_of(run: RunChoice) -> Recording:
    """A long input's recording. Raises InputError when it is no longer there."""
    return recording_jobs.finished_recording(recording_name(run))


@CACHE.cached
def refused_edits(run: RunChoice) -> dict[int, RnnvizError]:
    """A run's interventions that find nothing to act on, by place, and why."""
    source = build.truncate(source_of(run.input))
    model = model_of(run.model, source.n_features)
    refused = {}
    for index, one in enumerate(from_text(run.interventions)):
        try:
            apply_weight_changes(
                model, validate_interventions(model, (one,), source.n_steps, source.n_rows)
            )
        except RnnvizError as error:
            refused[index] = error
    return refused


@CACHE.cached
def layer_states_of(run: RunChoice) -> tuple[LayerStates, ...]:
    """The hidden states of every layer."""
    if run.window is not None and build.is_wide(run.window):
        return recorded_layer_states(recording_of(run), *run.window)
    return layers.layer_states(trace_of(run))


@CACHE.cached
def answer_of(run: RunChoice, is_next: bool = False, language: str = "en") -> Answer | None:
    """The network's answers, those of a task named in a language.

    is_next  where the user says that they are the token to come.
    """
    trace = trace_of(run)
    model = model_of(run.model, trace.sequence.n_features)
    tokens = model.vocabulary if is_next else None
    task = import_result_of(run.model).task if isinstance(run.model, OpenedModel) else ""
    told = answer(trace, task, next_of=tokens or ())
    if told is None:
        return None
    return with_named_outputs(told, language)
