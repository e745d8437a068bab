"""Lesson 2: how fast a simple network forgets, how its gradient fades, and what an LSTM keeps."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, lru_cache

import numpy as np

from rnnviz.analysis.gradient import gradient_norms, spectral_radius, state_distance
from rnnviz.analysis.series import LinePanels, LineSeries
from rnnviz.api import trace
from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.series import figure as series_figure
from rnnviz.figures.theme import Look
from rnnviz.formatting import token_label
from rnnviz.inputs.parse import parse
from rnnviz.lessons.interactive import Behind, Link, Settings, Slider
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model
from rnnviz.network.random_model import random_model
from rnnviz.train.presets import preset

TEXT = "The cat sat on the mat."
UNITS, SEED = 16, 7
# Steps after the pulse, and a pulse so small that tanh is a straight line there.
STEPS, PULSE = 50, 1e-4
OPTIONS = (0.5, 0.1, 0.005, 1e-6)
ASKED = 0.9


def pulse(size: float = PULSE) -> Sequence:
    """One number, and then silence."""
    values = np.zeros((STEPS + 1, 1))
    values[0] = size
    return Sequence(values[:, None])


@cache
def sentence() -> Sequence:
    """What the network reads letter by letter."""
    return parse(TEXT)


def simple(wanted: float, n_inputs: int = 1, init: str = "orthogonal") -> Model:
    """A simple network whose recurrent weights are scaled to a spectral radius."""
    drawn = random_model(
        "rnn", n_inputs, UNITS, seed=SEED, init=init, n_outputs=0, dtype=np.float64
    )
    layer = drawn.layers[0]
    scale = wanted / spectral_radius(layer)
    return _with(drawn, {"hidden.h": scale * layer.weights["hidden.h"]})


def gated(bias: float) -> Model:
    """An LSTM with this forget bias; its input bias is as far below 0."""
    drawn = random_model("lstm", 1, UNITS, seed=SEED, init="xavier", dtype=np.float64)
    return _with(
        drawn, {"forget.b": np.full(UNITS, float(bias)), "input.b": np.full(UNITS, -float(bias))}
    )


def _with(model: Model, weights: dict[str, Array]) -> Model:
    layer: Layer = model.layers[0]
    return replace(model, layers=(replace(layer, weights={**layer.weights, **weights}),))


@lru_cache(maxsize=64)
def forward(wanted: float, init: str = "orthogonal") -> Array:
    """What is left of the pulse k steps after it, as a share of its first effect, (k,)."""
    model = simple(wanted, init=init)
    apart = state_distance(trace(model, pulse()), trace(model, pulse(0)))
    return np.asarray(apart / apart[0])


@lru_cache(maxsize=64)
def backward(wanted: float, init: str = "orthogonal") -> Array:
    """log10 of the gradient from the last step to one k steps before it, (k,)."""
    model = simple(wanted, init=init)
    return np.asarray(gradient_norms(model, trace(model, pulse()))[::-1])


@lru_cache(maxsize=64)
def reading(wanted: float) -> Array:
    """log10 of the gradient from the last letter to every letter, (time,)."""
    model = simple(wanted, sentence().n_features)
    return gradient_norms(model, trace(model, sentence()))


@lru_cache(maxsize=64)
def kept(bias: float) -> Array:
    """The same share as `forward` for the LSTM's cell state, (k,)."""
    model = gated(bias)
    apart = state_distance(trace(model, pulse()), trace(model, pulse(0)), "cell")
    return np.asarray(apart / apart[0])


def _radius(settings: Settings) -> float:
    return float(settings["radius"] or ASKED)


def _bias(settings: Settings) -> float:
    return float(settings["bias"] or 0)


def _since() -> Array:
    return np.arange(STEPS + 1)


def _fading(settings: Settings, look: Look) -> PlotlyJson:
    wanted = _radius(settings)
    rule = LineSeries("rule", "soft", _since(), _since() * np.log10(wanted), "rule")
    there = LineSeries("forward", "hidden", _since(), np.log10(forward(wanted)))
    back = LineSeries("backward", "gap", _since(), backward(wanted))
    view = LinePanels(((there, rule), (back, rule)), "apart", -5, 5, True, is_trained=False)
    return series_figure(view, look, height=390)


