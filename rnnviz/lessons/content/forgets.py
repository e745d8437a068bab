"""How fast a simple network forgets a pulse, and what an LSTM's cell keeps of it."""

from __future__ import annotations

from functools import cache, lru_cache
from math import ceil, log

import numpy as np

from rnnviz.analysis.gradient import spectral_radius, state_distance
from rnnviz.analysis.series import LinePanels, LineSeries
from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.engine.api import trace
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.series import figure as series_figure
from rnnviz.figures.theme import Look
from rnnviz.formatting import token_label
from rnnviz.interventions.types import AddToState
from rnnviz.lessons.content import number_mistakes as mistakes
from rnnviz.lessons.content.networks import (
    SEED,
    gate_at,
    preset_link,
    replace_weights,
    sentence,
    untrained_link,
)
from rnnviz.lessons.interactive import (
    LessonCode,
    NumberAnswer,
    Settings,
    SettingsAnswer,
    Slider,
    facts_by,
    number,
)
from rnnviz.network.model import Model
from rnnviz.network.random_model import random_model
from rnnviz.train.presets import preset

UNITS = 16
# Steps after the pulse, and a pulse so small that tanh is linear there.
STEPS, PULSE = 50, 1e-4
SHARES = (0.5, 0.1, 0.005, 1e-6)
ASKED_WEIGHT, LARGE_WEIGHT = 0.9, 1.5
# What the exercises give, and the shares between which the last one wants the cell.
FADING_GIVEN = {"radius": 0.8, "share": 0.01, "steps": 50}
WANTED_LOW, WANTED_HIGH = 0.1, 0.2
# The powers of ten on the axis: the usual ones, and those for a radius that leaves them.
AXIS, LONG_AXIS = (-5, 5), (-16, 9)


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
def push_while_reading(radius: float) -> Array:
    """What is left of a small push after the first letter, at every letter, as a share, (time,)."""
    model = scaled_rnn(radius, sentence().n_features)
    pushed = trace(model, sentence(), intervene=[AddToState("hidden", PULSE, 1)])
    distance = state_distance(pushed, trace(model, sentence())) / (PULSE * np.sqrt(UNITS))
    return np.concatenate([[1.0], distance[1:]])


def gate_alone(bias: float, n_steps: int = STEPS) -> float:
    """Share of a cell state that a forget gate at σ(bias) leaves."""
    return gate_at(bias) ** n_steps


def steps_until(share: float, factor: float) -> int:
    """First number of steps after which less than this share is left, at this factor a step."""
    return ceil(log(share) / log(factor))


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
    is_long = not AXIS[0] <= rule.y[-1] <= AXIS[1]
    view = LinePanels(
        ((there, rule),), "since", *(LONG_AXIS if is_long else AXIS), True, is_trained=False
    )
    return series_figure(view, look, height=320)


def _reading(settings: Settings, look: Look) -> PlotlyJson:
    wanted, tokens = _radius(settings), tuple(map(token_label, sentence().tokens[0]))
    at = np.arange(len(tokens))
    rule = LineSeries("rule", "soft", at, at * np.log10(wanted), "rule")
    read = LineSeries("left_reading", "hidden", at, np.log10(push_while_reading(wanted)))
    view = LinePanels(((read, rule),), "letters", -5, 4, True, tokens, is_trained=False)
    return series_figure(view, look, height=290)


def _keeping(settings: Settings, look: Look) -> PlotlyJson:
    bias = _bias(settings)
    plain = LineSeries("simple", "simple", _steps(), pulse_in_rnn(_radius(settings)))
    cell = LineSeries("cell", "cell", _steps(), pulse_in_lstm(bias))
    alone = np.array([gate_alone(bias, k) for k in _steps()])
    gate = LineSeries("gate_alone", "soft", _steps(), alone, "rule")
    view = LinePanels(((plain, cell, gate),), "since", 0, 1.05, is_trained=False)
    return series_figure(view, look, height=300)


def _left() -> int:
    """Index of the share that is nearest, as a factor, to the one left at the radius asked for."""
    left = np.log(pulse_in_rnn(ASKED_WEIGHT)[STEPS])
    return int(np.argmin(np.abs(np.log(SHARES) - left)))


def twice_the_pulse(radius: float) -> float:
    """Distance that a pulse twice as large leaves in the end, as a multiple of the usual one."""
    runs = [trace(scaled_rnn(radius), pulse(size * PULSE)) for size in (0, 1, 2)]
    usual, large = (state_distance(run, runs[0])[STEPS] for run in runs[1:])
    return float(large / usual)


