"""Lesson 1: a simple network unrolled in time, its shared weights, and its softmax readout."""

from __future__ import annotations

from functools import cache

import numpy as np

from rnnviz.analysis.difference import trace_difference
from rnnviz.analysis.gate_weights import gate_weights
from rnnviz.analysis.readout import TopOutputs, top_outputs
from rnnviz.analysis.unrolled import unrolled
from rnnviz.api import trace
from rnnviz.core.sequence import Sequence
from rnnviz.engine.trace import Trace
from rnnviz.figures.difference import figure as difference_figure
from rnnviz.figures.gate_weights import figure as gate_weights_figure
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.readout import figure as readout_figure
from rnnviz.figures.theme import Look
from rnnviz.figures.unrolled import figure as unrolled_figure
from rnnviz.formatting import token_label
from rnnviz.inputs.parse import parse
from rnnviz.interventions.types import AddToState
from rnnviz.lessons.interactive import Behind, Link, Options, Settings, Slider
from rnnviz.network.model import Model
from rnnviz.network.random_model import random_model
from rnnviz.train.presets import preset

TEXT = "The cat sat on the mat."
UNITS, SEED, GAIN = 8, 7, 3
PRESET = "next_character_lstm"
# What is added to one unit's state, and before which step, counted from 0.
PUSH, PUSHED = 0.5, 4
# The two spaces of the trained network's text that the lesson compares.
SPACES = (3, 9)


@cache
def sentence() -> Sequence:
    """What the small network reads, a character a step."""
    return parse(TEXT)


@cache
def small(recurrence: str = "full") -> Model:
    """The simple network with random weights, the same as Explore makes, in float64."""
    n_inputs = sentence().n_features
    return random_model(
        "rnn",
        n_inputs,
        UNITS,
        seed=SEED,
        init="xavier",
        gain=GAIN,
        recurrence=recurrence,
        dtype=np.float64,
    )


@cache
def states(recurrence: str = "full") -> Trace:
    """The small network over the sentence."""
    return trace(small(recurrence), sentence())


def pushed(recurrence: str, unit: int) -> Trace:
    """The same, with one unit's state pushed once."""
    push = AddToState("hidden", PUSH, PUSHED, units=unit)
    return trace(small(recurrence), sentence(), intervene=[push])


def reached(recurrence: str, unit: int) -> int:
    """Units that the push ever changes."""
    change = pushed(recurrence, unit)["hidden"] != states(recurrence)["hidden"]
    return int(change.any(axis=(0, 1)).sum())


@cache
def network(which: str) -> Model:
    """The network that learned to guess the next character, or the same before training."""
    card = preset(PRESET)
    return card.model() if which == "trained" else card.untrained_model()


@cache
def guesses(which: str) -> Trace:
    """That network over its first example."""
    card = preset(PRESET)
    text = card.examples[0]["text"]
    return trace(network(which), parse(text, vocabulary=card.vocabulary))


def guess(which: str, step: int) -> TopOutputs:
    """What it expects after a step, counted from 0."""
    return top_outputs(network(which), guesses(which), step)


def count(name: str, recurrence: str = "full") -> int:
    """Numbers in one of the small network's weights, "U", "W", "b", "V" or "d"."""
    own = small(recurrence)
    layer, readout = own.layers[0].weights, own.readout
    assert readout is not None
    return int(
        {
            "U": layer["hidden.x"].size,
            "W": layer["hidden.h"].size,
            "b": layer["hidden.b"].size + layer["hidden.bh"].size,
            "V": readout.weights.size,
            "d": readout.bias.size,
        }[name]
    )


def products(n_steps: int) -> int:
    """Multiplications of weights with numbers while the small network reads so many steps."""
    return n_steps * sum(map(count, "UWV"))


def _letters(settings: Settings) -> int:
    return int(settings["letters"] or 0)


def _step(settings: Settings) -> int:
    return int(settings["step"] or 1) - 1


def _unit(settings: Settings) -> int:
    return int(settings["unit"] or 0)


def _unrolled(settings: Settings, look: Look) -> PlotlyJson:
    view = unrolled(states(), _letters(settings))
    return unrolled_figure(view, look)


