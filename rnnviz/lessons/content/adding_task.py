"""The adding problem: errors of four networks, and a number carried over time."""

from __future__ import annotations

from functools import cache

import numpy as np

from rnnviz.analysis.scatter import ScatterPanel, ScatterSeries
from rnnviz.analysis.sensitivity import sensitivity
from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.engine.api import trace
from rnnviz.engine.trace import Trace
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.scatter import figure as scatter_figure
from rnnviz.figures.sensitivity import figure as sensitivity_figure
from rnnviz.figures.theme import Look
from rnnviz.lessons.content.networks import adding_example
from rnnviz.lessons.interactive import Settings, number
from rnnviz.train.presets import preset
from rnnviz.train.task import Batch
from rnnviz.train.tasks import TASKS

# By preset, without "adding_": a name of the theme's colours.
COMPARED = {"rnn": "hidden", "rnn_identity": "forget", "lstm": "cell", "gru": "update"}
ASKED = ("rnn", "lstm", "gru")
CARRIES, FAILS, KEEPS = "adding_lstm", "adding_rnn", "adding_rnn_identity"
_LAST_MOMENT = 4
ROWS, SEED = 256, 40
WRITTEN_NUMBERS = (0.0, 0.25, 0.5, 0.75, 1.0)
VALUE, MARK = 0, 1


@cache
def adding_batch() -> Batch:
    """Held-out rows of the adding problem."""
    return TASKS["adding"].held_out_batch(np.random.default_rng(SEED), ROWS)


@cache
def adding_outputs(name: str) -> Array:
    """Outputs of a trained network on the held-out rows (row,)."""
    return _outputs(name, adding_batch().sequence)


def _outputs(name: str, sequence: Sequence) -> Array:
    read = trace(preset(f"adding_{name}").model(), sequence)
    return np.asarray(read.outputs[-1, :, 0], float)


def true_sums() -> Array:
    """Targets of the held-out rows (row,)."""
    return np.asarray(adding_batch().targets[-1, :, 0])


def adding_error(name: str) -> float:
    """Mean squared error on the held-out rows."""
    return float(np.mean((adding_outputs(name) - true_sums()) ** 2))


def chance_error() -> float:
    """Error of the constant 1, the mean of all sums."""
    return float(np.mean((1 - true_sums()) ** 2))


def better_than_chance() -> frozenset[str]:
    """Networks of the question whose error is more than a tenth below chance."""
    return frozenset(name for name in ASKED if adding_error(name) < 0.9 * chance_error())


def batch_marks() -> Array:
    """Steps of the two marks in each held-out row, (2, row)."""
    marks = adding_batch().sequence.values[:, :, MARK]
    return np.sort(np.argsort(marks, axis=0)[-2:], axis=0)


@cache
def late_answers(back: int) -> tuple[Array, Array]:
    """Held-out rows with the second mark moved to `back` steps before the end: the number that
    stands there, and the simple network's answer, (row,) each."""
    values = adding_batch().sequence.values.copy()
    values[batch_marks()[1], np.arange(ROWS), MARK] = 0
    values[-1 - back, :, MARK] = 1
    return values[-1 - back, :, VALUE], _outputs("rnn", Sequence(values))


def late_r(back: int) -> float:
    """Correlation of the simple network's answer with a number marked so close to the end."""
    return float(np.corrcoef(*late_answers(back))[0, 1])


def adding_scatter(settings: Settings, look: Look) -> PlotlyJson:
    """Output against target, a panel a network; apart, where the last step is marked."""
    panels = [
        ScatterPanel(
            look.word(f"points.{name}"), _points(name, shade, look), ((0, 0), (2, 2)), -0.1, 2.1
        )
        for name, shade in COMPARED.items()
    ]
    x, y = look.word("points.truth"), look.word("points.answer")
    return scatter_figure(panels, look, x=x, y=y)


def _points(name: str, shade: str, look: Look) -> tuple[ScatterSeries, ...]:
    late = batch_marks()[1] == adding_batch().sequence.n_steps - 1
    answers, sums = adding_outputs(name), true_sums()
    if name != "rnn":
        return (ScatterSeries("", shade, sums, answers),)
    return (
        ScatterSeries(look.word("points.earlier"), shade, sums[~late], answers[~late]),
        ScatterSeries(look.word("points.late"), "gap", sums[late], answers[late]),
    )


