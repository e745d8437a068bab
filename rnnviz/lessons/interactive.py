"""Code of a lesson: its controls, and the functions that compute its figures and numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import TypeVar

from rnnviz.analysis.gradient_view import gradient_panels
from rnnviz.analysis.panels import Panels, panels
from rnnviz.engine.gradients import Gradients
from rnnviz.engine.trace import Trace
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look
from rnnviz.lessons.lesson import FactValue
from rnnviz.network.model import Model

Setting = float | str | None
Settings = Mapping[str, Setting]
Facts = Mapping[str, Callable[[Settings], FactValue]]
Key = TypeVar("Key")


@dataclass(frozen=True)
class Slider:
    """A number between `low` and `high`; an `optional` one may be None, which is off."""

    name: str
    low: float
    high: float
    step: float
    default: float | None
    optional: bool = False

    def validated(self, value: object) -> Setting:
        """The value on the slider's grid; the default when it is no finite number."""
        if value is None and self.optional:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not -inf < value < inf:
            return self.default
        n_steps = round((min(max(value, self.low), self.high) - self.low) / self.step)
        return round(float(self.low + n_steps * self.step), 10)


@dataclass(frozen=True)
class Options:
    """One of several words, whose labels are in the lesson's text."""

    name: str
    options: tuple[str, ...]
    default: str

    def validated(self, value: object) -> Setting:
        """The value when it is one of the options, else the default."""
        return value if isinstance(value, str) and value in self.options else self.default


@dataclass(frozen=True, eq=False)
class TraceWidget:
    """Content of a `{live: …}` slot: player, heatmaps, cell diagram and values of a layer.

    signals    drawn as heatmaps; None for all of the layer.
    on_slide   those of them on a slide, which has room for four; None for all.
    units      shown; None for all.
    gradients  shown in place of the values, where there are any.
    """

    model: Model
    trace: Trace
    layer: int = 0
    signals: tuple[str, ...] | None = None
    on_slide: tuple[str, ...] | None = None
    units: tuple[int, ...] | None = None
    gradients: Gradients | None = None

    def panels(self, is_slide: bool = False) -> Panels:
        """Heatmaps of the slot, on the page or on a slide."""
        shown, place = self.gradients, self.layer
        signals = self.on_slide if is_slide and self.on_slide else self.signals
        if shown is None:
            return panels(self.trace, signals, layer=place, units=self.units)
        return gradient_panels(self.trace, shown, signals, layer=place, units=self.units)

    def gloss(self, look: Look) -> str | None:
        """Words beside every signal's name, None for those that explain it."""
        return None if self.gradients is None else look.word("gloss.gradient")


@dataclass(frozen=True)
class Link:
    """A page of the app, "read", "train" or "compare", with its URL parameters."""

    page: str
    choices: Mapping[str, str]


@dataclass(frozen=True)
class NumberAnswer:
    """A number, right within the tolerance, which is in the number's own unit.

    mistakes  numbers that usual mistakes lead to, by the mistake's name.
    """

    value: Callable[[], float]
    tolerance: float = 0.005
    mistakes: Callable[[], Mapping[str, float]] = dict

    def accepts(self, answer: float) -> bool:
        """True for a number within the tolerance."""
        return isfinite(answer) and abs(answer - self.value()) <= self.tolerance * (1 + 1e-9)

    def mistake(self, answer: float) -> str:
        """Name of the usual mistake that leads to a number; empty for others."""
        near = (self.tolerance or 0.005) * (1 + 1e-9)
        numbers = self.mistakes().items()
        return next((name for name, number in numbers if abs(answer - number) <= near), "")


@dataclass(frozen=True)
class OptionAnswer:
    """One of the exercise's options; `right` computes its index in the text."""

    right: Callable[[], int]


@dataclass(frozen=True)
class SettingsAnswer:
    """Settings of the lesson's controls that the reader has to find.

    mistakes  by name: whether it is why the settings are not those.
    """

    reached: Callable[[Settings], bool]
    mistakes: Mapping[str, Callable[[Settings], bool]] = field(default_factory=dict)

    def mistake(self, settings: Settings) -> str:
        """Name of the first usual mistake that was made; empty for none."""
        return next((name for name, is_made in self.mistakes.items() if is_made(settings)), "")


ExerciseAnswer = NumberAnswer | OptionAnswer | SettingsAnswer


@dataclass(frozen=True)
class LessonCode:
    """Functions by the names that the lesson's text gives them, called when they are shown.

    figures         (settings, look) ▶ Plotly's JSON of a figure.
    facts           settings ▶ number or word of a `{fact: …}`.
    answers         by question: index of the right option.
    exercises       by exercise: its answer.
    links           settings ▶ page that shows the lesson's network.
    widgets         settings ▶ traced model of a `{live: …}` slot.
    sheet_settings  settings of the printed sheet that are not the defaults.
    sheet_blanks    facts that the printed sheet leaves for students to compute.
    """

    controls: tuple[Slider | Options, ...] = ()
    figures: Mapping[str, Callable[[Settings, Look], PlotlyJson]] = field(default_factory=dict)
    facts: Facts = field(default_factory=dict)
    answers: Mapping[str, Callable[[], int]] = field(default_factory=dict)
    exercises: Mapping[str, ExerciseAnswer] = field(default_factory=dict)
    links: Mapping[str, Callable[[Settings], Link]] = field(default_factory=dict)
    widgets: Mapping[str, Callable[[Settings], TraceWidget]] = field(default_factory=dict)
    sheet_settings: Settings = field(default_factory=dict)
    sheet_blanks: frozenset[str] = frozenset()

    def answer_of(self, name: str) -> ExerciseAnswer:
        """Answer of a question or an exercise, whose names differ."""
        if name in self.answers:
            return OptionAnswer(self.answers[name])
        return self.exercises[name]

    def settings(self, chosen: Mapping[str, object] = {}) -> Settings:
        """Setting of every control: the chosen value when it is valid, else the default."""
        return {
            control.name: control.validated(chosen.get(control.name, control.default))
            for control in self.controls
        }


def number(settings: Settings, name: str) -> float:
    """Value of a slider that is not optional, or of options that are numbers."""
    return float(settings[name] or 0)


def facts_by(
    pattern: str, keys: Iterable[Key], fact: Callable[[Key], FactValue]
) -> dict[str, Callable[[Settings], FactValue]]:
    """A fact for every key, named by the pattern with the key in place of `{}`."""

    def constant(key: Key) -> Callable[[Settings], FactValue]:
        return lambda settings: fact(key)

    return {pattern.format(key): constant(key) for key in keys}
