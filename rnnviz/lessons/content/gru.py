"""The gates of a GRU, and the values at which it is a simple network."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from rnnviz.analysis.panels import panels
from rnnviz.analysis.side_by_side import SIMPLE, side_by_side
from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.engine.api import trace
from rnnviz.engine.trace import Trace
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look
from rnnviz.lessons.content import number_mistakes as mistakes
from rnnviz.lessons.content.networks import (
    TEXT,
    UNITS,
    adding_example,
    clamp_choices,
    clamped,
    distance_at_equal_inputs,
    preset_link,
    sentence,
    small_network,
    untrained_link,
)
from rnnviz.lessons.interactive import (
    LessonCode,
    NumberAnswer,
    OptionAnswer,
    Settings,
    SettingsAnswer,
    Slider,
    TraceWidget,
    facts_by,
)
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model
from rnnviz.train.presets import preset

PRESET = "adding_gru"
MARK = 1  # the second feature of the adding problem
N_WATCHED = 8  # units of the trained network that are drawn
GATED = ("lstm", "gru")
UNCLAMPED: Settings = {"reset": None, "update": None}
AS_RNN: Settings = {"reset": 1.0, "update": 0.0}
# The unit of the first exercise.
GIVEN = {"state": 0.6, "update": 0.75, "candidate": -0.2}


@cache
def candidate_rnn_trace() -> Trace:
    """Trace of the simple network with the candidate's weights over the sentence."""
    candidate = small_network("gru").layers[0].weights
    weights = {f"hidden.{role}": candidate[f"candidate.{role}"] for role in ("x", "h", "b")}
    model = Model((Layer("rnn", "forward", weights),), is_trained=False)
    return trace(model, sentence())


def clamped_gru(settings: Settings) -> Trace:
    """Trace of the random GRU over the sentence, gates clamped as set."""
    return clamped(small_network("gru"), sentence(), settings)


@cache
def numbers() -> Sequence:
    """First example of the adding problem that the trained network learned."""
    return adding_example(PRESET)


def adding_gru(settings: Settings = UNCLAMPED) -> Trace:
    """Trace of the trained network over the numbers, gates clamped as set."""
    return clamped(preset(PRESET).model(), numbers(), settings)


def n_cell_weights(cell: str) -> int:
    """Number of weights of the cell, without its readout, that learned to add."""
    layer = preset(f"adding_{cell}").model().layers[0]
    return sum(array.size for array in layer.weights.values())


def distance_to_simple(settings: Settings) -> float:
    """Largest difference between the GRU's hidden states and the simple network's."""
    return float(abs(clamped_gru(settings)["hidden"] - candidate_rnn_trace()["hidden"]).max())


def _memory(settings: Settings, look: Look) -> PlotlyJson:
    view = panels(adding_gru(), ["inputs", "update", "hidden"], units=watched_units())
    inputs, *others = view.panels
    named = replace(inputs, units=tuple(look.word(f"input.adding.{name}") for name in inputs.units))
    return panels_figure(replace(view, panels=(named, *others)), look, height=430)


def _identity(settings: Settings, look: Look) -> PlotlyJson:
    view = side_by_side(clamped_gru(settings), candidate_rnn_trace(), SIMPLE)
    return panels_figure(view, look, height=400)


def _marked() -> Array:
    return numbers().values[:, 0, MARK] > 0


def _fall() -> Array:
    """How far every unit's update gate (unit,) falls at the marked numbers, on average."""
    update = adding_gru()["update"][:, 0]
    return np.asarray(update[~_marked()].mean(0) - update[_marked()].mean(0))


def watched_units() -> tuple[int, ...]:
    """Units whose update gate falls most at the marked numbers, in their order."""
    return tuple(sorted(map(int, np.argsort(-_fall())[:N_WATCHED])))


def _unit() -> int:
    """Unit whose update gate falls most at the marked numbers."""
    return int(np.argmax(_fall()))


def _update(marked: bool) -> float:
    steps = _marked() if marked else ~_marked()
    return float(adding_gru()["update"][steps, 0, _unit()].mean())


def _sum() -> float:
    return float(numbers().values[_marked(), 0, 0].sum())


def _answer(settings: Settings) -> float:
    return float(adding_gru(settings)["outputs"][-1, 0, 0])


def _marks() -> tuple[int, ...]:
    return tuple(int(step) + 1 for step in np.flatnonzero(_marked()))


def _becomes() -> int:
    """Index of the exact outcome: frozen, without memory, the simple network, or none of them."""
    hidden = clamped_gru(AS_RNN)["hidden"][:, 0]
    weights = small_network("gru").layers[0].weights
    x = sentence().values[:, 0]
    outcomes = (
        np.zeros_like(hidden),
        np.tanh(x @ weights["candidate.x"].T + weights["candidate.b"]),
        candidate_rnn_trace()["hidden"][:, 0],
    )
    exact = [bool((hidden == outcome).all()) for outcome in outcomes]
    return exact.index(True) if any(exact) else len(outcomes)


