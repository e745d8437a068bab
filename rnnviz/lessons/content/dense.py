"""A gate as a Dense layer, what its bias does, and how long it remembers."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from rnnviz.analysis.gate_weights import gate_weights
from rnnviz.analysis.gradient import forget_timescales
from rnnviz.analysis.panels import panels
from rnnviz.analysis.series import LinePanels, LineSeries
from rnnviz.cells import CELLS
from rnnviz.core.arrays import Array
from rnnviz.engine.api import trace
from rnnviz.engine.trace import Trace
from rnnviz.figures.gate_weights import figure as gate_weights_figure
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.series import figure as series_figure
from rnnviz.figures.theme import Look
from rnnviz.lessons.content import number_mistakes as mistakes
from rnnviz.lessons.content.networks import (
    LSTM_GATES,
    SEED,
    UNITS,
    gate_at,
    replace_weights,
    sentence,
    small_network,
    untrained_link,
)
from rnnviz.lessons.interactive import (
    LessonCode,
    NumberAnswer,
    Options,
    Settings,
    SettingsAnswer,
    Slider,
    number,
)
from rnnviz.network.model import Model
from rnnviz.network.random_model import random_model

# Forget biases among which the reader chooses, and the steps to be remembered.
BIASES, WANTED = (1.0, 2.0, 3.0, 5.0), 20
MANY = 64
# Of the exercises: a gate's inputs and units, each of two biases, steps, and an open gate's mean.
_INPUTS, _WIDTH, _HALF_BIAS, _STEPS, _OPEN = 10, 16, 1.5, 100, 0.95


@lru_cache(maxsize=32)
def lstm_with_bias(bias: float = 0) -> Model:
    """LSTM with random weights and this forget bias in all units."""
    model = small_network("lstm")
    return replace_weights(model, {"forget.b": model.layers[0].weights["forget.b"] + bias})


@lru_cache(maxsize=32)
def lstm_with_bias_trace(bias: float = 0) -> Trace:
    """Trace of the LSTM over the sentence."""
    return trace(lstm_with_bias(bias), sentence())


@lru_cache(maxsize=32)
def initial_timescales(init: str, span: int = 100) -> Array:
    """Timescales of 64 units with the biases of an initialisation, shortest first, (unit,)."""
    model = random_model("lstm", 1, MANY, seed=SEED, init=init, span=span, dtype=np.float64)
    weights = model.layers[0].weights
    return np.sort(forget_timescales(weights["forget.b"] + weights["forget.bh"]))


def mean_forget(bias: float) -> float:
    """Mean of the forget gate over units and letters."""
    return float(lstm_with_bias_trace(bias)["forget"].mean())


def _bias(settings: Settings) -> float:
    return number(settings, "bias")


def _longest(settings: Settings) -> int:
    return int(number(settings, "longest"))


def _chrono_timescales(settings: Settings) -> Array:
    return initial_timescales("chrono", _longest(settings))


def _n_weights(gate: str) -> int:
    """Size of one gate's matrices and biases."""
    weights = lstm_with_bias().layers[0].weights
    return int(sum(weights[f"{gate}.{role}"].size for role in ("x", "h", "b", "bh")))


def _matrices(settings: Settings, look: Look) -> PlotlyJson:
    view = gate_weights(lstm_with_bias(), 0, str(settings["gate"]), features=sentence().features)
    return gate_weights_figure(view, look)


def _opening(settings: Settings, look: Look) -> PlotlyJson:
    view = panels(lstm_with_bias_trace(_bias(settings)), ["forget", "cell"])
    return panels_figure(view, look, height=300)


def _timescales(settings: Settings, look: Look) -> PlotlyJson:
    at, bias = np.linspace(-2, 6, 81), np.array([_bias(settings)])
    rule = LineSeries("power", "soft", at, at / np.log(10), "rule")
    line = LineSeries("span", "forget", at, np.log10(forget_timescales(at)))
    here = LineSeries("here", "gap", bias, np.log10(forget_timescales(bias)), "points")
    view = LinePanels(((rule, line, here),), "bias", -1, 3, True)
    return series_figure(view, look, height=300)


def _chrono(settings: Settings, look: Look) -> PlotlyJson:
    unit = np.arange(1, MANY + 1)
    alike = LineSeries(
        "alike", "simple", unit, np.log10(initial_timescales("forget_bias")), "points"
    )
    spread = initial_timescales("chrono", _longest(settings))
    chrono = LineSeries("chrono", "forget", unit, np.log10(spread), "points")
    view = LinePanels(((alike, chrono),), "unit", -0.2, 3.2, True, is_trained=False)
    return series_figure(view, look, height=300)


def _layers() -> int:
    """Layers with weights in a GRU: two, three or four."""
    return (2, 3, 4).index(len(CELLS["gru"].gates))


def _raised() -> int:
    """What a forget bias of 2 does to the mean gate: closes it, opens it, or hardly moves it."""
    change = mean_forget(2.0) - mean_forget(0.0)
    return 2 if abs(change) < 0.1 else int(change > 0)


