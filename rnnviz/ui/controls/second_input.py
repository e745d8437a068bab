"""The second run of a pair: a text that is typed, or the first one with one step changed."""

from __future__ import annotations

from rnnviz.analysis.minimal_pair import minimal_pair
from rnnviz.analysis.started_as import started_as
from rnnviz.analysis.token_numbers import with_tokens
from rnnviz.core.sequence import Sequence
from rnnviz.engine.run import trace_model
from rnnviz.engine.trace import Trace
from rnnviz.errors import RnnvizError
from rnnviz.inputs.tokenise import between_tokens, iter_tokens, vocabulary_kind
from rnnviz.network.model import Model
from rnnviz.ui import state
from rnnviz.ui.controls.widgets import text_field
from rnnviz.ui.results import CACHE, model_of, trace_of
from rnnviz.ui.selections import RunChoice, TextFile, TypedText

_MOST_CHARACTERS = 2_000


def second_text(run: RunChoice, at: int | None) -> str:
    """A field for the second text, filled at first with a pair of the first; "" for that one."""
    if trace_of(run).sequence.encoding == "values":
        return ""
    text_field("second", _MOST_CHARACTERS, placeholder=_pair_text(run, at), is_labelled=True)
    return state.text_of("second")


def _pair_text(run: RunChoice, at: int | None) -> str:
    try:
        tokens = pair_of(run, at).tokens[0]
    # What has no pair is told where the view is.
    except RnnvizError:
        return ""
    return between_tokens(vocabulary_kind(tokens)).join(tokens)


@CACHE.cached
def pair_of(run: RunChoice, at: int | None) -> Sequence:
    """The input of a run with one step changed. Raises RnnvizError."""
    trace = trace_of(run)
    return minimal_pair(_model(run, trace), trace, time=at)


@CACHE.cached
def second_run(run: RunChoice, text: str, at: int | None) -> Trace:
    """The run of a second text, or of the pair where there is none. Raises RnnvizError."""
    trace = trace_of(run)
    model, read = _model(run, trace), trace.sequence
    other = with_tokens(model, read, _tokens(run, read, text)) if text else pair_of(run, at)
    return trace_model(started_as(model, trace), other)


def _model(run: RunChoice, trace: Trace) -> Model:
    return model_of(run.model, trace.sequence.n_features)


def _tokens(run: RunChoice, read: Sequence, text: str) -> tuple[str, ...]:
    typed = run.input
    if isinstance(typed, TypedText | TextFile):
        return tuple(iter_tokens(text, typed.kind, typed.joined))
    return tuple(iter_tokens(text, vocabulary_kind(read.tokens[0])))
