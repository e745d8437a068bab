"""Lesson 9: what the units of two trained networks hold, and who wrote it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np

from rnnviz.analysis.attribution import Attribution, attribution
from rnnviz.analysis.coloured_text import coloured_text
from rnnviz.analysis.saturation import saturation
from rnnviz.analysis.scatter import ScatterPanel, ScatterSeries
from rnnviz.api import trace
from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.engine.trace import Trace
from rnnviz.figures.attribution import figure as attribution_figure
from rnnviz.figures.coloured_text import figure as coloured_text_figure
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.scatter import figure as scatter_figure
from rnnviz.figures.theme import Look
from rnnviz.lessons.content import training
from rnnviz.lessons.content.text_probes import (
    NUMBERS,
    PRESET,
    PROPERTIES,
    held_out,
    properties,
    straight,
    told,
)
from rnnviz.lessons.interactive import Behind, Link, Options, Settings, Slider
from rnnviz.lessons.lesson import Fact
from rnnviz.network.model import Model
from rnnviz.train.presets import preset
from rnnviz.train.text_tasks import HELD_OUT_SHARE, book, one_hot_sequence

PARAGRAPHS = 4
SENTENCE = 40  # characters of the triangle
GATES = ("forget", "input", "output")
POINTS = 400
UNTRAINED_ROWS = 6
OFTEN = 0.9
YES_OR_NO = tuple(name for name in PROPERTIES if name not in NUMBERS)
ASKED = ("quotes", "parentheses", "position")


@cache
def excerpt() -> str:
    """The first whole paragraphs of the last tenth of the book."""
    text = book()[int(len(book()) * (1 - HELD_OUT_SHARE)) :].partition("\n")[2]
    return "".join(text.splitlines(keepends=True)[:PARAGRAPHS])


@cache
def page() -> Trace:
    """The trained network over the excerpt."""
    return trace(preset(PRESET).model(), read(excerpt()))


def read(text: str) -> Sequence:
    """A text as the network reads it."""
    return one_hot_sequence([text], preset(PRESET).vocabulary)


# The brackets: a memory that can be read off.


@cache
def depths(moment: int, one_unit: bool) -> tuple[Array, Array]:
    """Depth and what a straight line through one unit or all says of it, on the second half.

    The line is fitted on the first half of the fresh brackets of lesson 8.
    """
    batch = training.fresh()
    model = preset(training.PRESET).snapshots()[moment].model
    cell = trace(model, batch.sequence)["cell"].swapaxes(0, 1).astype(float)
    unit = training.learned(moment).unit
    cell = cell[..., [unit]] if one_unit else cell
    depth = batch.targets.T
    half = len(depth) // 2
    old, new = (part.reshape(-1, cell.shape[2]) for part in (cell[:half], cell[half:]))
    return depth[half:].ravel(), straight(old, depth[:half].ravel().astype(float), new)


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


# The text: units to turn through, and those that follow something best.


def _turn(settings: Settings, look: Look) -> PlotlyJson:
    view = coloured_text(page(), int(float(settings["unit"] or 0)))
    return coloured_text_figure(view, look)


def _coloured(settings: Settings, look: Look) -> PlotlyJson:
    name = str(settings["property"])
    true = None if name in NUMBERS else properties(excerpt())[name] > 0
    view = coloured_text(page(), told(name).unit, marked=true)
    return coloured_text_figure(view, look, gloss=f"r = {told(name).r:.2f}")


def _best() -> int:
    """The property that one unit follows best; 3 where none is ahead by a tenth."""
    reached = [told(name).r for name in ASKED]
    first, second = sorted(reached)[-1:-3:-1]
    return reached.index(first) if first - second > 0.1 else len(ASKED)


def _each(
    name: str, measured: Callable[[str], Fact], of: tuple[str, ...] = PROPERTIES
) -> dict[str, Callable[[Settings], Fact]]:
    """A fact for every property."""
    return {f"{one}_{name}": _always(measured, one) for one in of}


def _always(measured: Callable[[str], Fact], name: str) -> Callable[[Settings], Fact]:
    return lambda settings: measured(name)


def _quote_length() -> float:
    """Characters inside quotes, per quote, in the text held out."""
    quotes = held_out().true["quotes"]
    return float(quotes.sum() / np.sum(np.diff(quotes, prepend=0) > 0))


# The gates: how far they open and close.


@cache
def untrained() -> Trace:
    """The network before training over a few rows of the text held out."""
    one, whole = preset(PRESET), held_out().trace.sequence
    rows = one_hot_sequence(whole.tokens[:UNTRAINED_ROWS], one.vocabulary)
    return trace(one.untrained_model(), rows)


def _saturation(settings: Settings, look: Look) -> PlotlyJson:
    panels = [
        ScatterPanel(
            look.word(f"signal.{gate}"),
            (
                _shares(held_out().trace, gate, look.word("points.trained"), "forget"),
                _shares(untrained(), gate, look.word("points.untrained"), "gap"),
            ),
            ((0, 1), (1, 0)),
            -0.04,
            1.04,
        )
        for gate in GATES
    ]
    x, y = look.word("points.closed"), look.word("points.open")
    return scatter_figure(panels, look, x=x, y=y, height=340)


def _shares(read: Trace, gate: str, name: str, shade: str) -> ScatterSeries:
    shares = saturation(read, gate)
    labels = tuple(map(str, range(len(shares.open))))
    return ScatterSeries(name, shade, shares.closed, shares.open, labels)


def _often_open(read: Trace) -> int:
    return int(np.sum(saturation(read, "forget").open >= OFTEN))


# Who wrote it.


@cache
def double() -> Model:
    """The trained network with its weights as 64-bit numbers, so that rounding is small."""
    model = preset(PRESET).model()
    (layer,) = model.layers
    weights = {name: array.astype(np.float64) for name, array in layer.weights.items()}
    return replace(model, layers=(replace(layer, weights=weights),), readout=None)


@cache
def sentence() -> Trace:
    """It over the beginning of the excerpt, in double precision."""
    text = excerpt()[excerpt().index("\n") + 1 :][:SENTENCE]
    one = read(text)
    # With drives it goes step by step: compiling would take longer than these few steps.
    return trace(double(), replace(one, values=one.values.astype(np.float64)), preactivations=True)


@cache
def writers() -> dict[str, int]:
    """The units to ask: one that forgets at every space, one that follows the quotes."""
    whole = held_out()
    forget = np.concatenate(
        [
            whole.trace["forget"][: len(tokens), row]
            for row, tokens in enumerate(whole.trace.sequence.tokens)
        ]
    )
    space = whole.true["space"] > 0
    falls = forget[~space].mean(axis=0) - forget[space].mean(axis=0)
    keeps = saturation(whole.trace, "forget").open
    return {"word": int(np.argmax(falls)), "long": int(np.argmax(keeps))}


def written(settings: Settings) -> Attribution:
    """The chosen unit's memory of the sentence, by who wrote it."""
    return attribution(sentence(), writers()[str(settings["writer"])])


