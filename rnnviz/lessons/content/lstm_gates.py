"""Lesson 3: each gate of an LSTM taken in hand for a few steps, and then let go."""

from __future__ import annotations

from functools import cache

import numpy as np

from rnnviz.analysis.panels import panels
from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.engine.trace import Trace
from rnnviz.figures.axes import highlight
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look
from rnnviz.inputs.parse import parse
from rnnviz.lessons.content.networks import held, holding
from rnnviz.lessons.interactive import Behind, Link, Setting, Settings, Slider
from rnnviz.network.model import Model
from rnnviz.network.random_model import random_model

TEXT = "The cat sat on the mat."
UNITS, SEED, GAIN = 8, 2, 3
START, STOP = 8, 16  # the steps at which gates are held, as in a slice
PRESET = "adding_lstm"
GATES = ("forget", "input", "output")
KEPT: dict[str, Setting] = {"forget": 1.0, "input": 0.0}
HIDDEN: dict[str, Setting] = KEPT | {"output": 0.0}
GROWN: dict[str, Setting] = {"forget": 1.0, "input": 1.0, "candidate": 1.0}


@cache
def sentence() -> Sequence:
    """What the network reads, a character a step."""
    return parse(TEXT)


@cache
def small() -> Model:
    """An LSTM with random weights, the same as Explore makes, in float64."""
    return random_model(
        "lstm", sentence().n_features, UNITS, seed=SEED, init="xavier", gain=GAIN, dtype=np.float64
    )


def within(**gates: Setting) -> Trace:
    """The network over the sentence, gates held between START and STOP."""
    return held(small(), sentence(), gates, start=START, stop=STOP)


def states(name: str, **gates: Setting) -> Array:
    """A signal (time, unit) of the steps at which gates are held, and of the step before."""
    return np.asarray(within(**gates)[name][START - 1 : STOP, 0])


def change(**gates: Setting) -> float:
    """The largest |c_t − c_{t−1}| while gates are held."""
    return float(abs(np.diff(states("cell", **gates), axis=0)).max())


def from_before(**gates: Setting) -> float:
    """The largest |c_t − i_t ⊙ g_t| while gates are held: what comes from the step before."""
    written = states("input", **gates) * states("candidate", **gates)
    return float(abs(states("cell", **gates) - written)[1:].max())


def between_letters(**gates: Setting) -> float:
    """How far cells at the same letter lie apart while gates are held."""
    x = sentence().values[START:STOP, 0]
    cell = states("cell", **gates)[1:]
    pairs = [(a, b) for a in range(len(x)) for b in range(a) if (x[a] == x[b]).all()]
    return max(float(abs(cell[a] - cell[b]).max()) for a, b in pairs)


def largest(name: str, **gates: Setting) -> float:
    """The largest number of a signal, sign apart, while gates are held."""
    return float(abs(states(name, **gates)[1:]).max())


def _figure(signals: tuple[str, ...], height: int, shown: Trace, look: Look) -> PlotlyJson:
    return panels_figure(panels(shown, signals), look, height=height)


def _free(settings: Settings, look: Look) -> PlotlyJson:
    signals = ("forget", "input", "candidate", "cell", "output", "hidden")
    return _figure(signals, 600, within(), look)


def _memory(settings: Settings, look: Look) -> PlotlyJson:
    signals = ("forget", "input", "candidate", "cell")
    figure = _figure(signals, 390, within(**_written(settings)), look)
    return highlight(figure, START, STOP, look)


def _shown(settings: Settings, look: Look) -> PlotlyJson:
    kept = within(**(KEPT | {"output": settings["output"]}))
    figure = _figure(("cell", "output", "hidden"), 360, kept, look)
    return highlight(figure, START, STOP, look)


def _written(settings: Settings) -> dict[str, Setting]:
    """The settings of what makes the cell; the output gate has its own section."""
    return {name: value for name, value in settings.items() if name != "output"}


def _becomes() -> int:
    """Which it is exactly while forget is 0: nothing, each letter's own, i ⊙ g, or as it was."""
    exact = (
        largest("cell", forget=0.0) == 0,
        between_letters(forget=0.0) == 0,
        from_before(forget=0.0) == 0,
        change(forget=0.0) == 0,
    )
    return exact.index(True)


def _gates() -> Array:
    return np.stack([within()[gate] for gate in GATES])


def _from_first_to_last(**gates: Setting) -> Array:
    """How far every cell moved (unit,) in all the steps at which gates are held."""
    cell = states("cell", **gates)
    return np.asarray(cell[-1] - cell[0])


BEHIND = Behind(
    controls=(
        Slider("forget", 0, 1, 0.05, 0.0, free=True),
        Slider("input", 0, 1, 0.05, None, free=True),
        Slider("candidate", -1, 1, 0.1, None, free=True),
        Slider("output", 0, 1, 0.05, 0.0, free=True),
    ),
    figures={"free": _free, "memory": _memory, "shown": _shown},
    facts={
        "units": lambda settings: UNITS,
        "steps": lambda settings: sentence().n_steps,
        "first": lambda settings: START + 1,
        "last": lambda settings: STOP,
        "before": lambda settings: START,
        "after": lambda settings: STOP + 1,
        "held_steps": lambda settings: STOP - START,
        "gate_low": lambda settings: float(_gates().min()),
        "gate_high": lambda settings: float(_gates().max()),
        "candidate_most": lambda settings: float(abs(within()["candidate"]).max()),
        "cell_most": lambda settings: float(abs(within()["cell"]).max()),
        "hidden_most": lambda settings: float(abs(within()["hidden"]).max()),
        "change": lambda settings: change(**_written(settings)),
        "from_before": lambda settings: from_before(**_written(settings)),
        "erased": lambda settings: from_before(forget=0.0),
        "letters": lambda settings: between_letters(forget=0.0),
        "letters_hidden": lambda settings: between_letters(forget=0.0, output=0.0),
        "kept": lambda settings: change(**KEPT),
        "kept_only": lambda settings: change(forget=1.0),
        "unwritten": lambda settings: float(
            abs(
                states("cell", input=0.0, candidate=1.0) - states("cell", input=0.0, candidate=-1.0)
            ).max()
        ),
        "grown": lambda settings: float(_from_first_to_last(**GROWN).mean()),
        "grown_cell": lambda settings: largest("cell", **GROWN),
        "grown_hidden": lambda settings: largest("hidden", **GROWN),
        "dark_hidden": lambda settings: largest("hidden", **HIDDEN),
        "dark_cell": lambda settings: largest("cell", **HIDDEN),
        "through": lambda settings: float(abs(_from_first_to_last(**HIDDEN)).max()),
        "back": lambda settings: float(abs(within(**HIDDEN)["hidden"][STOP]).max()),
    },
    answers={"becomes": _becomes},
    links={
        "small": lambda settings: Link(
            "explore",
            {"cell": "lstm", "units": str(UNITS), "seed": str(SEED), "text": TEXT}
            | holding(settings, start=START, stop=STOP),
        ),
        "learned": lambda settings: Link("model", {"model": f"preset:{PRESET}"}),
    },
)