def _weights(settings: Settings, look: Look) -> PlotlyJson:
    view = gate_weights(
        small(str(settings["recurrence"])), 0, "hidden", features=sentence().features
    )
    return gate_weights_figure(view, look, _unit(settings))


def _reach(settings: Settings, look: Look) -> PlotlyJson:
    recurrence = str(settings["recurrence"])
    view = trace_difference(states(recurrence), pushed(recurrence, _unit(settings)), ["hidden"])
    names = (look.word("learn.unpushed"), look.word("learn.pushed"))
    return difference_figure(view, look, names, height=280)


def _readout(settings: Settings, look: Look) -> PlotlyJson:
    return readout_figure(guess(str(settings["network"]), _step(settings)), look)


def _read_so_far(settings: Settings) -> str:
    tokens = guesses("trained").sequence.tokens[0][: _step(settings) + 1]
    return "".join(map(token_label, tokens))


def _twice() -> int:
    """Which option tells how many weights read a text twice as long."""
    own = small()
    assert trace(own, parse(TEXT * 2)).outputs.shape[0] == 2 * sentence().n_steps
    once = own.n_parameters
    options = (2 * once, once + count("W"), once, sentence().n_steps * once)
    return options.index(small().n_parameters)


BEHIND = Behind(
    controls=(
        Slider("letters", 1, 12, 1, 6),
        Options("recurrence", ("full", "one_to_one"), "full"),
        Slider("unit", 0, UNITS - 1, 1, 2),
        Options("network", ("before", "trained"), "trained"),
        Slider("step", 1, 40, 1, SPACES[1] + 1),
    ),
    figures={
        "unrolled": _unrolled,
        "weights": _weights,
        "reach": _reach,
        "readout": _readout,
    },
    facts={
        "steps": lambda settings: sentence().n_steps,
        "units": lambda settings: UNITS,
        "characters": lambda settings: sentence().n_features,
        "n_u": lambda settings: count("U"),
        "n_w": lambda settings: count("W"),
        "n_b": lambda settings: count("b"),
        "n_v": lambda settings: count("V"),
        "n_d": lambda settings: count("d"),
        "weights": lambda settings: small().n_parameters,
        "letters": _letters,
        "own": lambda settings: _letters(settings) * small().n_parameters,
        "products": lambda settings: products(_letters(settings)),
        "push": lambda settings: PUSH,
        "pushed_step": lambda settings: PUSHED + 1,
        "reached": lambda settings: reached(str(settings["recurrence"]), _unit(settings)),
        "reached_full": lambda settings: reached("full", _unit(settings)),
        "reached_single": lambda settings: reached("one_to_one", _unit(settings)),
        "n_w_single": lambda settings: count("W", "one_to_one"),
        "outputs": lambda settings: len(preset(PRESET).outputs),
        "read": _read_so_far,
        "best": lambda settings: guess(str(settings["network"]), _step(settings)).names[0],
        "probability": lambda settings: float(
            guess(str(settings["network"]), _step(settings)).probabilities[0]
        ),
        "sum": lambda settings: float(
            guesses(str(settings["network"])).outputs[_step(settings), 0].sum(dtype=float)
        ),
        "first_best": lambda settings: guess("trained", SPACES[0]).names[0],
        "first_probability": lambda settings: float(guess("trained", SPACES[0]).probabilities[0]),
        "second_best": lambda settings: guess("trained", SPACES[1]).names[0],
        "second_probability": lambda settings: float(guess("trained", SPACES[1]).probabilities[0]),
        "first_space": lambda settings: SPACES[0] + 1,
        "second_space": lambda settings: SPACES[1] + 1,
        "untrained_probability": lambda settings: float(
            guess("before", SPACES[1]).probabilities[0]
        ),
        "even": lambda settings: 1 / len(preset(PRESET).outputs),
    },
    answers={"twice": _twice},
    links={
        "small": lambda settings: Link(
            "explore",
            {
                "cell": "rnn",
                "units": str(UNITS),
                "seed": str(SEED),
                "text": TEXT,
                "recurrence": str(settings["recurrence"]),
            },
        ),
        "learned": lambda settings: Link("model", {"model": f"preset:{PRESET}"}),
    },
)
