"""Reset before the product or after it, and other ways to misread the same weights."""

from __future__ import annotations

import numpy as np

from rnnviz.analysis.side_by_side import MISREAD, RESET_AFTER, RESET_BEFORE, side_by_side
from rnnviz.core.arrays import Array
from rnnviz.core.gate_order import GATE_ORDER
from rnnviz.engine.api import trace
from rnnviz.engine.trace import Trace
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look
from rnnviz.lessons.content import number_mistakes as mistakes
from rnnviz.lessons.content.networks import (
    SEED,
    TEXT,
    UNITS,
    clamped,
    replace_weights,
    sentence,
    small_network,
    untrained_link,
)
from rnnviz.lessons.interactive import (
    LessonCode,
    Link,
    NumberAnswer,
    Options,
    Setting,
    Settings,
    SettingsAnswer,
    Slider,
    TraceWidget,
    facts_by,
)
from rnnviz.network.model import Model

CLAMPED = 0.3  # any number but 0 and 1, where the products are exact
_ALSO_CLAMPED = 0.5
_RAISED = 6  # added to all reset biases, so that the gates are near 1
_SIGNALS = ("reset", "update", "candidate", "hidden")
# Of the exercises: two units' old states, reset gates and weights to unit 1, and a weighted sum.
_GIVEN = {"h1": 0.5, "h2": 0.4, "r1": 0.2, "r2": 1.0, "w1": 2.0, "w2": 1.0}
_SUM = 2.0
GRUS = ("gru", "gru_reset_after")
# By option: the cell, and the gate order in which another library reads PyTorch's rows.
MISREADINGS = {
    "gru_zrn": ("gru_reset_after", GATE_ORDER["keras"]["gru_reset_after"]),
    "lstm_iofc": ("lstm", GATE_ORDER["onnx"]["lstm"]),
    "lstm_ifco": ("lstm", GATE_ORDER["keras"]["lstm"]),
}


def reset_trace(model: Model, reset: Setting = None) -> Trace:
    """Trace over the sentence, the reset gate clamped or free."""
    return clamped(model, sentence(), {"reset": reset})


def gru_distance(reset: Setting = None) -> Array:
    """Largest difference of the two GRUs' hidden states at every step (time,)."""
    before, after = (reset_trace(small_network(cell), reset)["hidden"] for cell in GRUS)
    return np.asarray(abs(before - after).max(axis=(1, 2)))


def raised_reset(cell: str) -> Trace:
    """Trace of one of the two GRUs with its reset gates near 1."""
    model = small_network(cell)
    bias = model.layers[0].weights["reset.b"] + _RAISED
    return reset_trace(replace_weights(model, {"reset.b": bias}))


def _near_gap() -> float:
    before, after = (raised_reset(cell)["hidden"] for cell in GRUS)
    return float(abs(before - after).max())


def model_distance(one: Model, other: Model) -> float:
    """Largest difference of two networks' hidden states."""
    return float(abs(reset_trace(one)["hidden"] - reset_trace(other)["hidden"]).max())


def gru_with_biases() -> Model:
    """Reset-after GRU with PyTorch's two random biases."""
    return small_network("gru_reset_after", init="pytorch")


def merged_biases(*gates: str) -> Model:
    """Reset-after GRU whose two biases of these gates are added up into one."""
    model = gru_with_biases()
    weights = model.layers[0].weights
    sums = {f"{gate}.b": weights[f"{gate}.b"] + weights[f"{gate}.bh"] for gate in gates}
    return replace_weights(model, sums | {f"{gate}.bh": np.zeros(UNITS) for gate in gates})


def negated_update() -> Model:
    """Reset-after GRU for a z of 1 that writes: σ(−a) = 1 − σ(a)."""
    model = small_network("gru_reset_after")
    weights = model.layers[0].weights
    return replace_weights(model, {n: -w for n, w in weights.items() if n.startswith("update.")})


def misread_model(option: str) -> Model:
    """Model with PyTorch's rows under the gate names of another library."""
    cell, read = MISREADINGS[option]
    model = small_network(cell)
    weights = model.layers[0].weights
    roles = {name.partition(".")[2] for name in weights}
    pairs = list(zip(read, GATE_ORDER["torch"][cell], strict=True))
    return replace_weights(
        model, {f"{r}.{role}": weights[f"{w}.{role}"] for r, w in pairs for role in roles}
    )


def _misread_distance(option: str) -> float:
    return model_distance(small_network(MISREADINGS[option][0]), misread_model(option))


def _first_difference(merged: Model) -> float:
    """Largest difference at the first step of the GRU with biases and one with merged biases."""
    one, other = (reset_trace(model)["hidden"][0] for model in (gru_with_biases(), merged))
    return float(abs(one - other).max())


