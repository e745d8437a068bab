"""The next characters that a trained network expects, from its last state and from a sum of all."""

from __future__ import annotations

from functools import cache

from rnnviz.analysis.readout import TopOutputs, top_outputs
from rnnviz.engine.api import trace
from rnnviz.engine.trace import Trace
from rnnviz.formatting import token_label
from rnnviz.inputs.parse import parse
from rnnviz.lessons.content.text_probes import PRESET
from rnnviz.network.model import Model
from rnnviz.train.presets import preset

# The two spaces of the trained network's text that the lesson compares.
SPACES = {"first": 3, "second": 9}


@cache
def language_model(which: str) -> Model:
    """Next-character network, "trained" or before training."""
    card = preset(PRESET)
    return card.model() if which == "trained" else card.untrained_model()


@cache
def language_model_trace(which: str) -> Trace:
    """Trace of the next-character network over its first example."""
    card = preset(PRESET)
    text = card.examples[0]["text"]
    return trace(language_model(which), parse(text, vocabulary=card.vocabulary))


def next_characters(which: str, step: int, *, is_summed: bool = False) -> TopOutputs:
    """Scores and probabilities of the next character after a step, counted from 0."""
    network, read = language_model(which), language_model_trace(which)
    return top_outputs(network, read, step, is_summed=is_summed)


@cache
def best_guesses(*, is_summed: bool = False) -> tuple[str, ...]:
    """The trained network's best guess after every step."""
    n_steps = language_model_trace("trained").sequence.n_steps
    return tuple(
        next_characters("trained", step, is_summed=is_summed).names[0] for step in range(n_steps)
    )


def n_right(*, is_summed: bool = False) -> int:
    """Number of best guesses that are the character that comes next."""
    came = map(token_label, language_model_trace("trained").sequence.tokens[0][1:])
    return sum(map(str.__eq__, best_guesses(is_summed=is_summed), came))


def stuck_from() -> int:
    """First step, counted from 0, from which the best guess by the sum is always the same."""
    guesses = best_guesses(is_summed=True)
    return max(step for step, guess in enumerate(guesses) if guess != guesses[-1]) + 1
