"""Information in the units of two trained networks, and the steps that wrote it."""

from __future__ import annotations

from functools import cache

import numpy as np

from rnnviz.analysis.coloured_text import coloured_text
from rnnviz.analysis.saturation import saturation
from rnnviz.analysis.scatter import ScatterPanel, ScatterSeries
from rnnviz.core.arrays import Array
from rnnviz.engine.api import trace
from rnnviz.engine.trace import Trace
from rnnviz.figures.attribution import figure as attribution_figure
from rnnviz.figures.coloured_text import figure as coloured_text_figure
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.scatter import figure as scatter_figure
from rnnviz.figures.theme import Look
from rnnviz.lessons.content import number_mistakes as mistakes
from rnnviz.lessons.content import training
from rnnviz.lessons.content.excerpt import excerpt, excerpt_trace
from rnnviz.lessons.content.memory_writers import own_word, writer_attribution, writers
from rnnviz.lessons.content.networks import preset_link
from rnnviz.lessons.content.text_probes import (
    NUMERIC_PROPERTIES,
    PRESET,
    PROPERTIES,
    held_out_text,
    linear_fit,
    probe,
    span_lengths,
    text_properties,
    training_text,
)
from rnnviz.lessons.interactive import (
    LessonCode,
    NumberAnswer,
    OptionAnswer,
    Options,
    Settings,
    SettingsAnswer,
    Slider,
    facts_by,
    number,
)
from rnnviz.train.presets import preset

SATURATING_GATES = ("forget", "input", "output")
POINTS = 400
OFTEN = 0.9
YES_OR_NO = tuple(name for name in PROPERTIES if name not in NUMERIC_PROPERTIES)
# Of the exercises: what was written and three forget gates, and a gate that stays.
_GIVEN = {"written": 0.8, "first": 0.9, "second": 0.5, "third": 0.9}
_GIVEN_GATE = 0.95
ASKED_PROPERTIES = ("quotes", "parentheses", "position")


# Brackets: the depth is read off the cell states.


@cache
def depths(moment: int, one_unit: bool) -> tuple[Array, Array]:
    """Depth, and its linear fit to one unit or all, on the second half of the brackets' rows.

    The fit is on the first half.
    """
    batch = training.brackets_batch()
    model = preset(training.PRESET).snapshots()[moment].model
    cell = trace(model, batch.sequence)["cell"].swapaxes(0, 1).astype(float)
    unit = training.brackets_result(moment).unit
    cell = cell[..., [unit]] if one_unit else cell
    depth = batch.targets.T
    half = len(depth) // 2
    old, new = (part.reshape(-1, cell.shape[2]) for part in (cell[:half], cell[half:]))
    return depth[half:].ravel(), linear_fit(old, depth[:half].ravel().astype(float), new)


def _depth(settings: Settings, look: Look) -> PlotlyJson:
    kinds = (
        ("points.untrained_unit", 0, True),
        ("points.trained_unit", training.TRAINED, True),
        ("points.trained_units", training.TRAINED, False),
    )
    panels = [
        ScatterPanel(look.word(title), (_cloud(*depths(moment, one)),), ((0, 0), (5, 5)), -0.7, 5.7)
        for title, moment, one in kinds
    ]
    x, y = look.word("points.depth"), look.word("points.read")
    return scatter_figure(panels, look, x=x, y=y)


def _cloud(x: Array, y: Array) -> ScatterSeries:
    return ScatterSeries("", "cell", x[:POINTS], y[:POINTS])


def _depth_right() -> float:
    depth, said = depths(training.TRAINED, False)
    return float(np.mean(np.round(said) == depth))


# Text: any unit, and the units with the best correlation.


def _turn(settings: Settings, look: Look) -> PlotlyJson:
    view = coloured_text(excerpt_trace(), int(number(settings, "unit")))
    return coloured_text_figure(view, look)


def _coloured(settings: Settings, look: Look) -> PlotlyJson:
    name = str(settings["property"])
    true = None if name in NUMERIC_PROPERTIES else text_properties(excerpt())[name] > 0
    view = coloured_text(excerpt_trace(), probe(name).unit, marked=true)
    return coloured_text_figure(view, look, gloss=f"r = {probe(name).r:+.2f}".replace("-", "−"))


def _best() -> int:
    """Index of the property with the largest r of one unit; 3 when none is ahead by a tenth."""
    reached = [abs(probe(name).r) for name in ASKED_PROPERTIES]
    first, second = sorted(reached)[-1:-3:-1]
    return reached.index(first) if first - second > 0.1 else len(ASKED_PROPERTIES)


def _together() -> int:
    """What all units tell of the inside of words: no more than always yes, more, nearly all."""
    one = probe("inside")
    return int(one.accuracy > one.base_rate + 0.05) + int(one.accuracy > 0.98)


def _quotes_short() -> float:
    """Share of the quotations in the held-out text that fit into a piece of training."""
    lengths = span_lengths(held_out_text().properties["quotes"])
    return float(np.mean(lengths < preset(PRESET).config.task.length))


def _n_parentheses(marks: Array) -> int:
    return len(span_lengths(marks))


def _follows_from() -> int:
    """Index of what follows from the failed probe: little, where the examples are few."""
    return int(_n_parentheses(training_text().properties["parentheses"]) < 30)


