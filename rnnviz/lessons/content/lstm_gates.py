"""Lesson 3: each gate of an LSTM clamped for a few steps, and then let go."""

from __future__ import annotations

import numpy as np

from rnnviz.analysis.panels import panels
from rnnviz.core.arrays import Array
from rnnviz.engine.trace import Trace
from rnnviz.figures.axes import highlight
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look
from rnnviz.lessons.content.networks import (
    UNITS,
    clamp_choices,
    clamped,
    distance_at_equal_inputs,
    preset_link,
    sentence,
    small_network,
    untrained_link,
)
from rnnviz.lessons.interactive import LessonCode, Setting, Settings, Slider
from rnnviz.network.model import Model

SEED = 2
START, STOP = 8, 16  # the steps at which gates are clamped, as in a slice
PRESET = "adding_lstm"
CLAMPED_GATES = ("forget", "input", "output")
KEPT: dict[str, Setting] = {"forget": 1.0, "input": 0.0}
HIDDEN: dict[str, Setting] = KEPT | {"output": 0.0}
GROWN: dict[str, Setting] = {"forget": 1.0, "input": 1.0, "candidate": 1.0}


def lstm() -> Model:
    """LSTM with random weights."""
    return small_network("lstm", seed=SEED)


def clamped_lstm(**gates: Setting) -> Trace:
    """Trace over the sentence, gates clamped between START and STOP."""
    return clamped(lstm(), sentence(), gates, start=START, stop=STOP)


def clamped_signal(name: str, **gates: Setting) -> Array:
    """A signal (time, unit) at the steps with clamped gates and at the step before."""
    return np.asarray(clamped_lstm(**gates)[name][START - 1 : STOP, 0])


def largest_change(**gates: Setting) -> float:
    """Largest |c_t − c_{t−1}| while gates are clamped."""
    return float(abs(np.diff(clamped_signal("cell", **gates), axis=0)).max())


def largest_carried(**gates: Setting) -> float:
    """Largest |c_t − i_t ⊙ g_t| while gates are clamped: the part of the step before."""
    written = clamped_signal("input", **gates) * clamped_signal("candidate", **gates)
    return float(abs(clamped_signal("cell", **gates) - written)[1:].max())


def distance_at_equal_letters(**gates: Setting) -> float:
    """Largest difference of cell states at the same letter while gates are clamped."""
    cell = clamped_signal("cell", **gates)[1:]
    return distance_at_equal_inputs(cell, sentence().values[START:STOP, 0])


def largest_size(name: str, **gates: Setting) -> float:
    """Largest absolute value of a signal while gates are clamped."""
    return float(abs(clamped_signal(name, **gates)[1:]).max())


def _draw(signals: tuple[str, ...], height: int, shown: Trace, look: Look) -> PlotlyJson:
    return panels_figure(panels(shown, signals), look, height=height)


def _free(settings: Settings, look: Look) -> PlotlyJson:
    signals = ("forget", "input", "candidate", "cell", "output", "hidden")
    return _draw(signals, 600, clamped_lstm(), look)


def _memory(settings: Settings, look: Look) -> PlotlyJson:
    signals = ("forget", "input", "candidate", "cell")
    figure = _draw(signals, 390, clamped_lstm(**_written(settings)), look)
    return highlight(figure, START, STOP, look)


def _shown(settings: Settings, look: Look) -> PlotlyJson:
    kept = clamped_lstm(**(KEPT | {"output": settings["output"]}))
    figure = _draw(("cell", "output", "hidden"), 360, kept, look)
    return highlight(figure, START, STOP, look)


def _written(settings: Settings) -> dict[str, Setting]:
    """Settings of the gates of the cell state; the output gate has its own section."""
    return {name: value for name, value in settings.items() if name != "output"}


def _becomes() -> int:
    """Index of the exact cell state with forget 0: 0, one per letter, i ⊙ g, or unchanged."""
    exact = (
        largest_size("cell", forget=0.0) == 0,
        distance_at_equal_letters(forget=0.0) == 0,
        largest_carried(forget=0.0) == 0,
        largest_change(forget=0.0) == 0,
    )
    return exact.index(True)


def _gates() -> Array:
    return np.stack([clamped_lstm()[gate] for gate in CLAMPED_GATES])


def _effect_of_candidate(**gates: Setting) -> float:
    """Largest difference of cell states between candidate 1 and candidate −1."""
    high, low = (clamped_signal("cell", candidate=value, **gates) for value in (1.0, -1.0))
    return float(abs(high - low).max())


def _from_first_to_last(**gates: Setting) -> Array:
    """Change of every cell state (unit,) over all steps with clamped gates."""
    cell = clamped_signal("cell", **gates)
    return np.asarray(cell[-1] - cell[0])


CODE = LessonCode(
    controls=(
        Slider("forget", 0, 1, 0.05, 0.0, optional=True),
        Slider("input", 0, 1, 0.05, None, optional=True),
        Slider("candidate", -1, 1, 0.1, None, optional=True),
        Slider("output", 0, 1, 0.05, 0.0, optional=True),
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
        "candidate_most": lambda settings: float(abs(clamped_lstm()["candidate"]).max()),
        "cell_most": lambda settings: float(abs(clamped_lstm()["cell"]).max()),
        "hidden_most": lambda settings: float(abs(clamped_lstm()["hidden"]).max()),
        "change": lambda settings: largest_change(**_written(settings)),
        "from_before": lambda settings: largest_carried(**_written(settings)),
        "erased": lambda settings: largest_carried(forget=0.0),
        "letters": lambda settings: distance_at_equal_letters(forget=0.0),
        "letters_hidden": lambda settings: distance_at_equal_letters(forget=0.0, output=0.0),
        "kept": lambda settings: largest_change(**KEPT),
        "kept_only": lambda settings: largest_change(forget=1.0),
        "unwritten": lambda settings: _effect_of_candidate(input=0.0),
        "grown": lambda settings: float(_from_first_to_last(**GROWN).mean()),
        "grown_cell": lambda settings: largest_size("cell", **GROWN),
        "grown_hidden": lambda settings: largest_size("hidden", **GROWN),
        "dark_hidden": lambda settings: largest_size("hidden", **HIDDEN),
        "dark_cell": lambda settings: largest_size("cell", **HIDDEN),
        "through": lambda settings: float(abs(_from_first_to_last(**HIDDEN)).max()),
        "back": lambda settings: float(abs(clamped_lstm(**HIDDEN)["hidden"][STOP]).max()),
    },
    answers={"becomes": _becomes},
    links={
        "small": lambda settings: untrained_link(
            "lstm", clamp_choices(settings, start=START, stop=STOP), seed=SEED
        ),
        "learned": lambda settings: preset_link(PRESET),
    },
)
