"""The adding problem of lesson 8: three networks on fresh rows, and one number on its way."""

from __future__ import annotations

from functools import cache

import numpy as np

from rnnviz.analysis.scatter import ScatterPanel, ScatterSeries
from rnnviz.analysis.sensitivity import sensitivity
from rnnviz.api import trace
from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.engine.trace import Trace
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.scatter import figure as scatter_figure
from rnnviz.figures.sensitivity import figure as sensitivity_figure
from rnnviz.figures.theme import Look
from rnnviz.lessons.interactive import Settings
from rnnviz.train.presets import preset
from rnnviz.train.task import Batch
from rnnviz.train.tasks import TASKS

CELLS = {"rnn": "hidden", "lstm": "cell", "gru": "update"}  # a name of the theme's colours each
CARRIES, FAILS = "adding_lstm", "adding_rnn"
ROWS, SEED = 256, 40
NUMBERS = (0.0, 0.25, 0.5, 0.75, 1.0)
VALUE, MARK = 0, 1


@cache
def fresh() -> Batch:
    """Rows that no network was trained on."""
    return TASKS["adding"].held_out_batch(np.random.default_rng(SEED), ROWS)


@cache
def answers(cell: str) -> Array:
    """A trained network's answers to the fresh rows (row,)."""
    read = trace(preset(f"adding_{cell}").model(), fresh().sequence)
    return np.asarray(read.outputs[-1, :, 0], float)


def truth() -> Array:
    """The right sums (row,)."""
    return np.asarray(fresh().targets[-1, :, 0])


def error(cell: str) -> float:
    """Mean squared error on the fresh rows."""
    return float(np.mean((answers(cell) - truth()) ** 2))


def chance() -> float:
    """The error of always answering 1, the mean of all sums."""
    return float(np.mean((1 - truth()) ** 2))


def beaten() -> frozenset[str]:
    """The cells whose error is more than a tenth below chance."""
    return frozenset(cell for cell in CELLS if error(cell) < 0.9 * chance())


def scatter(settings: Settings, look: Look) -> PlotlyJson:
    """Answer against truth, a panel a cell."""
    panels = [
        ScatterPanel(
            cell.upper(),
            (ScatterSeries("", shade, truth(), answers(cell)),),
            ((0, 0), (2, 2)),
            -0.1,
            2.1,
        )
        for cell, shade in CELLS.items()
    ]
    x, y = look.word("points.truth"), look.word("points.answer")
    return scatter_figure(panels, look, x=x, y=y)


def example() -> Array:
    """The sequence whose first marked number is changed, (time, feature)."""
    return np.asarray(preset(CARRIES).examples[0]["numbers"], dtype=np.float32)


def marks() -> tuple[int, int]:
    """The two marked steps, counted from 0."""
    first, second = np.flatnonzero(example()[:, MARK])
    return int(first), int(second)


def changed(numbers: tuple[float, ...]) -> Sequence:
    """The example once for each of these as its first marked number, a batch row each."""
    values = np.repeat(example()[:, None], len(numbers), axis=1)
    values[marks()[0], :, VALUE] = numbers
    return Sequence(values, features=("value", "mark"))


def moment(settings: Settings) -> int:
    """Which of the kept moments the reader chose."""
    return int(float(settings["learned"] or 0))


def _first(settings: Settings) -> float:
    return float(settings["first"] or 0)


def carried(settings: Settings) -> Trace:
    """The five numbers and the reader's own, read by the LSTM at the chosen moment."""
    model = preset(CARRIES).snapshots()[moment(settings)].model
    return trace(model, changed((*NUMBERS, _first(settings))))


@cache
def carrier() -> tuple[int, float]:
    """The unit whose cell state before the second mark follows the first number best, and r."""
    read, values = fresh().sequence, fresh().sequence.values
    rows = np.arange(read.n_rows)
    first, second = np.sort(np.argsort(values[:, :, MARK], axis=0)[-2:], axis=0)
    cell = trace(preset(CARRIES).model(), read)["cell"][second - 1, rows].astype(float)
    both = np.corrcoef(values[first, rows, VALUE], cell, rowvar=False)[0, 1:]
    unit = int(np.argmax(abs(both)))
    return unit, float(abs(both[unit]))


def carry(settings: Settings, look: Look) -> PlotlyJson:
    """The carrier's cell state for the five numbers and the reader's."""
    names = (*map("{:g}".format, NUMBERS), f"{_first(settings):g}")
    view = sensitivity(
        carried(settings), "cell", carrier()[0], names, marks=marks(), highlighted=len(NUMBERS)
    )
    return sensitivity_figure(view, look, limits=_limits())


@cache
def _limits() -> tuple[float, float]:
    """One scale for every moment and number."""
    read = changed(NUMBERS)
    snapshots = preset(CARRIES).snapshots()
    every = [trace(one.model, read)["cell"][..., carrier()[0]] for one in snapshots]
    low, high = float(np.min(every)), float(np.max(every))
    return low - 0.1 * (high - low), high + 0.1 * (high - low)


def spread(settings: Settings, step: int) -> float:
    """How far the carrier's states for 0 and for 1 lie apart after a step."""
    cell = carried(settings)["cell"][step, :, carrier()[0]]
    return float(abs(cell[len(NUMBERS) - 1] - cell[0]))


def simple_spread(step: int) -> float:
    """The same of the simple network, in whichever unit it is largest."""
    hidden = trace(preset(FAILS).model(), changed((0.0, 1.0)))["hidden"][step]
    return float(abs(hidden[1] - hidden[0]).max())


def forget() -> float:
    """The trained carrier's mean forget gate between the marks."""
    first, second = marks()
    read = trace(preset(CARRIES).model(), changed((0.5,)))["forget"]
    return float(read[first + 1 : second, 0, carrier()[0]].mean())
