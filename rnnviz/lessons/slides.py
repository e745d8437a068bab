"""Slides of a lesson: where its parts are cut, and what a slide shows again of those before it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from rnnviz.figures.theme import Look
from rnnviz.lessons.interactive import LessonCode, Setting, Settings, SettingsAnswer
from rnnviz.lessons.lesson import (
    Break,
    Control,
    Exercise,
    Figure,
    Formula,
    Heading,
    LessonPart,
    Live,
    Prose,
    QuizQuestion,
    Reveal,
    facts_of,
)

Slide = tuple[LessonPart, ...]
# Names of the controls that a part's figure or numbers follow.
Reads = Callable[[LessonPart], frozenset[str]]
# What `--- name` says where the figure of the section does not belong.
NO_FIGURE = "none"
# A question shares its slide with the paragraph that leads to it.
_LEADS = (Heading, Reveal, Prose, Formula, Break)


def slides(parts: Iterable[LessonPart]) -> tuple[Slide, ...]:
    """Slides of parts: each heading, break, reveal, exercise and live picture begins one.

    So do most questions.

    >>> [len(slide) for slide in slides((Heading("a"), Prose("b"), Break(), Prose("c")))]
    [2, 2]
    """
    groups: list[list[LessonPart]] = [[]]
    for part in parts:
        if _begins(part, groups[-1]):
            groups.append([])
        groups[-1].append(part)
    return tuple(tuple(slide) for slide in groups if slide)


def _begins(part: LessonPart, slide: list[LessonPart]) -> bool:
    if isinstance(part, QuizQuestion):
        words = [before for before in slide if not isinstance(before, Heading | Reveal | Break)]
        return len(words) > 1 or not all(isinstance(before, _LEADS) for before in slide)
    if slide and isinstance(slide[-1], QuizQuestion | Live):
        return True
    is_alone = all(isinstance(before, Heading | Reveal | Break) for before in slide)
    return isinstance(part, Heading | Break | Reveal | Exercise | Live) and not is_alone


def shown_slide(cut: tuple[Slide, ...], at: int, reads: Reads) -> Slide:
    """Slide number `at` with what it speaks of: a picture, and the controls of all its numbers.

    A slide without a picture shows again the one that its `--- name` asks for, that its numbers
    or settings follow with a control, or the last one of its section; a question as it stands, an
    exercise only one of the first two, and `--- none` nothing.
    """
    before, slide = tuple(part for one in cut[:at] for part in one), cut[at]
    figure = None if _pictures(slide) else _figure_again(before, slide, reads)
    is_asking = any(isinstance(part, QuizQuestion) for part in slide)
    follows = reads(figure) if figure and not is_asking else frozenset[str]()
    wanted = follows.union(*map(reads, slide))
    present = {part.name for part in slide if isinstance(part, Control)}
    again = [p for p in before if isinstance(p, Control) and p.name in wanted - present]
    head = next((i for i, p in enumerate(slide) if not isinstance(p, _LEADS[:2])), len(slide))
    return (*slide[:head], *again, *slide[head:], *([figure] if figure else []))


def _figure_again(before: Slide, slide: Slide, reads: Reads) -> Figure | None:
    figures = [part for part in before if isinstance(part, Figure)]
    asked = {part.figure for part in slide if isinstance(part, Break)}
    if NO_FIGURE in asked:
        return None
    follows = frozenset[str]().union(*map(reads, slide))
    found = (
        [figure for figure in figures if figure.name in asked]
        or [figure for figure in figures if follows & reads(figure)]
        or (
            []
            if any(isinstance(part, Heading | Exercise) for part in slide)
            else _in_section(before)
        )
    )
    return found[-1] if found else None


def _in_section(before: Slide) -> list[Figure]:
    """Figures after the last heading; none where a live picture came in between."""
    starts = [i for i, part in enumerate(before) if isinstance(part, Heading | Live)]
    return [part for part in before[starts[-1] if starts else 0 :] if isinstance(part, Figure)]


def _pictures(slide: Slide) -> bool:
    return any(isinstance(part, Figure | Live) for part in slide)


class _Watched(Mapping[str, Setting]):
    """Settings that remember which of them were read."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.read = settings, set[str]()

    def __getitem__(self, name: str) -> Setting:
        self.read.add(name)
        return self.settings[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.settings)

    def __len__(self) -> int:
        return len(self.settings)


def settings_read(code: LessonCode, part: LessonPart) -> frozenset[str]:
    """Names of the controls that change a part: found by computing it once."""
    watched = _Watched(code.settings())
    if isinstance(part, Figure):
        code.figures[part.name](watched, Look())
    if isinstance(part, Live):
        code.widgets[part.name](watched)
    answer = code.exercises.get(part.name) if isinstance(part, Exercise) else None
    if isinstance(answer, SettingsAnswer):
        answer.reached(watched)
    if not isinstance(part, Control):
        for name in facts_of(part):
            code.facts[name](watched)
    return frozenset(watched.read)
