"""One input at five moments of training, and a number carried over a gap."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from rnnviz.analysis.panels import Panel, panels
from rnnviz.engine.api import trace
from rnnviz.engine.trace import Trace
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look
from rnnviz.lessons.content import adding_task as adding
from rnnviz.lessons.content import number_mistakes as mistakes
from rnnviz.lessons.content.networks import preset_link
from rnnviz.lessons.content.text_probes import correlations
from rnnviz.lessons.interactive import (
    LessonCode,
    Link,
    NumberAnswer,
    Settings,
    SettingsAnswer,
    Slider,
    facts_by,
    number,
)
from rnnviz.train.presets import preset
from rnnviz.train.task import Batch
from rnnviz.train.tasks import TASKS
from rnnviz.train.text_tasks import one_hot_sequence

PRESET = "brackets_lstm"
ROWS, SEED = 96, 30
SHOWN_SIGNALS = ("forget", "input", "cell", "probabilities")
MOMENTS = tuple(range(5))
TRAINED = 4
_GIVEN_GATE = 0.99  # of an exercise


@cache
def moment_trace(moment: int) -> Trace:
    """Trace of the example at one of the five moments."""
    one = preset(PRESET)
    read = one_hot_sequence([one.examples[0]["text"]], one.vocabulary)
    return trace(one.snapshots()[moment].model, read)


@cache
def brackets_batch() -> Batch:
    """Held-out brackets."""
    return TASKS["brackets"].held_out_batch(np.random.default_rng(SEED), ROWS)


@dataclass(frozen=True)
class BracketsResult:
    """Skill of the network at a moment, on the held-out brackets.

    accuracy  share of right answers.
    unit      whose cell state correlates most with the depth, and `depth_r`, that correlation.
    opening   mean change of the counter's cell state at opening brackets, from the second step
              on; `closing`, at closing ones.
    written   mean i·g of the counter at opening and at closing brackets.
    forget    mean forget gate of the counter.
    """

    accuracy: float
    unit: int
    depth_r: float
    opening: float
    closing: float
    written: tuple[float, float]
    forget: float


@cache
def brackets_result(moment: int) -> BracketsResult:
    """Result at one of the five moments."""
    batch = brackets_batch()
    read = trace(preset(PRESET).snapshots()[moment].model, batch.sequence)
    cell = read["cell"].reshape(-1, read["cell"].shape[2]).astype(float)
    depth_r = correlations(cell, batch.targets.ravel())
    unit = int(np.argmax(abs(depth_r)))
    watched = unit if moment == TRAINED else counter()
    written = (read["input"] * read["candidate"])[..., watched]
    change = np.diff(read["cell"][..., watched], axis=0)
    opens = np.asarray(batch.sequence.values[..., ::2].any(axis=2))
    return BracketsResult(
        TASKS["brackets"].measure(read.outputs, batch),
        unit,
        float(depth_r[unit]),
        float(change[opens[1:]].mean()),
        float(change[~opens[1:]].mean()),
        (float(written[opens].mean()), float(written[~opens].mean())),
        float(read["forget"][..., watched].mean()),
    )


def counter() -> int:
    """Unit of the trained network that correlates most with the depth."""
    return brackets_result(TRAINED).unit


def _gates(settings: Settings, look: Look) -> PlotlyJson:
    view = panels(moment_trace(_moment(settings)), SHOWN_SIGNALS)
    shown = tuple(map(_on_one_scale, view.panels))
    return panels_figure(replace(view, panels=shown), look, height=420)


def _on_one_scale(panel: Panel) -> Panel:
    """Panel with one scale for all five moments, so that figures can be compared."""
    if panel.low == 0:
        return replace(panel, high=1.0)
    every = [abs(moment_trace(moment)[panel.signal.name]) for moment in MOMENTS]
    # One unit grows far beyond the others; on its scale they would all be white.
    limit = float(np.quantile(every, 0.9))
    return replace(panel, low=-limit, high=limit)


def _moment(settings: Settings) -> int:
    return int(number(settings, "moment"))


def _beats() -> int:
    """Cells better than chance: none, the LSTM, the two with gates, or all three."""
    outcomes = ((), ("lstm",), ("lstm", "gru"), ("rnn", "lstm", "gru"))
    return [frozenset(cells) for cells in outcomes].index(adding.better_than_chance())


def _depth() -> int:
    """First moment at which a unit's correlation with the depth is beyond 0.9: 0, 1, 3 or 4."""
    asked = (0, 1, 3, TRAINED)
    return next(i for i, m in enumerate(asked) if abs(brackets_result(m).depth_r) > 0.9)


def _identity() -> int:
    """Error of the identity network against chance: about the same, better, below a tenth."""
    share = adding.adding_error("rnn_identity") / adding.chance_error()
    return int(share < 0.9) + int(share < 0.1)


def _timescale(gate: float) -> float:
    return float(-1 / np.log(gate))


def _per_gate() -> int:
    """Numbers in each of the GRU's Dense layers."""
    weights = preset("adding_gru").model().layers[0].weights
    return sum(array.size for name, array in weights.items() if name.startswith("reset."))


def _counted() -> tuple[int, int]:
    """Inputs and units of the network that the exercise counts."""
    return preset("adding_gru").model().layers[0].n_inputs, preset("adding_gru").units