def example() -> Array:
    """Sequence whose first marked number is changed, (time, feature)."""
    return adding_example(CARRIES).values[:, 0]


def marks() -> tuple[int, int]:
    """The two marked steps, counted from 0."""
    first, second = np.flatnonzero(example()[:, MARK])
    return int(first), int(second)


def with_first_number(numbers: tuple[float, ...]) -> Sequence:
    """The example with each of these as its first marked number, a batch row each."""
    values = np.repeat(example()[:, None], len(numbers), axis=1)
    values[marks()[0], :, VALUE] = numbers
    return Sequence(values, features=("value", "mark"))


def adding_moment(settings: Settings) -> int:
    """Chosen moment of training."""
    return int(number(settings, "learned"))


def _first(settings: Settings) -> float:
    return number(settings, "first")


def carry_trace(settings: Settings) -> Trace:
    """Trace of the LSTM at the chosen moment, for the five numbers and the reader's."""
    model = preset(CARRIES).snapshots()[adding_moment(settings)].model
    return trace(model, with_first_number((*WRITTEN_NUMBERS, _first(settings))))


def target_sum(settings: Settings) -> float:
    """Sum of the reader's number and the second marked one."""
    return _first(settings) + float(example()[marks()[1], VALUE])


@cache
def carrier() -> tuple[int, float]:
    """Unit whose cell state before the second mark correlates most with the first number, and r."""
    read, values = adding_batch().sequence, adding_batch().sequence.values
    rows = np.arange(read.n_rows)
    first, second = batch_marks()
    cell = trace(preset(CARRIES).model(), read)["cell"][second - 1, rows].astype(float)
    both = np.corrcoef(values[first, rows, VALUE], cell, rowvar=False)[0, 1:]
    unit = int(np.argmax(abs(both)))
    return unit, float(both[unit])


def carry_figure(settings: Settings, look: Look) -> PlotlyJson:
    """Cell state of the carrier for the five numbers and the reader's."""
    names = (*map("{:g}".format, WRITTEN_NUMBERS), f"{_first(settings):g}")
    view = sensitivity(
        carry_trace(settings),
        "cell",
        carrier()[0],
        names,
        marks=marks(),
        highlighted=len(WRITTEN_NUMBERS),
    )
    return sensitivity_figure(view, look, limits=_limits())


@cache
def _limits() -> tuple[float, float]:
    """Axis limits that hold every moment and number."""
    read = with_first_number(WRITTEN_NUMBERS)
    snapshots = preset(CARRIES).snapshots()
    every = [trace(one.model, read)["cell"][..., carrier()[0]] for one in snapshots]
    low, high = float(np.min(every)), float(np.max(every))
    return low - 0.1 * (high - low), high + 0.1 * (high - low)


def carrier_spread(settings: Settings, step: int) -> float:
    """Distance of the carrier's states for the numbers 0 and 1 after a step."""
    cell = carry_trace(settings)["cell"][step, :, carrier()[0]]
    return float(abs(cell[len(WRITTEN_NUMBERS) - 1] - cell[0]))


def simple_spread(step: int, name: str = FAILS) -> float:
    """Largest distance of a simple network's states for the numbers 0 and 1 after a step."""
    hidden = trace(preset(name).model(), with_first_number((0.0, 1.0)))["hidden"][step]
    return float(abs(hidden[1] - hidden[0]).max())


def carrier_forget() -> float:
    """Mean forget gate of the trained carrier between the marks."""
    first, second = marks()
    read = trace(preset(CARRIES).model(), with_first_number((0.5,)))["forget"]
    return float(read[first + 1 : second, 0, carrier()[0]].mean())


def fan_timescale() -> float:
    """Steps after which the trained carrier's fan between the marks is down to 1/e."""
    first, second = marks()
    trained = {"learned": float(_LAST_MOMENT), "first": 0.5}
    at, late = (carrier_spread(trained, step) for step in (first, second - 1))
    return float((second - 1 - first) / np.log(at / late))