# Gates: their saturation.


@cache
def untrained_trace() -> Trace:
    """Trace of the network before training over the held-out text."""
    return trace(preset(PRESET).untrained_model(), held_out_text().trace.sequence)


def _saturation(settings: Settings, look: Look) -> PlotlyJson:
    panels = [
        ScatterPanel(
            look.word(f"signal.{gate}"),
            (
                _shares(held_out_text().trace, gate, look.word("points.trained"), "forget"),
                _shares(untrained_trace(), gate, look.word("points.untrained"), "gap"),
            ),
            ((0, 1), (1, 0)),
            -0.04,
            1.04,
        )
        for gate in SATURATING_GATES
    ]
    x, y = look.word("points.closed"), look.word("points.open")
    return scatter_figure(panels, look, x=x, y=y, height=340)


def _shares(read: Trace, gate: str, name: str, shade: str) -> ScatterSeries:
    shares = saturation(read, gate)
    labels = tuple(map(str, range(len(shares.open))))
    return ScatterSeries(name, shade, shares.closed, shares.open, labels)


def _often_open(read: Trace) -> int:
    return int(np.sum(saturation(read, "forget").open >= OFTEN))


# Attribution of the cell state to the steps that wrote it.


def _triangle(settings: Settings, look: Look) -> PlotlyJson:
    return attribution_figure(writer_attribution(settings), look)


def _older() -> int:
    """Share of the current word in what the keeping unit remembers: most, about half, a third."""
    share = own_word({"writer": "long"})
    return int(share < 2 / 3) + int(share < 1 / 3)


def _left() -> float:
    return float(np.prod(list(_GIVEN.values())))


def _half() -> int:
    """First number of steps after which less than half is left."""
    return next(k for k in range(1, 1000) if _GIVEN_GATE**k < 0.5)


CODE = LessonCode(
    controls=(
        Slider("unit", 0, 127, 1, 0),
        Options("property", PROPERTIES, "position"),
        Options("writer", ("word", "long"), "word"),
    ),
    figures={
        "depth": _depth,
        "turn": _turn,
        "coloured": _coloured,
        "saturation": _saturation,
        "triangle": _triangle,
    },
    facts={
        "counter": lambda settings: training.counter(),
        "depth_r": lambda settings: training.brackets_result(training.TRAINED).depth_r,
        "depth_r_before": lambda settings: training.brackets_result(0).depth_r,
        "depth_right": lambda settings: _depth_right(),
        "bracket_units": lambda settings: preset(training.PRESET).units,
        "units": lambda settings: preset(PRESET).units,
        "window": lambda settings: preset(PRESET).config.task.length,
        "accuracy": lambda settings: preset(PRESET).held_out,
        "symbols": lambda settings: len(preset(PRESET).vocabulary),
        "chance": lambda settings: preset(PRESET).chance,
        "characters": lambda settings: len(held_out_text().cell),
        "quotes_short": lambda settings: _quotes_short(),
        "parentheses_fitted": lambda settings: _n_parentheses(
            training_text().properties["parentheses"]
        ),
        "parentheses_characters": lambda settings: int(
            training_text().properties["parentheses"].sum()
        ),
        "parentheses_new": lambda settings: _n_parentheses(
            held_out_text().properties["parentheses"]
        ),
        **facts_by("{}_unit", PROPERTIES, lambda name: probe(name).unit),
        **facts_by("{}_r", PROPERTIES, lambda name: probe(name).r),
        **facts_by("{}_abs", (*ASKED_PROPERTIES, "inside"), lambda name: abs(probe(name).r)),
        **facts_by("{}_straight", PROPERTIES, lambda name: probe(name).linear_r),
        **facts_by("{}_right", YES_OR_NO, lambda name: probe(name).accuracy),
        **facts_by("{}_same", YES_OR_NO, lambda name: probe(name).base_rate),
        "often_open": lambda settings: _often_open(held_out_text().trace),
        "often_open_before": lambda settings: _often_open(untrained_trace()),
        "writer_unit": lambda settings: writers()[str(settings["writer"])],
        "residual": lambda settings: writer_attribution(settings).residual,
        "own_word": own_word,
        "own_long": lambda settings: own_word({"writer": "long"}),
        **facts_by("given_{}", _GIVEN, _GIVEN.__getitem__),
        "given_left": lambda settings: _left(),
        "given_gate": lambda settings: _GIVEN_GATE,
        "given_half": lambda settings: _half(),
    },
    answers={"follows": _best, "together": _together, "older": _older},
    exercises={
        "left": NumberAnswer(_left, mistakes=lambda: mistakes.written_left(*_GIVEN.values())),
        "page": SettingsAnswer(
            lambda settings: settings["unit"] == probe("position").unit,
            {"other": lambda settings: settings["unit"] in {probe(p).unit for p in PROPERTIES}},
        ),
        "half": NumberAnswer(_half, 0, lambda: {"early": _half() - 1}),
        "follows_from": OptionAnswer(_follows_from),
    },
    links={
        "model": lambda settings: preset_link(PRESET),
        "brackets": lambda settings: preset_link(training.PRESET),
    },
)
