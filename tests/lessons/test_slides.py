"""Slides of lessons: what a slide speaks of is on it."""

from __future__ import annotations

from functools import cache

import pytest

from rnnviz.figures.panels import figure as draw_panels
from rnnviz.figures.theme import Look
from rnnviz.lessons.interactive import SettingsAnswer
from rnnviz.lessons.lesson import (
    Break,
    Control,
    Exercise,
    Figure,
    Heading,
    LessonPart,
    Live,
    Prose,
    QuizQuestion,
)
from rnnviz.lessons.registry import LESSONS, lesson, lesson_code
from rnnviz.lessons.slides import NO_FIGURE, Slide, settings_read, shown_slide, slides


@cache
def whole(id: str, language: str = "en") -> list[Slide]:
    code, cut = lesson_code(id), slides(lesson(id, language).parts)
    reads = cache(lambda part: settings_read(code, part))
    return [shown_slide(cut, at, reads) for at in range(len(cut))]


def names(slide: Slide, kind: type | tuple[type, ...]) -> set[str]:
    return {part.name for part in slide if isinstance(part, kind)}


@pytest.mark.parametrize("id", LESSONS)
def test_a_slide_has_the_control_that_its_words_name(id: str) -> None:
    """Sentences that tell the class to move something stand beside it."""
    for slide in whole(id):
        said = " ".join(part.text.lower() for part in slide if isinstance(part, Prose))
        if "slider" in said or "as set now" in said:
            assert names(slide, Control), said


@pytest.mark.parametrize("id", LESSONS)
def test_an_exercise_has_the_controls_that_it_asks_for_and_a_picture_that_follows_them(
    id: str,
) -> None:
    exercises = lesson_code(id).exercises
    for slide in whole(id):
        for name in names(slide, Exercise):
            asks = isinstance(exercises[name], SettingsAnswer)
            assert bool(names(slide, Control)) == bool(names(slide, Figure)) == asks, name


@pytest.mark.parametrize(
    ("id", "task", "controls", "picture"),
    [
        ("lstm_gates", "still", {"forget", "input", "candidate"}, {"memory"}),
        ("lstm_gates", "memoryless", set(), set()),
        ("gru", "corner", {"reset", "update"}, {"identity"}),
        ("gru", "becomes", set(), set()),
        ("gru", "adds", set(), {"memory"}),
        ("dense", "open_gate", {"bias"}, {"opening"}),
        ("writes", "worst", set(), set()),
    ],
)
def test_a_task_is_beside_the_picture_of_its_own_network(
    id: str, task: str, controls: set[str], picture: set[str]
) -> None:
    for language in ("en", "zh"):
        tasks = (QuizQuestion, Exercise)
        slide = next(s for s in whole(id, language) if task in names(s, tasks))
        assert names(slide, Control) == controls
        assert names(slide, Figure) == picture


@pytest.mark.parametrize("id", LESSONS)
def test_a_break_asks_for_a_figure_of_the_lesson(id: str) -> None:
    known = {"", NO_FIGURE, *lesson_code(id).figures}
    assert NO_FIGURE not in lesson_code(id).figures
    for language in ("en", "zh"):
        parts = lesson(id, language).parts
        assert {part.figure for part in parts if isinstance(part, Break)} <= known


@pytest.mark.parametrize("id", LESSONS)
def test_a_slide_has_no_control_and_no_picture_twice(id: str) -> None:
    for slide in whole(id):
        for kind in (Control, Figure):
            every = [part.name for part in slide if isinstance(part, kind)]
            assert len(every) == len(set(every))
        assert sum(isinstance(part, Figure | Live) for part in slide) <= 1


def test_a_slide_shows_again_what_it_speaks_of() -> None:
    reads = {"plot": {"gain"}, "number": {"gain"}, "other": set[str]()}

    def follows(part: LessonPart) -> frozenset[str]:
        name = getattr(part, "name", "number" if "number" in getattr(part, "text", "") else "")
        return frozenset(reads.get(name, set()))

    gain, plot, other = Control("gain", "Gain"), Figure("plot"), Figure("other")
    question = QuizQuestion("q", "?", ("a", "b"), ())
    task = Exercise("task", "?", "")
    cut = slides(
        (
            *(Heading("one"), gain, plot, Break(), Prose("of the plot")),
            *(Heading("two"), other, Break(), Prose("of other")),
            *(Heading("three"), Prose("a number")),
            *(Heading("four"), Prose("words")),
            *(Heading("five"), Break("plot"), Prose("words")),
            *(Heading("six"), Prose("words"), question),
            *(Heading("seven"), plot, Prose("words"), Break("none"), question),
            *(Break(), Prose("words"), task),
        )
    )
    shown = [shown_slide(cut, at, follows) for at in range(len(cut))]
    pictures = [names(slide, Figure) for slide in shown]
    assert pictures == [
        {"plot"},
        {"plot"},
        {"other"},
        {"other"},
        {"plot"},
        set(),
        {"plot"},
        set(),
        {"plot"},
        set(),
        {"plot"},
        set(),
    ]
    controls = [bool(names(slide, Control)) for slide in shown]
    assert controls == [True, True, False, False, True, False, True, *[False, True] * 2, False]
    # A control stands under the heading, before the words that speak of it.
    assert shown[4].index(gain) == 1


@pytest.mark.parametrize("id", LESSONS)
def test_no_heatmap_of_a_live_slide_is_lower_than_60_pixels(id: str) -> None:
    code = lesson_code(id)
    # The look of a slide of 720 lines.
    look = Look(scale=1.8, height=526)
    for widget in code.widgets.values():
        view = widget(code.settings()).panels(is_slide=True)
        layout = draw_panels(view, look)["layout"]
        inner = layout["height"] - layout["margin"]["t"] - layout["margin"]["b"]
        for name, axis in layout.items():
            if name.startswith("yaxis"):
                assert (axis["domain"][1] - axis["domain"][0]) * inner >= 60, (id, name)
