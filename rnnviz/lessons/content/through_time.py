"""Back-propagation through time, the forget gate's road, truncation and clipping."""

from __future__ import annotations

import numpy as np

from rnnviz.analysis.series import LinePanels, LineSeries
from rnnviz.core.arrays import Array
from rnnviz.engine.gradients import Gradients
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.series import figure as series_figure
from rnnviz.figures.theme import Look
from rnnviz.lessons.content import adding_task as adding
from rnnviz.lessons.content import number_mistakes as mistakes
from rnnviz.lessons.content.adding_gradients import (
    LEARNING,
    TRAINED,
    lstm_at,
    lstm_gradients,
    lstm_trace,
    numbers_read,
    share_at,
    simple_gradients,
    sizes,
)
from rnnviz.lessons.content.carrier_gradient import (
    between_marks,
    carrier_gradient,
    most_left_by_the_gates,
)
from rnnviz.lessons.content.gate_gradients import (
    HALFWAY,
    carrier_share,
    largest_units,
    mean_input_gate,
    sizes_at_marks,
    summed_sizes,
)
from rnnviz.lessons.content.gradient_limits import (
    CLIPPED_ROWS,
    clip_factor,
    clipped_cosine,
    row_norms,
    steps_to_first_mark,
    truncated,
)
from rnnviz.lessons.content.networks import preset_link
from rnnviz.lessons.interactive import (
    LessonCode,
    NumberAnswer,
    Options,
    Settings,
    SettingsAnswer,
    Slider,
    TraceWidget,
    facts_by,
    number,
)
from rnnviz.train.optimiser import MAX_GRADIENT_NORM
from rnnviz.train.presets import preset

_MOMENTS = (0, 1, 2, 3, 4)
_SHARES = (1e-1, 1e-6, 1e-25, 1.0)
WINDOW, SHOWN_UNITS = 50, 8
# Exercises: a forget gate and steps; a gradient and its limit.
ROAD_GATE, ROAD_STEPS = 0.9, 20
STEEP, STEEP_LIMIT = (3, 4), 1


def _moment(settings: Settings) -> int:
    return int(number(settings, "moment"))


def _learned(settings: Settings) -> int:
    return int(number(settings, "learned"))


def _steps_back(settings: Settings) -> int:
    return int(number(settings, "window"))


def _limit(settings: Settings) -> float:
    return number(settings, "limit")


# How far the gradient reaches.


def _shares(found: Gradients, state: str) -> Array:
    return np.log10([share_at(found, state, step) for step in range(numbers_read().n_steps)])


def _reach(settings: Settings, look: Look) -> PlotlyJson:
    at = np.arange(1, numbers_read().n_steps + 1)
    lines = (
        LineSeries("cell", "cell", at, _shares(lstm_gradients(_moment(settings)), "cell")),
        LineSeries("simple", "simple", at, _shares(simple_gradients(), "hidden")),
    )
    return series_figure(LinePanels((lines,), "step", -25, 2, True), look, height=300)


def _left() -> int:
    """Index of the share that is nearest, as a factor, to the one that reaches the first step."""
    left = np.log(share_at(simple_gradients(), "hidden", 0))
    return int(np.argmin(np.abs(np.log(_SHARES) - left)))


# Where the gradient of a gate is large.


def _candidate() -> int:
    """Steps at which the candidate's gradient is large: all, the last ten, the marked, the rest."""
    every = summed_sizes("candidate")
    largest = set(map(int, np.argsort(-every)[: len(adding.marks())]))
    if every.max() < 3 * np.median(every):
        return 0
    if largest == set(adding.marks()):
        return 2
    return 1 if min(largest) >= len(every) - 10 else 3


def _live(settings: Settings) -> TraceWidget:
    return TraceWidget(
        lstm_at(TRAINED),
        lstm_trace(TRAINED),
        signals=("cell", "forget", "candidate", "hidden"),
        units=largest_units(SHOWN_UNITS),
        gradients=lstm_gradients(TRAINED),
    )


# The road along the cell state of one unit.


def _road(settings: Settings, look: Look) -> PlotlyJson:
    total, alone = carrier_gradient(_learned(settings))
    at = np.arange(1, len(total) + 1)
    both = np.append(np.concatenate([total, alone]), 0)
    low, high = 1.1 * float(np.nanmin(both)), 1.1 * float(np.nanmax(both))
    lines = (
        LineSeries("total", "cell", at, total),
        LineSeries("gates", "forget", at, alone, "rule"),
    )
    return series_figure(LinePanels((lines,), "step", low, high), look, height=280)


# Truncation.


def _cut(settings: Settings, look: Look) -> PlotlyJson:
    at = np.arange(1, numbers_read().n_steps + 1)
    whole, short = (
        sizes(lstm_gradients(LEARNING, steps), "cell") for steps in (None, _steps_back(settings))
    )
    lines = (
        LineSeries("whole", "simple", at, whole, "rule"),
        LineSeries("short", "cell", at, short),
    )
    size = 1.1 * float(whole.max())
    return series_figure(LinePanels((lines,), "step", 0, size), look, height=270)


def _truncation() -> int:
    """What is left for the first number: half, a little, nothing, or all."""
    left = truncated(WINDOW)[2] / truncated(numbers_read().n_steps)[2]
    return 2 if left == 0 else 3 if left == 1 else 0 if left > 0.1 else 1


# Clipping.


def _clip(settings: Settings, look: Look) -> PlotlyJson:
    norms, limit = row_norms(), _limit(settings)
    at = np.arange(1, len(norms) + 1)
    after = norms * [clip_factor(one, limit) for one in norms]
    lines = (
        LineSeries("unclipped", "simple", at, norms, "points"),
        LineSeries("clipped", "cell", at, after, "points"),
        LineSeries("limit", "soft", at, np.full(len(at), limit), "rule"),
    )
    size = 1.1 * float(norms.max())
    return series_figure(LinePanels((lines,), "sequence", 0, size), look, height=270)


