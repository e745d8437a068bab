"""Small random networks that several lessons share, and traces with clamped gates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.engine.api import trace
from rnnviz.engine.trace import Trace
from rnnviz.inputs.parse import parse
from rnnviz.interventions.serialise import to_text
from rnnviz.interventions.types import Clamp
from rnnviz.lessons.interactive import Link, Setting
from rnnviz.network.model import Model
from rnnviz.network.random_model import random_model
from rnnviz.train.presets import preset

LSTM_GATES = ("forget", "input", "candidate", "output")
TEXT = "The cat sat on the mat."
UNITS, SEED, GAIN = 8, 7, 3


@cache
def sentence(text: str = TEXT) -> Sequence:
    """A text as the small networks read it, a character a step."""
    return parse(text)


@lru_cache(maxsize=64)
def small_network(
    cell: str, *, text: str = TEXT, units: int = UNITS, seed: int = SEED, **options: Any
) -> Model:
    """Random network for the characters of a text: the page's weights, in float64."""
    settings = {"init": "xavier", "gain": GAIN, "dtype": np.float64, **options}
    return random_model(cell, sentence(text).n_features, units, seed=seed, **settings)


def untrained_link(
    cell: str,
    choices: Mapping[str, str] = {},
    *,
    text: str = TEXT,
    units: int = UNITS,
    seed: int = SEED,
) -> Link:
    """The page that reads, with a small random network, its text and further choices."""
    network = {
        "model": "untrained",
        "cell": cell,
        "units": str(units),
        "seed": str(seed),
        "text": text,
    }
    return Link("read", {**network, **choices})


def preset_link(name: str, **choices: str) -> Link:
    """The page that reads, with a trained network."""
    return Link("read", {"model": f"preset:{name}"} | choices)


def replace_weights(model: Model, weights: Mapping[str, Array]) -> Model:
    """A model of one layer with some of its weights replaced."""
    layer = model.layers[0]
    return replace(model, layers=(replace(layer, weights={**layer.weights, **weights}),))


def adding_example(name: str) -> Sequence:
    """First example of a network trained on the adding problem: numbers and marks."""
    values = np.asarray(preset(name).examples[0]["numbers"], dtype=np.float32)
    return Sequence(values[:, None], features=("value", "mark"))


def clamped(
    model: Model,
    sequence: Sequence,
    gates: Mapping[str, Setting],
    *,
    start: int | None = None,
    stop: int | None = None,
) -> Trace:
    """Trace with each named gate at its value in all units; None leaves the gate alone.

    start, stop   the steps, as in a slice; None for all.
    """
    return trace(model, sequence, intervene=_clamps(gates, start, stop))


def clamp_choices(
    gates: Mapping[str, Setting], *, start: int | None = None, stop: int | None = None
) -> dict[str, str]:
    """URL parameters that clamp the gates."""
    clamps = _clamps(gates, start, stop)
    return {"do": to_text(clamps)} if clamps else {}


def _clamps(gates: Mapping[str, Setting], start: int | None, stop: int | None) -> list[Clamp]:
    return [
        Clamp(gate, value, start=start, stop=stop)
        for gate, value in gates.items()
        if isinstance(value, float)
    ]


def distance_at_equal_inputs(states: Array, inputs: Array) -> float:
    """Largest difference between states (time, unit) at steps with the same input (time, feature).

    It is 0 when a state depends on its own input alone.
    """
    steps = range(len(inputs))
    pairs = [(a, b) for a in steps for b in range(a) if (inputs[a] == inputs[b]).all()]
    return max(float(abs(states[a] - states[b]).max()) for a, b in pairs)


def gate_at(bias: float) -> float:
    """Value σ(b) of a gate that nothing but its bias moves.

    >>> gate_at(0)
    0.5
    """
    return float(1 / (1 + np.exp(-bias)))