def _large() -> int:
    """Index of what the pulse does at the large radius: follow the rule, stop growing, or go."""
    left = pulse_in_rnn(LARGE_WEIGHT)
    if left[STEPS] > 0.5 * LARGE_WEIGHT**STEPS:
        return 0
    return 1 if left[STEPS] > 0.5 * left.max() else 2


def _zero() -> int:
    """Index of which keeps more, by a factor of 2: the LSTM at bias 0, the simple one, or none."""
    ratio = _kept(0) / float(pulse_in_rnn(ASKED_WEIGHT)[STEPS])
    return 0 if ratio > 2 else 1 if ratio < 0.5 else 2


def _kept(bias: float) -> float:
    return float(pulse_in_lstm(bias)[STEPS])


def _steps_needed() -> int:
    return steps_until(FADING_GIVEN["share"], FADING_GIVEN["radius"])


def _gate_needed() -> float:
    return float(0.5 ** (1 / FADING_GIVEN["steps"]))


@cache
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
        "rule": lambda settings: float(_radius(settings) ** STEPS),
        "left_asked": lambda settings: float(pulse_in_rnn(ASKED_WEIGHT)[STEPS]),
        "left_low": lambda settings: float(pulse_in_rnn(0.95)[STEPS]),
        "left_high": lambda settings: float(pulse_in_rnn(1.05)[STEPS]),
        "left_large": lambda settings: float(pulse_in_rnn(LARGE_WEIGHT)[STEPS]),
        "rule_large": lambda settings: float(LARGE_WEIGHT**STEPS),
        "peak": lambda settings: float(pulse_in_rnn(LARGE_WEIGHT).max()),
        "peak_at": lambda settings: int(pulse_in_rnn(LARGE_WEIGHT).argmax()),
        "twice": lambda settings: twice_the_pulse(LARGE_WEIGHT),
        "half_at": lambda settings: steps_until(0.5, ASKED_WEIGHT),
        "tenth_at": lambda settings: steps_until(0.1, ASKED_WEIGHT),
        "millionth_at": lambda settings: steps_until(1e-6, ASKED_WEIGHT),
        "push": lambda settings: PULSE,
        "letters": lambda settings: sentence().n_steps - 1,
        "slope": lambda settings: _slope(),
        "read_one": lambda settings: float(push_while_reading(1.0)[-1]),
        "read": lambda settings: float(push_while_reading(_radius(settings))[-1]),
        "bias": _bias,
        "kept": lambda settings: _kept(_bias(settings)),
        "gate_alone": lambda settings: gate_alone(_bias(settings)),
        "kept_none": lambda settings: _kept(0),
        "kept_three": lambda settings: _kept(3),
        "gate_four": lambda settings: gate_alone(4, 1),
        "gate_three": lambda settings: gate_alone(3, 1),
        "ratio": lambda settings: float(pulse_in_rnn(ASKED_WEIGHT)[STEPS]) / _kept(0),
        **facts_by("given_{}", FADING_GIVEN, FADING_GIVEN.__getitem__),
        "steps_needed": lambda settings: _steps_needed(),
        "gate_needed": lambda settings: _gate_needed(),
        "adding": lambda settings: len(preset("adding_rnn").examples[0]["numbers"]),
        "rnn_error": lambda settings: preset("adding_rnn").held_out,
        "lstm_error": lambda settings: preset("adding_lstm").held_out,
        "chance": lambda settings: preset("adding_rnn").chance,
    },
    answers={"left": _left, "large": _large, "zero": _zero},
    exercises={
        "steps": NumberAnswer(
            _steps_needed,
            tolerance=0,
            mistakes=lambda: mistakes.fading(
                FADING_GIVEN["share"], FADING_GIVEN["radius"], _steps_needed()
            ),
        ),
        "gate": NumberAnswer(
            _gate_needed, 0.0006, lambda: mistakes.half_after(FADING_GIVEN["steps"])
        ),
        "open_gate": SettingsAnswer(
            lambda settings: WANTED_LOW <= _kept(_bias(settings)) <= WANTED_HIGH,
            {
                "low": lambda settings: _kept(_bias(settings)) < WANTED_LOW,
                "high": lambda settings: _kept(_bias(settings)) > WANTED_HIGH,
            },
        ),
    },
    links={
        "small": lambda settings: untrained_link(
            "rnn", {"init": "orthogonal", "gain": "1"}, units=UNITS
        ),
        "learned": lambda settings: preset_link("adding_lstm"),
        "failed": lambda settings: preset_link("adding_rnn"),
    },
)
