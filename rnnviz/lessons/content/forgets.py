"""Lesson 2: how fast a simple network forgets, how its gradient fades, and what an LSTM keeps."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from rnnviz.analysis.gradient import gradient_norms, spectral_radius, state_distance
from rnnviz.analysis.series import LinePanels, LineSeries
from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.engine.api import trace
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.series import figure as series_figure
from rnnviz.figures.theme import Look
from rnnviz.formatting import token_label
from rnnviz.lessons.content.networks import (
    SEED,
    preset_link,
    replace_weights,
    sentence,
    untrained_link,
)
from rnnviz.lessons.interactive import LessonCode, Settings, Slider, number
from rnnviz.network.model import Model
from rnnviz.network.random_model import random_model
from rnnviz.train.presets import preset

UNITS = 16
# Steps after the pulse, and a pulse so small that tanh is linear there.
STEPS, PULSE = 50, 1e-4
SHARES = (0.5, 0.1, 0.005, 1e-6)
ASKED_WEIGHT = 0.9


def pulse(size: float = PULSE) -> Sequence:
    """One number, then zeros."""
    values = np.zeros((STEPS + 1, 1))
    values[0] = size
    return Sequence(values[:, None])


def scaled_rnn(radius: float, n_inputs: int = 1, init: str = "orthogonal") -> Model:
    """Simple network whose recurrent weights are scaled to a spectral radius."""
    model = random_model(
        "rnn", n_inputs, UNITS, seed=SEED, init=init, n_outputs=0, dtype=np.float64
    )
    layer = model.layers[0]
    scale = radius / spectral_radius(layer)
    return replace_weights(model, {"hidden.h": scale * layer.weights["hidden.h"]})


def biased_lstm(bias: float) -> Model:
    """LSTM with this forget bias, and an input bias as far below 0."""
    model = random_model("lstm", 1, UNITS, seed=SEED, init="xavier", dtype=np.float64)
    biases = np.full(UNITS, float(bias))
    return replace_weights(model, {"forget.b": biases, "input.b": -biases})


@lru_cache(maxsize=64)
def pulse_in_rnn(radius: float, init: str = "orthogonal") -> Array:
    """Effect of the pulse on the hidden state k steps later, as a share of its first, (k,)."""
    return _pulse_shares(scaled_rnn(radius, init=init), "hidden")


@lru_cache(maxsize=64)
def pulse_in_lstm(bias: float) -> Array:
    """Effect of the pulse on the LSTM's cell state k steps later, as a share of its first, (k,)."""
    return _pulse_shares(biased_lstm(bias), "cell")


def _pulse_shares(model: Model, state: str) -> Array:
    distance = state_distance(trace(model, pulse()), trace(model, pulse(0)), state)
    return np.asarray(distance / distance[0])


@lru_cache(maxsize=64)
def pulse_gradient(radius: float, init: str = "orthogonal") -> Array:
    """log10 of the gradient from the last step to one k steps before it, (k,)."""
    model = scaled_rnn(radius, init=init)
    return np.asarray(gradient_norms(model, trace(model, pulse()))[::-1])


@lru_cache(maxsize=64)
def sentence_gradient(radius: float) -> Array:
    """log10 of the gradient from the last letter to every letter, (time,)."""
    model = scaled_rnn(radius, sentence().n_features)
    return gradient_norms(model, trace(model, sentence()))


def _radius(settings: Settings) -> float:
    return number(settings, "radius")


def _bias(settings: Settings) -> float:
    return number(settings, "bias")


def _steps() -> Array:
    return np.arange(STEPS + 1)


def _fading(settings: Settings, look: Look) -> PlotlyJson:
    wanted = _radius(settings)
    rule = LineSeries("rule", "soft", _steps(), _steps() * np.log10(wanted), "rule")
    there = LineSeries("forward", "hidden", _steps(), np.log10(pulse_in_rnn(wanted)))
    back = LineSeries("backward", "gap", _steps(), pulse_gradient(wanted))
    view = LinePanels(((there, rule), (back, rule)), "apart", -5, 5, True, is_trained=False)
    return series_figure(view, look, height=390)