def _triangle(settings: Settings, look: Look) -> PlotlyJson:
    return attribution_figure(written(settings), look)


def _own_word(settings: Settings) -> float:
    """The share of what is remembered, by size, that was written in the same word."""
    view = written(settings)
    begins = np.cumsum([token == "␣" for token in view.tokens])
    same = begins[:, None] == begins[None, :]
    size = np.abs(view.parts)
    return float(size[same].sum() / size.sum())


BEHIND = Behind(
    controls=(
        Slider("unit", 0, 127, 1, 103),
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
        "depth_r": lambda settings: training.learned(training.TRAINED).follows,
        "depth_r_before": lambda settings: training.learned(0).follows,
        "depth_right": lambda settings: _depth_right(),
        "bracket_units": lambda settings: preset(training.PRESET).units,
        "units": lambda settings: preset(PRESET).units,
        "window": lambda settings: preset(PRESET).config.task.length,
        "accuracy": lambda settings: preset(PRESET).held_out,
        "symbols": lambda settings: len(preset(PRESET).vocabulary),
        "chance": lambda settings: preset(PRESET).chance,
        "characters": lambda settings: len(held_out().cell),
        "quote_length": lambda settings: _quote_length(),
        **_each("unit", lambda name: told(name).unit),
        **_each("r", lambda name: told(name).r),
        **_each("straight", lambda name: told(name).straight),
        **_each("right", lambda name: told(name).right, YES_OR_NO),
        **_each("same", lambda name: told(name).same, YES_OR_NO),
        "often_open": lambda settings: _often_open(held_out().trace),
        "often_open_before": lambda settings: _often_open(untrained()),
        "writer_unit": lambda settings: writers()[str(settings["writer"])],
        "residual": lambda settings: written(settings).residual,
        "own_word": _own_word,
    },
    answers={"follows": _best},
    links={
        "model": lambda settings: Link("model", {"model": f"preset:{PRESET}"}),
        "brackets": lambda settings: Link("model", {"model": f"preset:{training.PRESET}"}),
    },
)
