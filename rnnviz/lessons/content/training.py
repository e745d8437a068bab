"""Lesson 8: the same input at five moments of training, and a number carried over a gap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from rnnviz.analysis.panels import Panel, panels
from rnnviz.api import trace
from rnnviz.core.arrays import Array
from rnnviz.engine.trace import Trace
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look
from rnnviz.lessons.content import adding_task
from rnnviz.lessons.interactive import Behind, Link, Settings, Slider
from rnnviz.lessons.lesson import Fact
from rnnviz.train.presets import preset
from rnnviz.train.task import Batch
from rnnviz.train.tasks import TASKS
from rnnviz.train.text_tasks import one_hot_sequence

PRESET = "brackets_lstm"
ROWS, SEED = 96, 30
SIGNALS = ("forget", "input", "cell", "probabilities")
MOMENTS = tuple(range(5))
TRAINED = 4


@cache
def at(moment: int) -> Trace:
    """The example, read by the network at one of the five moments."""
    one = preset(PRESET)
    read = one_hot_sequence([one.examples[0]["text"]], one.vocabulary)
    return trace(one.snapshots()[moment].model, read)


@cache
def fresh() -> Batch:
    """Brackets that no network was trained on."""
    return TASKS["brackets"].held_out_batch(np.random.default_rng(SEED), ROWS)


@dataclass(frozen=True)
class Learned:
    """What the network can do at a moment, on the fresh brackets.

    right    share of right answers.
    unit     whose cell state follows the depth best, and `follows`, their correlation.
    opening  what the counter writes, i·g, at an opening bracket on average; `closing`, at others.
    """

    right: float
    unit: int
    follows: float
    opening: float
    closing: float


@cache
def learned(moment: int) -> Learned:
    """Measured at one of the five moments."""
    batch = fresh()
    read = trace(preset(PRESET).snapshots()[moment].model, batch.sequence)
    follows = correlations(read["cell"], batch.targets)
    unit = int(np.argmax(abs(follows)))
    written = (read["input"] * read["candidate"])[..., unit if moment == TRAINED else counter()]
    opens = batch.sequence.values[..., ::2].any(axis=2)
    return Learned(
        TASKS["brackets"].measure(read.outputs, batch),
        unit,
        float(abs(follows[unit])),
        float(written[opens].mean()),
        float(written[~opens].mean()),
    )


def counter() -> int:
    """The trained network's unit that follows the depth best."""
    return learned(TRAINED).unit


def correlations(cell: Array, depth: Array) -> Array:
    """Of each unit's state (time, batch, unit) with the depth (time, batch): (unit,)."""
    flat = cell.reshape(-1, cell.shape[2]).astype(float)
    return np.asarray(np.corrcoef(depth.ravel(), flat, rowvar=False)[0, 1:])


def _gates(settings: Settings, look: Look) -> PlotlyJson:
    view = panels(at(_moment(settings)), SIGNALS)
    shown = tuple(map(_on_one_scale, view.panels))
    return panels_figure(replace(view, panels=shown), look, height=420)


def _on_one_scale(panel: Panel) -> Panel:
    """One scale for all five moments, so that pictures can be compared."""
    if panel.low == 0:
        return replace(panel, high=1.0)
    every = [abs(at(moment)[panel.signal.name]) for moment in MOMENTS]
    # One unit runs away with training; on its scale all others would be white.
    limit = float(np.quantile(every, 0.9))
    return replace(panel, low=-limit, high=limit)


def _moment(settings: Settings) -> int:
    return int(float(settings["moment"] or 0))


def _at_each(name: str, measured: Callable[[int], Fact]) -> dict[str, Callable[[Settings], Fact]]:
    """A fact for each moment: `name_0` to `name_4`."""
    return {f"{name}_{moment}": _always(measured, moment) for moment in MOMENTS}


def _always(measured: Callable[[int], Fact], moment: int) -> Callable[[Settings], Fact]:
    return lambda settings: measured(moment)


def _beats() -> int:
    """None, the LSTM alone, the two with gates, or all three."""
    outcomes = [frozenset(one) for one in ((), ("lstm",), ("lstm", "gru"), ("rnn", "lstm", "gru"))]
    return outcomes.index(adding_task.beaten())


def _n_weights() -> int:
    model = preset(PRESET).model()
    return sum(array.size for layer in model.layers for array in layer.weights.values())


BEHIND = Behind(
    controls=(
        Slider("moment", 0, TRAINED, 1, 0),
        Slider("first", 0, 1, 0.05, 0.6),
        Slider("learned", 0, TRAINED, 1, TRAINED),
    ),
    figures={"gates": _gates, "scatter": adding_task.scatter, "carry": adding_task.carry},
    facts={
        "step": lambda settings: preset(PRESET).kept[_moment(settings)].step,
        "right": lambda settings: learned(_moment(settings)).right,
        "units": lambda settings: preset(PRESET).units,
        "weights": lambda settings: _n_weights(),
        "counter": lambda settings: counter(),
        "rows": lambda settings: ROWS,
        "guess": lambda settings: float(preset(PRESET).chance),
        **_at_each("step", lambda moment: preset(PRESET).kept[moment].step),
        **_at_each("right", lambda moment: learned(moment).right),
        **_at_each("follows", lambda moment: learned(moment).follows),
        **_at_each("opening", lambda moment: learned(moment).opening),
        **_at_each("closing", lambda moment: learned(moment).closing),
        "numbers": lambda settings: adding_task.fresh().sequence.n_steps,
        "trained_steps": lambda settings: preset(adding_task.CARRIES).steps,
        "chance": lambda settings: adding_task.chance(),
        "error_rnn": lambda settings: adding_task.error("rnn"),
        "error_lstm": lambda settings: adding_task.error("lstm"),
        "error_gru": lambda settings: adding_task.error("gru"),
        "miss_lstm": lambda settings: float(np.sqrt(adding_task.error("lstm"))),
        "least_rnn": lambda settings: float(adding_task.answers("rnn").min()),
        "most_rnn": lambda settings: float(adding_task.answers("rnn").max()),
        "gap": lambda settings: adding_task.marks()[1] - adding_task.marks()[0],
        "carrier": lambda settings: adding_task.carrier()[0],
        "carrier_r": lambda settings: adding_task.carrier()[1],
        "forget": lambda settings: adding_task.forget(),
        "tau": lambda settings: float(-1 / np.log(adding_task.forget())),
        "adding_step": lambda settings: (
            preset(adding_task.CARRIES).kept[adding_task.moment(settings)].step
        ),
        "spread_at": lambda settings: adding_task.spread(settings, adding_task.marks()[0]),
        "spread_late": lambda settings: adding_task.spread(settings, adding_task.marks()[1] - 1),
        "simple_at": lambda settings: adding_task.simple_spread(adding_task.marks()[0]),
        "simple_late": lambda settings: adding_task.simple_spread(adding_task.marks()[1] - 1),
        "said": lambda settings: float(adding_task.carried(settings).outputs[-1, -1, 0]),
        "sum": lambda settings: (
            float(settings["first"] or 0)
            + float(adding_task.example()[adding_task.marks()[1], adding_task.VALUE])
        ),
    },
    answers={"beats": _beats},
    links={
        "moment": lambda settings: Link(
            "model", {"model": f"preset:{PRESET}", "moment": str(_moment(settings))}
        ),
        "adding": lambda settings: Link(
            "model",
            {"model": f"preset:{adding_task.CARRIES}", "moment": str(adding_task.moment(settings))},
        ),
        "train": lambda settings: Link("train", {"task": "brackets", "learner": "lstm"}),
    },
    paper={"moment": float(TRAINED)},
)
