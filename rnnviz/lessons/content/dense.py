"""Lesson 7: a gate as a Dense layer, what its bias does, and how long it remembers."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, lru_cache

import numpy as np

from rnnviz.analysis.gate_weights import gate_weights
from rnnviz.analysis.gradient import forget_timescales
from rnnviz.analysis.panels import panels
from rnnviz.analysis.series import LinePanels, LineSeries
from rnnviz.api import trace
from rnnviz.cells import CELLS
from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.engine.trace import Trace
from rnnviz.figures.gate_weights import figure as gate_weights_figure
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.series import figure as series_figure
from rnnviz.figures.theme import Look
from rnnviz.inputs.parse import parse
from rnnviz.lessons.interactive import Behind, Link, Options, Settings, Slider
from rnnviz.network.model import Model
from rnnviz.network.random_model import random_model

TEXT = "The cat sat on the mat."
UNITS, SEED, GAIN = 8, 7, 3
GATES = ("forget", "input", "candidate", "output")
# Biases among which the reader chooses, and the steps to be remembered.
OPTIONS, WANTED = (1.0, 2.0, 3.0, 5.0), 20
MANY = 64


@cache
def sentence() -> Sequence:
    """What the network reads, a character a step."""
    return parse(TEXT)


@cache
def small(bias: float = 0) -> Model:
    """An LSTM with random weights, the same as Explore makes, and this forget bias in all units."""
    drawn = random_model(
        "lstm", sentence().n_features, UNITS, seed=SEED, init="xavier", gain=GAIN, dtype=np.float64
    )
    layer = drawn.layers[0]
    weights = {**layer.weights, "forget.b": layer.weights["forget.b"] + bias}
    return replace(drawn, layers=(replace(layer, weights=weights),))


@lru_cache(maxsize=32)
def states(bias: float = 0) -> Trace:
    """The network with this forget bias over the sentence."""
    return trace(small(bias), sentence())


@lru_cache(maxsize=32)
def many(init: str, span: int = 100) -> Array:
    """The spans of 64 units as an initialisation starts them, shortest first, (unit,)."""
    model = random_model("lstm", 1, MANY, seed=SEED, init=init, span=span, dtype=np.float64)
    weights = model.layers[0].weights
    return np.sort(forget_timescales(weights["forget.b"] + weights["forget.bh"]))


def opened(bias: float) -> float:
    """The mean of the forget gate over units and letters."""
    return float(states(bias)["forget"].mean())


def _bias(settings: Settings) -> float:
    return float(settings["bias"] or 0)


def _longest(settings: Settings) -> int:
    return int(settings["longest"] or 100)


def _count(gate: str) -> int:
    """Numbers in one gate's matrices and biases."""
    weights = small().layers[0].weights
    return int(sum(weights[f"{gate}.{role}"].size for role in ("x", "h", "b", "bh")))


def _matrices(settings: Settings, look: Look) -> PlotlyJson:
    view = gate_weights(small(), 0, str(settings["gate"]), features=sentence().features)
    return gate_weights_figure(view, look)


def _opening(settings: Settings, look: Look) -> PlotlyJson:
    view = panels(states(_bias(settings)), ["forget", "cell"])
    return panels_figure(view, look, height=300)


def _span(settings: Settings, look: Look) -> PlotlyJson:
    at, bias = np.linspace(-2, 6, 81), np.array([_bias(settings)])
    rule = LineSeries("power", "soft", at, at / np.log(10), "rule")
    line = LineSeries("span", "forget", at, np.log10(forget_timescales(at)))
    here = LineSeries("here", "gap", bias, np.log10(forget_timescales(bias)), "points")
    view = LinePanels(((rule, line, here),), "bias", -1, 3, True)
    return series_figure(view, look, height=300)


def _chrono(settings: Settings, look: Look) -> PlotlyJson:
    unit = np.arange(1, MANY + 1)
    alike = LineSeries("alike", "simple", unit, np.log10(many("forget_bias")), "points")
    spread = many("chrono", _longest(settings))
    chrono = LineSeries("chrono", "forget", unit, np.log10(spread), "points")
    view = LinePanels(((alike, chrono),), "unit", -0.2, 3.2, True, is_trained=False)
    return series_figure(view, look, height=300)


def _twenty() -> int:
    """Which option's span is nearest, as a factor, to the steps wanted."""
    return int(np.argmin(np.abs(np.log(forget_timescales(OPTIONS) / WANTED))))


def _span_at(bias: float) -> float:
    return float(forget_timescales(bias))


BEHIND = Behind(
    controls=(
        Options("gate", GATES, "forget"),
        Slider("bias", -2, 6, 0.5, 0),
        Slider("longest", 10, 1000, 10, 100),
    ),
    figures={"matrices": _matrices, "opening": _opening, "span": _span, "chrono": _chrono},
    facts={
        "units": lambda settings: UNITS,
        "characters": lambda settings: sentence().n_features,
        "read": lambda settings: sentence().n_features + UNITS,
        "own": lambda settings: _count(str(settings["gate"])),
        "gates": lambda settings: len(CELLS["lstm"].gates),
        "gates_gru": lambda settings: len(CELLS["gru"].gates),
        "gates_rnn": lambda settings: len(CELLS["rnn"].gates),
        "all": lambda settings: small().n_parameters,
        "bias": _bias,
        "mean": lambda settings: opened(_bias(settings)),
        "mean_zero": lambda settings: opened(0.0),
        "mean_two": lambda settings: opened(2.0),
        "half": lambda settings: float(1 / (1 + np.exp(0.0))),
        "wanted": lambda settings: WANTED,
        "tau": lambda settings: _span_at(_bias(settings)),
        "tau_zero": lambda settings: _span_at(0),
        "tau_one": lambda settings: _span_at(1),
        "tau_two": lambda settings: _span_at(2),
        "tau_three": lambda settings: _span_at(3),
        "tau_two_biases": lambda settings: _span_at(1 + 1),
        "left": lambda settings: float((1 / (1 + np.exp(-3.0))) ** WANTED),
        "many": lambda settings: MANY,
        "alike_low": lambda settings: float(many("forget_bias")[0]),
        "alike_high": lambda settings: float(many("forget_bias")[-1]),
        "longest": _longest,
        "chrono_low": lambda settings: float(many("chrono", _longest(settings))[0]),
        "chrono_middle": lambda settings: float(np.median(many("chrono", _longest(settings)))),
        "chrono_high": lambda settings: float(many("chrono", _longest(settings))[-1]),
    },
    answers={"twenty": _twenty},
    links={
        "small": lambda settings: Link(
            "explore", {"cell": "lstm", "units": str(UNITS), "seed": str(SEED), "text": TEXT}
        ),
        "chrono": lambda settings: Link(
            "explore",
            {
                "cell": "lstm",
                "units": str(UNITS),
                "seed": str(SEED),
                "text": TEXT,
                "init": "chrono",
                "gain": "1",
            },
        ),
    },
)
