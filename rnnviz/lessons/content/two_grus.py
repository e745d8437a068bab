"""Lesson 6: reset before the product or after it, and other ways to misread the same weights."""

from __future__ import annotations

from functools import cache

import numpy as np

from rnnviz.analysis.difference import MISREAD, RESET_AFTER, RESET_BEFORE, side_by_side
from rnnviz.core.arrays import Array
from rnnviz.core.gate_order import GATE_ORDER
from rnnviz.core.sequence import Sequence
from rnnviz.engine.trace import Trace
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look
from rnnviz.inputs.parse import parse
from rnnviz.lessons.content.networks import held
from rnnviz.lessons.interactive import Behind, Link, Options, Setting, Settings, Slider
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model
from rnnviz.network.random_model import random_model

TEXT = "The cat sat on the mat."
UNITS, SEED, GAIN = 8, 7, 3
HELD = 0.3  # any number but 0 and 1, at which the products are exact
# By option: the cell, and the order in which another library reads PyTorch's rows.
READ = {
    "gru_zrn": ("gru_reset_after", GATE_ORDER["keras"]["gru_reset_after"]),
    "lstm_iofc": ("lstm", GATE_ORDER["onnx"]["lstm"]),
    "lstm_ifco": ("lstm", GATE_ORDER["keras"]["lstm"]),
}


@cache
def sentence() -> Sequence:
    """What all of them read, a character a step."""
    return parse(TEXT)


@cache
def model(cell: str, init: str = "xavier") -> Model:
    """Random weights, the same as Explore makes, in float64; both GRUs have the same ones."""
    return random_model(
        cell, sentence().n_features, UNITS, seed=SEED, init=init, gain=GAIN, dtype=np.float64
    )


def run(own: Model, reset: Setting = None) -> Trace:
    """A network over the sentence, its reset gate held in all units or left alone."""
    return held(own, sentence(), {"reset": reset})


def apart(reset: Setting = None) -> Array:
    """The largest difference of the two GRUs' hidden states at every step (time,)."""
    before, after = (run(model(cell), reset)["hidden"] for cell in ("gru", "gru_reset_after"))
    return np.asarray(abs(before - after).max(axis=(1, 2)))


def gap(one: Model, other: Model) -> float:
    """The largest difference of two networks' hidden states."""
    return float(abs(run(one)["hidden"] - run(other)["hidden"]).max())


def merged(*gates: str) -> Model:
    """The reset-after GRU with two biases, those of these gates added up into one."""
    layer = model("gru_reset_after", "pytorch").layers[0]
    sums = {f"{gate}.b": layer.weights[f"{gate}.b"] + layer.weights[f"{gate}.bh"] for gate in gates}
    zeros = {f"{gate}.bh": np.zeros(UNITS) for gate in gates}
    return _with(layer, {**layer.weights, **sums, **zeros})


def turned() -> Model:
    """The GRU as its update gate reads where z = 1 writes: σ(−a) = 1 − σ(a)."""
    layer = model("gru_reset_after").layers[0]
    flipped = {n: -w for n, w in layer.weights.items() if n.startswith("update.")}
    return _with(layer, {**layer.weights, **flipped})


def reread(option: str) -> Model:
    """PyTorch's rows under the names that another library gives them."""
    cell, read = READ[option]
    written = GATE_ORDER["torch"][cell]
    layer = model(cell).layers[0]
    roles = {name.partition(".")[2] for name in layer.weights}
    pairs = list(zip(read, written, strict=True))
    return _with(
        layer, {f"{r}.{role}": layer.weights[f"{w}.{role}"] for r, w in pairs for role in roles}
    )


def _with(layer: Layer, weights: dict[str, Array]) -> Model:
    return Model((Layer(layer.cell_name, layer.direction, weights),), is_trained=False)


def _misread(option: str) -> float:
    return gap(model(READ[option][0]), reread(option))


def _two(settings: Settings, look: Look) -> PlotlyJson:
    before, after = (run(model(c), settings["reset"]) for c in ("gru", "gru_reset_after"))
    view = side_by_side(before, after, RESET_AFTER, RESET_BEFORE)
    return panels_figure(view, look, height=400)


def _orders(settings: Settings, look: Look) -> PlotlyJson:
    option = str(settings["order"])
    view = side_by_side(run(model(READ[option][0])), run(reread(option)), MISREAD)
    return panels_figure(view, look, height=400)


def _first() -> int:
    """Where they first differ: nowhere, at step 1, at step 2, or later."""
    differing = np.flatnonzero(apart())
    return min(int(differing[0]) + 1, 3) if len(differing) else 0


def _opened(page: str, **choices: str) -> Link:
    return Link(page, {"units": str(UNITS), "seed": str(SEED), "text": TEXT, **choices})


BEHIND = Behind(
    controls=(
        Slider("reset", 0, 1, 0.05, None, free=True),
        Options("order", tuple(READ), "gru_zrn"),
    ),
    figures={"two": _two, "orders": _orders},
    facts={
        "units": lambda settings: UNITS,
        "gap": lambda settings: float(apart(settings["reset"]).max()),
        "gap_free": lambda settings: float(apart().max()),
        "gap_first": lambda settings: float(apart()[0]),
        "gap_second": lambda settings: float(apart()[1]),
        "gap_held": lambda settings: float(apart(HELD).max()),
        "gap_at_1": lambda settings: float(apart(1.0).max()),
        "gap_at_0": lambda settings: float(apart(0.0).max()),
        "held": lambda settings: HELD,
        "merged": lambda settings: gap(model("gru_reset_after", "pytorch"), merged("candidate")),
        "merged_first": lambda settings: float(
            abs(
                run(model("gru_reset_after", "pytorch"))["hidden"]
                - run(merged("candidate"))["hidden"]
            )[0].max()
        ),
        "merged_gates": lambda settings: gap(
            model("gru_reset_after", "pytorch"), merged("reset", "update")
        ),
        "misread": lambda settings: _misread(str(settings["order"])),
        "misread_gru": lambda settings: _misread("gru_zrn"),
        "misread_onnx": lambda settings: _misread("lstm_iofc"),
        "misread_keras": lambda settings: _misread("lstm_ifco"),
        "turned": lambda settings: gap(model("gru_reset_after"), turned()),
    },
    answers={"first": _first},
    links={
        "both": lambda settings: _opened("compare", cells='["gru","gru_reset_after"]'),
        "before": lambda settings: _opened("explore", cell="gru"),
        "after": lambda settings: _opened("explore", cell="gru_reset_after"),
    },
)