def clipped_first() -> float:
    """First number of the exercise's gradient after clipping."""
    return STEEP[0] * clip_factor(float(np.hypot(*STEEP)), STEEP_LIMIT)


CODE = LessonCode(
    controls=(
        Options("moment", tuple(map(str, _MOMENTS)), "0"),
        Options("learned", tuple(map(str, _MOMENTS)), str(TRAINED)),
        Slider("window", 1, 100, 1, 20),
        Slider("limit", 0.5, 10, 0.5, 1),
    ),
    figures={"reach": _reach, "road": _road, "cut": _cut, "clip": _clip},
    facts={
        "steps": lambda settings: numbers_read().n_steps,
        "first_mark": lambda settings: adding.marks()[0] + 1,
        "second_mark": lambda settings: adding.marks()[1] + 1,
        "updates": lambda settings: preset(adding.CARRIES).kept[_moment(settings)].step,
        "reaches": lambda settings: share_at(lstm_gradients(_moment(settings)), "cell", 0),
        **facts_by("updates_{}", _MOMENTS, lambda at: preset(adding.CARRIES).kept[at].step),
        **facts_by("reach_{}", _MOMENTS, lambda at: share_at(lstm_gradients(at), "cell", 0)),
        "reach_simple": lambda settings: share_at(simple_gradients(), "hidden", 0),
        "reach_simple_trained": lambda settings: share_at(simple_gradients(True), "hidden", 0),
        "back_steps": lambda settings: numbers_read().n_steps - 1,
        "per_step": lambda settings: float(
            share_at(simple_gradients(), "hidden", 0) ** (1 / (numbers_read().n_steps - 1))
        ),
        "start_open": lambda settings: most_left_by_the_gates(0),
        "gate_marked": lambda settings: mean_input_gate(marked=True),
        "gate_elsewhere": lambda settings: mean_input_gate(marked=False),
        "shown_units": lambda settings: SHOWN_UNITS,
        "halfway": lambda settings: HALFWAY,
        "carrier_share": lambda settings: 100 * carrier_share(),
        "road_start": lambda settings: adding.marks()[1],
        "at_marks": lambda settings: sizes_at_marks("candidate")[0],
        "elsewhere": lambda settings: sizes_at_marks("candidate")[1],
        "unit": lambda settings: adding.carrier()[0],
        "road_steps": lambda settings: adding.marks()[1] - 1 - adding.marks()[0],
        "road_updates": lambda settings: preset(adding.CARRIES).kept[_learned(settings)].step,
        "back": lambda settings: between_marks(_learned(settings))[0],
        "gates": lambda settings: between_marks(_learned(settings))[1],
        **facts_by("back_{}", (0, TRAINED), lambda at: between_marks(at)[0]),
        **facts_by("gates_{}", (0, TRAINED), lambda at: between_marks(at)[1]),
        "window": _steps_back,
        "asked_window": lambda settings: WINDOW,
        "short_norm": lambda settings: 100 * truncated(_steps_back(settings))[0],
        "short_cosine": lambda settings: truncated(_steps_back(settings))[1],
        "short_value": lambda settings: truncated(_steps_back(settings))[2],
        "asked_cosine": lambda settings: truncated(WINDOW)[1],
        "asked_value": lambda settings: truncated(WINDOW)[2],
        "whole_value": lambda settings: truncated(numbers_read().n_steps)[2],
        "to_first": lambda settings: steps_to_first_mark(),
        "rows": lambda settings: CLIPPED_ROWS,
        "limit": lambda settings: f"{_limit(settings):g}",
        "above": lambda settings: int((row_norms() > _limit(settings)).sum()),
        "largest": lambda settings: float(row_norms().max()),
        "used_limit": lambda settings: f"{MAX_GRADIENT_NORM:g}",
        "clip_cosine": lambda settings: clipped_cosine(_limit(settings)),
        "learning_updates": lambda settings: preset(adding.CARRIES).kept[LEARNING].step,
        "road_gate": lambda settings: ROAD_GATE,
        "exercise_steps": lambda settings: ROAD_STEPS,
        "road_left": lambda settings: ROAD_GATE**ROAD_STEPS,
        "steep_one": lambda settings: STEEP[0],
        "steep_two": lambda settings: STEEP[1],
        "steep_limit": lambda settings: STEEP_LIMIT,
        "steep_norm": lambda settings: f"{np.hypot(*STEEP):g}",
        "steep_after": lambda settings: f"{clipped_first():g}",
    },
    answers={"left": _left, "candidate": _candidate, "truncation": _truncation},
    exercises={
        "road": NumberAnswer(
            lambda: ROAD_GATE**ROAD_STEPS, 0.006, lambda: mistakes.road(ROAD_GATE, ROAD_STEPS)
        ),
        "steep": NumberAnswer(clipped_first, 0.001, lambda: mistakes.clipping(*STEEP, STEEP_LIMIT)),
        "shortest": SettingsAnswer(
            lambda settings: _steps_back(settings) == steps_to_first_mark(),
            {
                "long": lambda settings: _steps_back(settings) > steps_to_first_mark(),
                "short": lambda settings: _steps_back(settings) < steps_to_first_mark(),
            },
        ),
    },
    links={
        "carries": lambda settings: preset_link(adding.CARRIES, moment=str(_moment(settings))),
        "fails": lambda settings: preset_link(adding.FAILS),
    },
    widgets={"backward": _live},
    sheet_settings={"moment": str(TRAINED)},
)
