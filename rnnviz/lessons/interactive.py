"""What stands behind a lesson's text: its controls, and how figures and numbers are computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite

from rnnviz.engine.trace import Trace
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look
from rnnviz.lessons.lesson import Fact
from rnnviz.network.model import Model

Setting = float | str | None
Settings = Mapping[str, Setting]


@dataclass(frozen=True)
class Slider:
    """A number between `low` and `high`; with `free` it may also be None: nobody holds it."""

    name: str
    low: float
    high: float
    step: float
    default: float | None
    free: bool = False

    def taken(self, came: object) -> Setting:
        """What came, on the slider's grid; the default where it is no such number."""
        if came is None and self.free:
            return None
        if isinstance(came, bool) or not isinstance(came, int | float) or not isfinite(came):
            return self.default
        whole = round((min(max(came, self.low), self.high) - self.low) / self.step)
        return round(float(self.low + whole * self.step), 10)


@dataclass(frozen=True)
class Options:
    """One of several words; its labels stand in the lesson's text."""

    name: str
    options: tuple[str, ...]
    default: str

    def taken(self, came: object) -> Setting:
        """What came where it is one of the options, else the default."""
        return came if isinstance(came, str) and came in self.options else self.default


@dataclass(frozen=True, eq=False)
class Stage:
    """What a live slot shows: a model at work, step by step.

    signals  that are drawn as heatmaps; None for all of the layer.
    """

    model: Model
    trace: Trace
    layer: int = 0
    signals: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Link:
    """A page of the app, "explore", "model" or "train", and its choices as the URL spells them."""

    page: str
    choices: Mapping[str, str]


@dataclass(frozen=True)
class Behind:
    """All that a lesson's text names, by those names; each is computed when it is shown.

    figures  (settings, look) ▶ Plotly's JSON of a figure.
    facts    settings ▶ a number or a word; the text's `{fact: …}`.
    answers  by question: which option is right, counted from 0, found by computing.
    links    settings ▶ where the same can be explored.
    lives    settings ▶ a model at work.
    paper    the settings of the printed sheet, where they are not the defaults.
    """

    controls: tuple[Slider | Options, ...] = ()
    figures: Mapping[str, Callable[[Settings, Look], PlotlyJson]] = field(default_factory=dict)
    facts: Mapping[str, Callable[[Settings], Fact]] = field(default_factory=dict)
    answers: Mapping[str, Callable[[], int]] = field(default_factory=dict)
    links: Mapping[str, Callable[[Settings], Link]] = field(default_factory=dict)
    lives: Mapping[str, Callable[[Settings], Stage]] = field(default_factory=dict)
    paper: Settings = field(default_factory=dict)

    def settings(self, came: Mapping[str, object] = {}) -> Settings:
        """Every control's setting: what came where it can be, else its default."""
        return {
            control.name: control.taken(came.get(control.name, control.default))
            for control in self.controls
        }
