"""Lesson 5: a GRU's reset and update, and the simple network that they can make of it."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from rnnviz.analysis.difference import SIMPLE, side_by_side
from rnnviz.analysis.panels import panels
from rnnviz.api import trace
from rnnviz.core.sequence import Sequence
from rnnviz.engine.trace import Trace
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look
from rnnviz.inputs.parse import parse
from rnnviz.lessons.content.networks import held, holding
from rnnviz.lessons.interactive import Behind, Link, Settings, Slider
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model
from rnnviz.network.random_model import random_model
from rnnviz.train.presets import preset

TEXT = "The cat sat on the mat."
UNITS, SEED, GAIN = 8, 7, 3
PRESET = "adding_gru"
MARK = 1  # the second feature of the adding task
FREE: Settings = {"reset": None, "update": None}
HELD: Settings = {"reset": 1.0, "update": 0.0}


@cache
def sentence() -> Sequence:
    """What the small network reads, a character a step."""
    return parse(TEXT)


@cache
def small() -> Model:
    """The GRU of the identity: random weights, the same as Explore makes, in float64."""
    return random_model(
        "gru", sentence().n_features, UNITS, seed=SEED, init="xavier", gain=GAIN, dtype=np.float64
    )


@cache
def simple() -> Trace:
    """The simple network that has the candidate's weights, over the same sentence."""
    own = small().layers[0].weights
    weights = {f"hidden.{role}": own[f"candidate.{role}"] for role in ("x", "h", "b")}
    model = Model((Layer("rnn", "forward", weights),), is_trained=False)
    return trace(model, sentence())


@cache
def numbers() -> Sequence:
    """The first example of the adding task that goes with the trained network."""
    values = np.asarray(preset(PRESET).examples[0]["numbers"], dtype=np.float32)
    return Sequence(values[:, None], features=("value", "mark"))


def learned(settings: Settings = FREE) -> Trace:
    """The trained network over the numbers, its gates held as set."""
    return held(preset(PRESET).model(), numbers(), settings)


def gap(settings: Settings) -> float:
    """The largest difference between the GRU's hidden states and the simple network's."""
    own = held(small(), sentence(), settings)["hidden"]
    return float(abs(own - simple()["hidden"]).max())


def _memory(settings: Settings, look: Look) -> PlotlyJson:
    view = panels(learned(), ["inputs", "update", "hidden"], order="similarity")
    return panels_figure(view, look, height=430)


def _identity(settings: Settings, look: Look) -> PlotlyJson:
    view = side_by_side(held(small(), sentence(), settings), simple(), SIMPLE)
    return panels_figure(view, look, height=400)


def _marked() -> Any:
    return numbers().values[:, 0, MARK] > 0


def _unit() -> int:
    """The unit whose update gate falls most where a number is marked."""
    update = learned()["update"][:, 0]
    return int(np.argmax(update[~_marked()].mean(0) - update[_marked()].mean(0)))


def _update(marked: bool) -> float:
    steps = _marked() if marked else ~_marked()
    return float(learned()["update"][steps, 0, _unit()].mean())


def _sum() -> float:
    return float(numbers().values[_marked(), 0, 0].sum())


def _answer(settings: Settings) -> float:
    return float(learned(settings)["outputs"][-1, 0, 0])


def _marks() -> tuple[int, ...]:
    return tuple(int(step) + 1 for step in np.flatnonzero(_marked()))


def _becomes() -> int:
    """Which outcome it is exactly: frozen, without memory, the simple network, or none."""
    own = held(small(), sentence(), HELD)["hidden"][:, 0]
    weights = small().layers[0].weights
    x = sentence().values[:, 0]
    outcomes = (
        np.zeros_like(own),
        np.tanh(x @ weights["candidate.x"].T + weights["candidate.b"]),
        simple()["hidden"][:, 0],
    )
    exact = [bool((own == outcome).all()) for outcome in outcomes]
    return exact.index(True) if any(exact) else len(outcomes)


def _between_equal_letters() -> float:
    """How far states at the same letter lie apart when reset and update are held at 0."""
    own = held(small(), sentence(), {"reset": 0.0, "update": 0.0})["hidden"][:, 0]
    x = sentence().values[:, 0]
    pairs = [(a, b) for a in range(len(x)) for b in range(a) if (x[a] == x[b]).all()]
    return max(float(abs(own[a] - own[b]).max()) for a, b in pairs)


BEHIND = Behind(
    controls=(
        Slider("reset", 0, 1, 0.05, None, free=True),
        Slider("update", 0, 1, 0.05, None, free=True),
    ),
    figures={"memory": _memory, "identity": _identity},
    facts={
        "gap": gap,
        "gap_free": lambda settings: gap(FREE),
        "gap_held": lambda settings: gap(HELD),
        "gap_slightly": lambda settings: gap({"reset": 1.0, "update": 0.05}),
        "kept": lambda settings: float(
            abs(held(small(), sentence(), {"reset": 1.0, "update": 1.0})["hidden"]).max()
        ),
        "unit": lambda settings: _unit(),
        "update_quiet": lambda settings: _update(marked=False),
        "update_marked": lambda settings: _update(marked=True),
        "first_mark": lambda settings: _marks()[0],
        "second_mark": lambda settings: _marks()[1],
        "waiting": lambda settings: _marks()[1] - _marks()[0],
        "between_letters": lambda settings: _between_equal_letters(),
        "units": lambda settings: learned()["update"].shape[2],
        "sum": lambda settings: _sum(),
        "answer": lambda settings: _answer(FREE),
        "answer_simple": lambda settings: _answer(HELD),
        "steps": lambda settings: numbers().n_steps,
    },
    answers={"becomes": _becomes},
    links={
        "small": lambda settings: Link(
            "explore",
            {"cell": "gru", "units": str(UNITS), "seed": str(SEED), "text": TEXT}
            | holding(settings),
        ),
        "learned": lambda settings: Link("model", {"model": f"preset:{PRESET}"}),
    },
    paper=HELD,
)