def _two(settings: Settings, look: Look) -> PlotlyJson:
    before, after = (reset_trace(small_network(cell), settings["reset"]) for cell in GRUS)
    view = side_by_side(before, after, RESET_AFTER, RESET_BEFORE)
    return panels_figure(view, look, height=400)


def _orders(settings: Settings, look: Look) -> PlotlyJson:
    option = str(settings["order"])
    right, misread = small_network(MISREADINGS[option][0]), misread_model(option)
    view = side_by_side(reset_trace(right), reset_trace(misread), MISREAD)
    return panels_figure(view, look, height=400)


def _cell(settings: Settings) -> TraceWidget:
    """The chosen form, step by step."""
    model = small_network(str(settings["form"]))
    return TraceWidget(model, trace(model, sentence(), preactivations=True), signals=_SIGNALS)


def _hold() -> int:
    """Difference with held gates against free ones: rounding, about half, about the same."""
    share = float(gru_distance(_ALSO_CLAMPED).max() / gru_distance().max())
    return int(share > 1e-9) + int(share > 0.75)


def _merge() -> int:
    """Parts whose biases may be added up: none, the two gates, all three."""
    own = gru_with_biases()
    parts = (("reset", "update"), ("candidate",))
    return sum(model_distance(own, merged_biases(*gates)) < 1e-9 for gates in parts)


def _given_before() -> float:
    g = _GIVEN
    return g["w1"] * g["r1"] * g["h1"] + g["w2"] * g["r2"] * g["h2"]


def _given_after() -> float:
    g = _GIVEN
    return g["r1"] * (g["w1"] * g["h1"] + g["w2"] * g["h2"])


def _agrees(settings: Settings) -> bool:
    return bool(gru_distance(settings["reset"]).max() < 1e-9)


def _first() -> int:
    """First difference of the GRUs: nowhere, at step 1, at step 2, or later."""
    differing = np.flatnonzero(gru_distance())
    return min(int(differing[0]) + 1, 3) if len(differing) else 0


CODE = LessonCode(
    controls=(
        Options("form", GRUS, "gru"),
        Slider("reset", 0, 1, 0.05, None, optional=True),
        Options("order", tuple(MISREADINGS), "gru_zrn"),
    ),
    widgets={"cell": _cell},
    figures={"two": _two, "orders": _orders},
    facts={
        "units": lambda settings: UNITS,
        "gap": lambda settings: float(gru_distance(settings["reset"]).max()),
        "gap_free": lambda settings: float(gru_distance().max()),
        "gap_first": lambda settings: float(gru_distance()[0]),
        "gap_second": lambda settings: float(gru_distance()[1]),
        "gap_held": lambda settings: float(gru_distance(CLAMPED).max()),
        "gap_at_1": lambda settings: float(gru_distance(1.0).max()),
        "gap_at_0": lambda settings: float(gru_distance(0.0).max()),
        "gap_half": lambda settings: float(gru_distance(_ALSO_CLAMPED).max()),
        "near_gap": lambda settings: _near_gap(),
        "near_mean": lambda settings: float(raised_reset("gru")["reset"].mean()),
        **facts_by("given_{}", _GIVEN, _GIVEN.__getitem__),
        "given_before": lambda settings: _given_before(),
        "given_after": lambda settings: _given_after(),
        "given_sum": lambda settings: _SUM,
        "given_turned": lambda settings: -_SUM,
        "held": lambda settings: CLAMPED,
        "merged": lambda settings: model_distance(gru_with_biases(), merged_biases("candidate")),
        "merged_first": lambda settings: _first_difference(merged_biases("candidate")),
        "merged_gates": lambda settings: model_distance(
            gru_with_biases(), merged_biases("reset", "update")
        ),
        "misread": lambda settings: _misread_distance(str(settings["order"])),
        "misread_gru": lambda settings: _misread_distance("gru_zrn"),
        "misread_onnx": lambda settings: _misread_distance("lstm_iofc"),
        "misread_keras": lambda settings: _misread_distance("lstm_ifco"),
        "turned": lambda settings: model_distance(
            small_network("gru_reset_after"), negated_update()
        ),
    },
    answers={"first": _first, "hold": _hold, "merge": _merge},
    exercises={
        "before": NumberAnswer(_given_before, mistakes=lambda: mistakes.reset_before(**_GIVEN)),
        "after": NumberAnswer(_given_after, mistakes=lambda: mistakes.reset_after(**_GIVEN)),
        "agree": SettingsAnswer(_agrees),
        "sign": NumberAnswer(lambda: -_SUM, 0, lambda: mistakes.turned_sign(_SUM)),
    },
    links={
        "both": lambda settings: Link(
            "compare",
            {
                "cells": '["gru","gru_reset_after"]',
                "units": str(UNITS),
                "seed": str(SEED),
                "text": TEXT,
            },
        ),
        "before": lambda settings: untrained_link("gru"),
        "after": lambda settings: untrained_link("gru_reset_after"),
    },
)
