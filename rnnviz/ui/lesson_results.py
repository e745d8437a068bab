"""Results of the lessons, kept in the same cache: figures, filled texts, traced models."""

from __future__ import annotations

from typing import Any

from rnnviz.analysis.panels import Panels
from rnnviz.figures.as_text import figure_as_text
from rnnviz.figures.panels import figure as draw_panels
from rnnviz.figures.plotly_json import to_page
from rnnviz.figures.text_table import TextTable
from rnnviz.figures.theme import Look
from rnnviz.lessons.interactive import Settings, TraceWidget
from rnnviz.lessons.lesson import AnyPart, FactValue, LessonPart, fill_facts, with_facts
from rnnviz.lessons.registry import lesson_code
from rnnviz.lessons.slides import settings_read
from rnnviz.ui.results import CACHE


@CACHE.cached
def lesson_figure(id: str, name: str, settings: Settings, look: Look) -> Any:
    """A figure of a lesson."""
    return to_page(lesson_code(id).figures[name](settings, look))


@CACHE.cached
def lesson_figure_text(id: str, name: str, settings: Settings, look: Look) -> tuple[TextTable, ...]:
    """A figure of a lesson as sentences and tables."""
    return figure_as_text(lesson_code(id).figures[name](settings, look), look)


@CACHE.cached
def lesson_fact(id: str, name: str, settings: Settings) -> FactValue:
    """A number or word of a lesson's text."""
    return lesson_code(id).facts[name](settings)


@CACHE.cached
def lesson_reads(id: str, part: LessonPart) -> frozenset[str]:
    """Names of the controls that a part of a lesson follows."""
    return settings_read(lesson_code(id), part)


def lesson_part(id: str, part: AnyPart, settings: Settings) -> AnyPart:
    """A part of a lesson with its numbers in place."""
    return with_facts(part, lambda name: lesson_fact(id, name, settings))


def lesson_text(id: str, text: str, settings: Settings) -> str:
    """A text of a lesson with its numbers in place."""
    return fill_facts(text, lambda name: lesson_fact(id, name, settings))


@CACHE.cached
def lesson_widget(id: str, name: str, settings: Settings) -> TraceWidget:
    """Traced model of a lesson."""
    return lesson_code(id).widgets[name](settings)


@CACHE.cached
def lesson_panels(id: str, name: str, settings: Settings) -> Panels:
    """Panels of a lesson's traced model."""
    return lesson_widget(id, name, settings).panels()


@CACHE.cached
def lesson_heatmaps(id: str, name: str, settings: Settings, look: Look) -> Any:
    """Heatmaps of a lesson's traced model, on a slide as high as the look says."""
    widget = lesson_widget(id, name, settings)
    view, gloss = widget.panels(is_slide=bool(look.height)), widget.gloss(look)
    height = 54 + 80 * len(view.panels)
    return to_page(draw_panels(view, look, height=height, gloss=gloss, is_quantised=True))