def _n_parameters(cell: str) -> int:
    """All matrices and biases of a small network of a cell, with PyTorch's two biases."""
    layer = small_network(cell).layers[0]
    return int(sum(array.size for array in layer.weights.values()))


def _size() -> int:
    """Weights of a gate with one bias."""
    return (_INPUTS + _WIDTH + 1) * _WIDTH


def _exact_bias() -> float:
    """Forget bias whose timescale is that of the exercise."""
    gate = np.exp(-1 / _STEPS)
    return float(np.log(gate / (1 - gate)))


def _open_bias() -> float:
    """Smallest bias of the slider whose mean gate is wide open."""
    biases = (n / 2 for n in range(-4, 13))
    return next(bias for bias in biases if mean_forget(bias) > _OPEN)


def _twenty() -> int:
    """Index of the bias whose timescale is nearest, as a factor, to the steps wanted."""
    return int(np.argmin(np.abs(np.log(forget_timescales(BIASES) / WANTED))))


def _timescale(bias: float) -> float:
    return float(forget_timescales(bias))


CODE = LessonCode(
    controls=(
        Options("gate", LSTM_GATES, "forget"),
        Slider("bias", -2, 6, 0.5, 0),
        Slider("longest", 10, 1000, 10, 100),
    ),
    figures={"matrices": _matrices, "opening": _opening, "span": _timescales, "chrono": _chrono},
    facts={
        "units": lambda settings: UNITS,
        "characters": lambda settings: sentence().n_features,
        "read": lambda settings: sentence().n_features + UNITS,
        "own": lambda settings: _n_weights(str(settings["gate"])),
        "dense": lambda settings: (sentence().n_features + UNITS + 1) * UNITS,
        "second": lambda settings: lstm_with_bias().layers[0].weights["forget.bh"].size,
        "all_gru": lambda settings: _n_parameters("gru_reset_after"),
        "all_rnn": lambda settings: _n_parameters("rnn"),
        "gates": lambda settings: len(CELLS["lstm"].gates),
        "gates_gru": lambda settings: len(CELLS["gru"].gates),
        "gates_rnn": lambda settings: len(CELLS["rnn"].gates),
        "all": lambda settings: lstm_with_bias().n_parameters,
        "bias": _bias,
        "mean": lambda settings: mean_forget(_bias(settings)),
        "mean_zero": lambda settings: mean_forget(0.0),
        "mean_two": lambda settings: mean_forget(2.0),
        "half": lambda settings: gate_at(0),
        "wanted": lambda settings: WANTED,
        "tau": lambda settings: _timescale(_bias(settings)),
        "tau_zero": lambda settings: _timescale(0),
        "tau_one": lambda settings: _timescale(1),
        "tau_two": lambda settings: _timescale(2),
        "tau_three": lambda settings: _timescale(3),
        "tau_five": lambda settings: _timescale(5),
        "gate_one": lambda settings: gate_at(1),
        "tau_two_biases": lambda settings: _timescale(1 + 1),
        "left": lambda settings: gate_at(3) ** WANTED,
        "given_inputs": lambda settings: _INPUTS,
        "given_units": lambda settings: _WIDTH,
        "given_size": lambda settings: _size(),
        "given_bias": lambda settings: _HALF_BIAS,
        "given_sum": lambda settings: 2 * _HALF_BIAS,
        "given_tau": lambda settings: _timescale(2 * _HALF_BIAS),
        "given_steps": lambda settings: _STEPS,
        "given_log": lambda settings: float(np.log(_STEPS)),
        "given_exact": lambda settings: _exact_bias(),
        "given_open": lambda settings: _open_bias(),
        "many": lambda settings: MANY,
        "alike_low": lambda settings: float(initial_timescales("forget_bias")[0]),
        "alike_high": lambda settings: float(initial_timescales("forget_bias")[-1]),
        "longest": _longest,
        "chrono_low": lambda settings: float(_chrono_timescales(settings)[0]),
        "chrono_middle": lambda settings: float(np.median(_chrono_timescales(settings))),
        "chrono_high": lambda settings: float(_chrono_timescales(settings)[-1]),
    },
    answers={"layers": _layers, "raised": _raised, "twenty": _twenty},
    exercises={
        "dense_size": NumberAnswer(_size, 0, lambda: mistakes.gate_size(_INPUTS, _WIDTH)),
        "both": NumberAnswer(
            lambda: _timescale(2 * _HALF_BIAS), 0.6, lambda: mistakes.two_biases(_HALF_BIAS)
        ),
        "hundred": NumberAnswer(_exact_bias, 0.05, lambda: mistakes.bias_for(_STEPS)),
        "open_gate": SettingsAnswer(lambda settings: mean_forget(_bias(settings)) > _OPEN),
    },
    links={
        "small": lambda settings: untrained_link("lstm"),
        "chrono": lambda settings: untrained_link("lstm", {"init": "chrono", "gain": "1"}),
    },
)