def _reading(settings: Settings, look: Look) -> PlotlyJson:
    wanted, tokens = _radius(settings), tuple(map(token_label, sentence().tokens[0]))
    at = np.arange(len(tokens))
    rule = LineSeries("rule", "soft", at, at[::-1] * np.log10(wanted), "rule")
    read = LineSeries("read", "gap", at, reading(wanted))
    view = LinePanels(((read, rule),), "letters", -4, 4, True, tokens, is_trained=False)
    return series_figure(view, look, height=290)


def _keeping(settings: Settings, look: Look) -> PlotlyJson:
    plain = LineSeries("simple", "simple", _since(), forward(_radius(settings)))
    cell = LineSeries("cell", "cell", _since(), kept(_bias(settings)))
    view = LinePanels(((plain, cell),), "since", 0, 1.05, is_trained=False)
    return series_figure(view, look, height=300)


def _left() -> int:
    """Which option is nearest, as a factor, to what is left at the radius asked for."""
    left = np.log(forward(ASKED)[STEPS])
    return int(np.argmin(np.abs(np.log(OPTIONS) - left)))


def _slope() -> float:
    """The mean of 1 − h² while the network of radius 1 reads."""
    hidden = trace(simple(1.0, sentence().n_features), sentence())["hidden"]
    return float((1 - hidden**2).mean())


BEHIND = Behind(
    controls=(
        Slider("radius", 0.5, 1.5, 0.05, ASKED),
        Slider("bias", 0, 6, 0.5, 4),
    ),
    figures={"fading": _fading, "reading": _reading, "keeping": _keeping},
    facts={
        "steps": lambda settings: STEPS,
        "units": lambda settings: UNITS,
        "radius": _radius,
        "asked": lambda settings: ASKED,
        "left": lambda settings: float(forward(_radius(settings))[STEPS]),
        "back": lambda settings: float(10.0 ** backward(_radius(settings))[STEPS]),
        "rule": lambda settings: float(_radius(settings) ** STEPS),
        "left_asked": lambda settings: float(forward(ASKED)[STEPS]),
        "left_low": lambda settings: float(forward(0.95)[STEPS]),
        "left_high": lambda settings: float(forward(1.05)[STEPS]),
        "left_large": lambda settings: float(forward(1.5)[STEPS]),
        "rule_large": lambda settings: float(1.5**STEPS),
        "first_other": lambda settings: float(10.0 ** backward(ASKED, "xavier")[1]),
        "left_other": lambda settings: float(forward(ASKED, "xavier")[STEPS]),
        "letters": lambda settings: sentence().n_steps - 1,
        "slope": lambda settings: _slope(),
        "read_one": lambda settings: float(10.0 ** reading(1.0)[0]),
        "read": lambda settings: float(10.0 ** reading(_radius(settings))[0]),
        "bias": _bias,
        "kept": lambda settings: float(kept(_bias(settings))[STEPS]),
        "kept_none": lambda settings: float(kept(0)[STEPS]),
        "gate_four": lambda settings: float(1 / (1 + np.exp(-4.0))),
        "adding": lambda settings: len(preset("adding_rnn").examples[0]["numbers"]),
        "rnn_error": lambda settings: preset("adding_rnn").held_out,
        "lstm_error": lambda settings: preset("adding_lstm").held_out,
        "chance": lambda settings: preset("adding_rnn").chance,
    },
    answers={"left": _left},
    links={
        "small": lambda settings: Link(
            "explore",
            {
                "cell": "rnn",
                "units": str(UNITS),
                "seed": str(SEED),
                "init": "orthogonal",
                "gain": "1",
                "text": TEXT,
            },
        ),
        "learned": lambda settings: Link("model", {"model": "preset:adding_lstm"}),
        "failed": lambda settings: Link("model", {"model": "preset:adding_rnn"}),
    },
)