def _distance_at_equal_letters() -> float:
    """Largest difference of states at the same letter, reset and update clamped at 0."""
    hidden = clamped_gru({"reset": 0.0, "update": 0.0})["hidden"][:, 0]
    return distance_at_equal_inputs(hidden, sentence().values[:, 0])


def _repeats() -> int:
    """Index of what the states at equal letters are: equal, different, or 0."""
    hidden = clamped_gru({"reset": 0.0, "update": 0.0})["hidden"]
    if not hidden.any():
        return 2
    return int(_distance_at_equal_letters() > 0)


def _adds() -> int:
    """Index of what becomes of the sum with the gates held: right, wrong, or 0."""
    if _answer(AS_RNN) == 0:
        return 2
    return int(abs(_answer(AS_RNN) - _sum()) > 0.1)


def _mixed() -> float:
    return GIVEN["update"] * GIVEN["state"] + (1 - GIVEN["update"]) * GIVEN["candidate"]


def _half() -> int:
    """First number of steps after which less than half is left at 0.9."""
    return next(k for k in range(1, 100) if 0.9**k < 0.5)


def _depends() -> int:
    """Index of what h_t depends on at reset 0 and update 0.9: x, h or both."""

    def state(x: float, h: float) -> float:
        return float(0.9 * h + (1 - 0.9) * np.tanh(x + 0 * h))

    on_x, on_h = state(0.3, 0.5) != state(0.4, 0.5), state(0.3, 0.5) != state(0.3, 0.6)
    return 2 if on_x and on_h else int(on_h)


CODE = LessonCode(
    controls=(
        Slider("reset", 0, 1, 0.05, None, optional=True),
        Slider("update", 0, 1, 0.05, None, optional=True),
    ),
    figures={"memory": _memory, "identity": _identity},
    facts={
        "text": lambda settings: TEXT,
        "small_units": lambda settings: UNITS,
        **facts_by("n_{}", GATED, n_cell_weights),
        **facts_by("{}_error", GATED, lambda cell: preset(f"adding_{cell}").held_out),
        **facts_by("{}_text", GATED, lambda cell: preset(f"next_character_{cell}").held_out),
        "gap": distance_to_simple,
        "gap_free": lambda settings: distance_to_simple(UNCLAMPED),
        "gap_held": lambda settings: distance_to_simple(AS_RNN),
        "gap_slightly": lambda settings: distance_to_simple({"reset": 1.0, "update": 0.05}),
        "kept": lambda settings: float(
            abs(clamped_gru({"reset": 1.0, "update": 1.0})["hidden"]).max()
        ),
        "unit": lambda settings: _unit(),
        "update_quiet": lambda settings: _update(marked=False),
        "update_marked": lambda settings: _update(marked=True),
        "first_mark": lambda settings: _marks()[0],
        "second_mark": lambda settings: _marks()[1],
        "waiting": lambda settings: _marks()[1] - _marks()[0],
        "between_letters": lambda settings: _distance_at_equal_letters(),
        "n_watched": lambda settings: N_WATCHED,
        "units": lambda settings: adding_gru()["update"].shape[2],
        "sum": lambda settings: _sum(),
        "answer": lambda settings: _answer(UNCLAMPED),
        "answer_simple": lambda settings: _answer(AS_RNN),
        "steps": lambda settings: numbers().n_steps,
        **facts_by("given_{}", GIVEN, GIVEN.__getitem__),
        "mixed": lambda settings: _mixed(),
        "half": lambda settings: _half(),
    },
    answers={"becomes": _becomes, "repeats": _repeats, "adds": _adds},
    exercises={
        "mixture": NumberAnswer(_mixed, mistakes=lambda: mistakes.mixture(**GIVEN)),
        "corner": SettingsAnswer(
            lambda settings: distance_to_simple(settings) == 0,
            {
                "kept": lambda settings: settings["update"] == 1,
                "mixed": lambda settings: settings["update"] != 0,
                "reset": lambda settings: settings["reset"] != 1,
            },
        ),
        "half": NumberAnswer(_half, 0, lambda: {"early": _half() - 1}),
        "reset_closed": OptionAnswer(_depends),
    },
    widgets={
        "cell": lambda settings: TraceWidget(small_network("gru"), clamped_gru(UNCLAMPED)),
    },
    links={
        "small": lambda settings: untrained_link("gru", clamp_choices(settings)),
        "learned": lambda settings: preset_link(PRESET),
    },
    sheet_settings=AS_RNN,
)