def _reading(settings: Settings, look: Look) -> PlotlyJson:
    wanted, tokens = _radius(settings), tuple(map(token_label, sentence().tokens[0]))
    at = np.arange(len(tokens))
    rule = LineSeries("rule", "soft", at, at[::-1] * np.log10(wanted), "rule")
    read = LineSeries("read", "gap", at, sentence_gradient(wanted))
    view = LinePanels(((read, rule),), "letters", -4, 4, True, tokens, is_trained=False)
    return series_figure(view, look, height=290)


def _keeping(settings: Settings, look: Look) -> PlotlyJson:
    plain = LineSeries("simple", "simple", _steps(), pulse_in_rnn(_radius(settings)))
    cell = LineSeries("cell", "cell", _steps(), pulse_in_lstm(_bias(settings)))
    view = LinePanels(((plain, cell),), "since", 0, 1.05, is_trained=False)
    return series_figure(view, look, height=300)


def _left() -> int:
    """Index of the share that is nearest, as a factor, to the one left at the radius asked for."""
    left = np.log(pulse_in_rnn(ASKED_WEIGHT)[STEPS])
    return int(np.argmin(np.abs(np.log(SHARES) - left)))


def _slope() -> float:
    """Mean of 1 − h² while the network of radius 1 reads."""
    hidden = trace(scaled_rnn(1.0, sentence().n_features), sentence())["hidden"]
    return float((1 - hidden**2).mean())


CODE = LessonCode(
    controls=(
        Slider("radius", 0.5, 1.5, 0.05, ASKED_WEIGHT),
        Slider("bias", 0, 6, 0.5, 4),
    ),
    figures={"fading": _fading, "reading": _reading, "keeping": _keeping},
    facts={
        "steps": lambda settings: STEPS,
        "units": lambda settings: UNITS,
        "radius": _radius,
        "asked": lambda settings: ASKED_WEIGHT,
        "left": lambda settings: float(pulse_in_rnn(_radius(settings))[STEPS]),
        "back": lambda settings: float(10.0 ** pulse_gradient(_radius(settings))[STEPS]),
        "rule": lambda settings: float(_radius(settings) ** STEPS),
        "left_asked": lambda settings: float(pulse_in_rnn(ASKED_WEIGHT)[STEPS]),
        "left_low": lambda settings: float(pulse_in_rnn(0.95)[STEPS]),
        "left_high": lambda settings: float(pulse_in_rnn(1.05)[STEPS]),
        "left_large": lambda settings: float(pulse_in_rnn(1.5)[STEPS]),
        "rule_large": lambda settings: float(1.5**STEPS),
        "first_other": lambda settings: float(10.0 ** pulse_gradient(ASKED_WEIGHT, "xavier")[1]),
        "left_other": lambda settings: float(pulse_in_rnn(ASKED_WEIGHT, "xavier")[STEPS]),
        "letters": lambda settings: sentence().n_steps - 1,
        "slope": lambda settings: _slope(),
        "read_one": lambda settings: float(10.0 ** sentence_gradient(1.0)[0]),
        "read": lambda settings: float(10.0 ** sentence_gradient(_radius(settings))[0]),
        "bias": _bias,
        "kept": lambda settings: float(pulse_in_lstm(_bias(settings))[STEPS]),
        "kept_none": lambda settings: float(pulse_in_lstm(0)[STEPS]),
        "gate_four": lambda settings: float(1 / (1 + np.exp(-4.0))),
        "adding": lambda settings: len(preset("adding_rnn").examples[0]["numbers"]),
        "rnn_error": lambda settings: preset("adding_rnn").held_out,
        "lstm_error": lambda settings: preset("adding_lstm").held_out,
        "chance": lambda settings: preset("adding_rnn").chance,
    },
    answers={"left": _left},
    links={
        "small": lambda settings: untrained_link(
            "rnn", {"init": "orthogonal", "gain": "1"}, units=UNITS
        ),
        "learned": lambda settings: preset_link("adding_lstm"),
        "failed": lambda settings: preset_link("adding_rnn"),
    },
)
