"""The adding problem of lesson 8: errors of three networks, and a number carried over time."""

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

COMPARED_CELLS = {
    "rnn": "hidden",
    "lstm": "cell",
    "gru": "update",
}  # a name of the theme's colours each
CARRIES, FAILS = "adding_lstm", "adding_rnn"
ROWS, SEED = 256, 40
WRITTEN_NUMBERS = (0.0, 0.25, 0.5, 0.75, 1.0)
VALUE, MARK = 0, 1


@cache
def adding_batch() -> Batch:
    """Held-out rows of the adding problem."""
    return TASKS["adding"].held_out_batch(np.random.default_rng(SEED), ROWS)


@cache
def adding_outputs(cell: str) -> Array:
    """Outputs of a trained network on the held-out rows (row,)."""
    read = trace(preset(f"adding_{cell}").model(), adding_batch().sequence)
    return np.asarray(read.outputs[-1, :, 0], float)


def true_sums() -> Array:
    """Targets of the held-out rows (row,)."""
    return np.asarray(adding_batch().targets[-1, :, 0])


def adding_error(cell: str) -> float:
    """Mean squared error on the held-out rows."""
    return float(np.mean((adding_outputs(cell) - true_sums()) ** 2))


def chance_error() -> float:
    """Error of the constant 1, the mean of all sums."""
    return float(np.mean((1 - true_sums()) ** 2))


def better_than_chance() -> frozenset[str]:
    """Cells whose error is more than a tenth below chance."""
    return frozenset(cell for cell in COMPARED_CELLS if adding_error(cell) < 0.9 * chance_error())


def adding_scatter(settings: Settings, look: Look) -> PlotlyJson:
    """Output against target, a panel a cell."""
    panels = [
        ScatterPanel(
            cell.upper(),
            (ScatterSeries("", shade, true_sums(), adding_outputs(cell)),),
            ((0, 0), (2, 2)),
            -0.1,
            2.1,
        )
        for cell, shade in COMPARED_CELLS.items()
    ]
    x, y = look.word("points.truth"), look.word("points.answer")
    return scatter_figure(panels, look, x=x, y=y)


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
    first, second = np.sort(np.argsort(values[:, :, MARK], axis=0)[-2:], axis=0)
    cell = trace(preset(CARRIES).model(), read)["cell"][second - 1, rows].astype(float)
    both = np.corrcoef(values[first, rows, VALUE], cell, rowvar=False)[0, 1:]
    unit = int(np.argmax(abs(both)))
    return unit, float(abs(both[unit]))


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


def simple_spread(step: int) -> float:
    """Largest distance of a simple network's states for the numbers 0 and 1 after a step."""
    hidden = trace(preset(FAILS).model(), with_first_number((0.0, 1.0)))["hidden"][step]
    return float(abs(hidden[1] - hidden[0]).max())


def carrier_forget() -> float:
    """Mean forget gate of the trained carrier between the marks."""
    first, second = marks()
    read = trace(preset(CARRIES).model(), with_first_number((0.5,)))["forget"]
    return float(read[first + 1 : second, 0, carrier()[0]].mean())