def _n_weights(name: str) -> int:
    """All weights of a network, the readout's too."""
    return preset(name).model().n_parameters


CODE = LessonCode(
    controls=(
        Slider("moment", 0, TRAINED, 1, 0),
        Slider("first", 0, 1, 0.05, 0.6),
        Slider("learned", 0, TRAINED, 1, TRAINED),
    ),
    figures={
        "gates": _gates,
        "scatter": adding.adding_scatter,
        "carry": adding.carry_figure,
    },
    facts={
        "step": lambda settings: preset(PRESET).kept[_moment(settings)].step,
        "right": lambda settings: brackets_result(_moment(settings)).accuracy,
        "units": lambda settings: preset(PRESET).units,
        "weights": lambda settings: _n_weights(PRESET),
        "counter": lambda settings: counter(),
        "rows": lambda settings: ROWS,
        "guess": lambda settings: float(preset(PRESET).chance),
        **facts_by("step_{}", MOMENTS, lambda moment: preset(PRESET).kept[moment].step),
        **facts_by("right_{}", MOMENTS, lambda moment: brackets_result(moment).accuracy),
        **facts_by("follows_{}", MOMENTS, lambda moment: brackets_result(moment).depth_r),
        **facts_by("opening_{}", MOMENTS, lambda moment: brackets_result(moment).opening),
        **facts_by("closing_{}", MOMENTS, lambda moment: brackets_result(moment).closing),
        "counter_forget": lambda settings: brackets_result(TRAINED).forget,
        "written_opening": lambda settings: brackets_result(TRAINED).written[0],
        "written_closing": lambda settings: brackets_result(TRAINED).written[1],
        "numbers": lambda settings: adding.adding_batch().sequence.n_steps,
        "trained_steps": lambda settings: preset(adding.CARRIES).steps,
        "chance": lambda settings: adding.chance_error(),
        **facts_by("error_{}", adding.COMPARED, adding.adding_error),
        **facts_by("weights_{}", adding.COMPARED, lambda name: _n_weights(f"adding_{name}")),
        "rows_adding": lambda settings: adding.ROWS,
        "last_r": lambda settings: adding.late_r(0),
        "last_least": lambda settings: float(adding.late_answers(0)[1].min()),
        "last_most": lambda settings: float(adding.late_answers(0)[1].max()),
        "before_last_r": lambda settings: adding.late_r(1),
        "two_before_r": lambda settings: adding.late_r(2),
        "relu_at": lambda settings: adding.simple_spread(adding.marks()[0], adding.KEEPS),
        "relu_late": lambda settings: adding.simple_spread(adding.marks()[1] - 1, adding.KEEPS),
        "miss_lstm": lambda settings: float(np.sqrt(adding.adding_error("lstm"))),
        "least_rnn": lambda settings: float(adding.adding_outputs("rnn").min()),
        "most_rnn": lambda settings: float(adding.adding_outputs("rnn").max()),
        "gap": lambda settings: adding.marks()[1] - adding.marks()[0],
        "carrier": lambda settings: adding.carrier()[0],
        "carrier_r": lambda settings: adding.carrier()[1],
        "forget": lambda settings: adding.carrier_forget(),
        "tau": lambda settings: _timescale(adding.carrier_forget()),
        "given_gate": lambda settings: _GIVEN_GATE,
        "given_tau": lambda settings: _timescale(_GIVEN_GATE),
        "given_inputs": lambda settings: _counted()[0],
        "given_units": lambda settings: _counted()[1],
        "per_gate": lambda settings: _per_gate(),
        "tau_fan": lambda settings: adding.fan_timescale(),
        "adding_step": lambda settings: (
            preset(adding.CARRIES).kept[adding.adding_moment(settings)].step
        ),
        "spread_at": lambda settings: adding.carrier_spread(settings, adding.marks()[0]),
        "spread_late": lambda settings: adding.carrier_spread(settings, adding.marks()[1] - 1),
        "simple_at": lambda settings: adding.simple_spread(adding.marks()[0]),
        "simple_late": lambda settings: adding.simple_spread(adding.marks()[1] - 1),
        "said": lambda settings: float(adding.carry_trace(settings).outputs[-1, -1, 0]),
        "sum": lambda settings: adding.target_sum(settings),
    },
    answers={"depth": _depth, "beats": _beats, "identity": _identity},
    exercises={
        "gate_time": NumberAnswer(
            lambda: _timescale(_GIVEN_GATE),
            tolerance=0.6,
            mistakes=lambda: {"half": float(np.log(0.5) / np.log(_GIVEN_GATE))},
        ),
        "count": NumberAnswer(
            lambda: _n_weights("adding_gru"), 0, lambda: mistakes.gru_size(*_counted())
        ),
        "lost": SettingsAnswer(
            lambda settings: adding.carrier_spread(settings, adding.marks()[1] - 1) < 0.01
        ),
    },
    links={
        "moment": lambda settings: preset_link(PRESET, moment=str(_moment(settings))),
        "adding": lambda settings: preset_link(
            adding.CARRIES, moment=str(adding.adding_moment(settings))
        ),
        "relu": lambda settings: preset_link(adding.KEEPS),
        "train": lambda settings: Link("train", {"task": "brackets", "learner": "lstm"}),
    },
    sheet_settings={"moment": float(TRAINED)},
)
