"""Examination of a model at work on data: everything that a report tells, in numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from rnnviz.analysis.answer import Answer, answer
from rnnviz.analysis.fading import Fading, memory_fading
from rnnviz.analysis.health import health
from rnnviz.analysis.relevance import Relevance, relevance
from rnnviz.analysis.surprise import surprise
from rnnviz.analysis.telling_window import (
    LEAST_WINDOW,
    MOST_WINDOW,
    WINDOW_STEPS,
    Profile,
    Score,
    state_change,
    telling_window,
)
from rnnviz.core.arrays import Array
from rnnviz.core.checks import is_whole_number, shown
from rnnviz.core.sequence import Sequence
from rnnviz.engine.model_inputs import encode_for_model
from rnnviz.engine.run import trace_model
from rnnviz.engine.trace import Trace
from rnnviz.errors import InputError
from rnnviz.network.model import Model
from rnnviz.reports.sample import sample_of, spread_windows
from rnnviz.reports.whole_run import WholeRun, started_at, whole_run

# Told what is being done, and how much of it is done, 0…1.
StageProgress = Callable[[str, float], object]
# Repetitions of a changed step, and steps that it is followed for.
_REPEATS, _FOLLOWED = 16, 256
# Steps that are scored at once.
_PART = 4096


@dataclass(frozen=True, eq=False)
class Examination:
    """A model at work on data, in numbers.

    sequence   as the model reads it.
    n_rows     rows of it that were run.
    n_sampled, n_relevance  steps, of all rows together, that health and relevance are of.
    n_followed changed steps that fading is the mean of.
    health     of `rnnviz.health`.
    fading     by layer.
    predicts   whether the outputs are taken for the next token: "task" by what the model learned,
               "names" by its outputs' names, "said" by the user; "" where they are not.
    window     trace of the most telling window; `started` is the model with its initial states.
    """

    model: Model
    sequence: Sequence
    n_rows: int
    n_sampled: int
    n_relevance: int
    n_followed: int
    health: Mapping[str, float]
    fading: tuple[Fading, ...]
    relevance: Relevance
    profile: Profile
    predicts: str
    window: Trace
    started: Model
    told: Answer | None


def examine(
    model: Model,
    sequence: Sequence,
    *,
    task: str = "",
    predicts_next: bool = False,
    window: int = WINDOW_STEPS,
    progress: StageProgress | None = None,
) -> Examination:
    """Examination of a model on a sequence.

    task           of `rnnviz.train.TASKS` that the model learned, "" for none that is known.
    predicts_next  True to take its outputs for the tokens of its vocabulary, of which it predicts
                   the next.
    window         steps of the most telling window.
    progress       called with a stage, "run", "profile" or "relevance", and the part done, 0…1.

    Raises ModelError when the sequence does not fit the model, InputError for a window of other
    sizes and where the outputs cannot be the tokens that they are said to be.

    >>> import rnnviz as rv
    >>> found = examine(rv.random_model("gru", 1, 2), rv.Sequence([[[0.5]], [[0.1]], [[0.3]]]))
    >>> found.profile.score, found.window.sequence.n_steps, found.relevance.names
    ('change', 3, ('x0',))
    """
    _check_window(window)
    progress = progress or _untold
    fitting = encode_for_model(model, sequence)
    with whole_run(model, fitting, partial(progress, "run")) as run:
        predicts, names = _next_tokens(run.window(0, 0, 1), model, task, predicts_next)
        profile = _profile(run, names, window, partial(progress, "profile"))
        shown = run.window(profile.row, profile.start, profile.stop)
        sample = sample_of(run, 1)
        followed = spread_windows(run, _REPEATS, min(_FOLLOWED, -(-max(run.lengths) // 2)))
        few = sample_of(run, 1 + min(fitting.n_features, 64))
        return Examination(
            model,
            fitting,
            run.n_rows,
            sum(sample[1].lengths),
            sum(few[1].lengths),
            followed[1].n_rows,
            health(trace_model(*sample)),
            memory_fading(*followed),
            relevance(*few, progress=partial(progress, "relevance")),
            profile,
            predicts,
            shown,
            started_at(model, (shown,)),
            answer(shown, task, next_of=names),
        )


def _check_window(steps: int) -> None:
    if not is_whole_number(steps) or not LEAST_WINDOW <= steps <= MOST_WINDOW:
        raise InputError(
            "The most telling window has {least} to {most} steps, but {came} came.",
            least=LEAST_WINDOW,
            most=MOST_WINDOW,
            came=shown(steps),
        )


def _next_tokens(
    trace: Trace, model: Model, task: str, is_said: bool
) -> tuple[str, tuple[str, ...]]:
    """Why a model's outputs are taken for the next token, and the token of each output."""
    told = answer(trace, task) if trace.readout == "softmax" else None
    if told is not None and told.kind == "next":
        return "task", told.names
    tokens = model.vocabulary or ()
    if is_said:
        _check_outputs(0 if told is None else len(told.names), len(tokens))
        return "said", tokens
    if told is None:
        return "", ()
    if not told.task and len(tokens) > 1 and set(told.names) == set(tokens):
        return "names", told.names
    return "", ()


def _check_outputs(n_outputs: int, n_tokens: int) -> None:
    if n_outputs != n_tokens or not n_tokens:
        raise InputError(
            "A model predicts the next token by a softmax with an output for each token of its"
            " vocabulary, but this one has {outputs} such outputs and {tokens} tokens; do not say"
            " that it predicts the next.",
            outputs=n_outputs,
            tokens=n_tokens,
        )


def _untold(_stage: str, _done: float) -> None:
    """Progress that nobody is told of."""


def _profile(
    run: WholeRun, names: tuple[str, ...], length: int, progress: Callable[[float], object]
) -> Profile:
    """Scores of the row with the most telling window."""
    layer = next(i for i, y in enumerate(run.model.layers) if y.level == run.model.layers[-1].level)
    best, highest = None, -1.0
    for row, n_steps in enumerate(run.lengths):
        # The mean of a shorter window is easily higher.
        if n_steps < min(length, max(run.lengths)):
            continue
        values = _scores(run, row, layer, names)
        # What a network makes of its first steps is mostly that its memory begins at 0.
        skipped = length if n_steps >= 4 * length else 0
        start, stop = (skipped + at for at in telling_window(values[skipped:], length))
        mean = float(np.nan_to_num(values[start:stop], posinf=np.inf).mean())
        if best is None or mean > highest:
            score: Score = "surprise" if names else "change"
            best, highest = Profile(score, values, layer, row, start, stop, skipped), mean
        progress((row + 1) / run.n_rows)
    assert best is not None
    return best


def _scores(run: WholeRun, row: int, layer: int, names: tuple[str, ...]) -> Array:
    n_steps = run.lengths[row]
    parts = []
    for start in range(0, n_steps, _PART):
        # A step before, whose outputs predict the first.
        first = max(start - 1, 0)
        trace = run.window(row, first, min(start + _PART, n_steps))
        if names:
            values = surprise(replace(trace, output_names=names))
        else:
            values = state_change(trace, layer=layer)
        parts.append(values[start - first :])
    return np.concatenate(parts)
