"""Lesson as data: its parts in reading order, its slides, and the facts in its texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from rnnviz.formatting import running_text

FactValue = float | str
FACT = re.compile(r"\{fact: (?P<name>\w+)(?:, (?P<form>[^{}]+))?\}")


@dataclass(frozen=True)
class Heading:
    """Title of a section, which begins a slide."""

    text: str


@dataclass(frozen=True)
class Prose:
    """A paragraph, a list or a table, in Markdown with formulas between dollars."""

    text: str


@dataclass(frozen=True)
class Formula:
    """A displayed formula, LaTeX."""

    latex: str


@dataclass(frozen=True)
class Control:
    """Slot of a slider or of options, which are (value, label)."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Figure:
    """Slot of a figure with its caption."""

    name: str
    caption: str = ""


@dataclass(frozen=True)
class Live:
    """Slot of a player with heatmaps, cell diagram and values, with its caption."""

    name: str
    caption: str = ""


@dataclass(frozen=True)
class Open:
    """Slot of a link to a page of the app, with its label."""

    name: str
    label: str


@dataclass(frozen=True)
class Break:
    """End of a slide within a section; the next one shows this figure again."""

    figure: str = ""


@dataclass(frozen=True)
class QuizQuestion:
    """A prediction of the reader; the lesson's code computes the right option.

    explanations  why each option is right or wrong, one each; empty where none is written.
    """

    name: str
    prompt: str
    options: tuple[str, ...]
    explanations: tuple[str, ...]


@dataclass(frozen=True)
class Reveal:
    """Parts after it are hidden until the question of this name was answered."""

    name: str


@dataclass(frozen=True)
class Exercise:
    """A task at the lesson's end, whose answer the lesson's code computes.

    solution  how the answer is found.
    options   empty where a number or settings of the controls are wanted.
    hints     on a wrong number or wrong settings: by the name of a usual mistake, and by "" on all
              others.
    """

    name: str
    prompt: str
    solution: str
    options: tuple[str, ...] = ()
    explanations: tuple[str, ...] = ()
    hints: tuple[tuple[str, str], ...] = ()


LessonPart = (
    Heading
    | Prose
    | Formula
    | Control
    | Figure
    | Live
    | Open
    | Break
    | QuizQuestion
    | Reveal
    | Exercise
)
AnyPart = TypeVar("AnyPart", bound=LessonPart)


@dataclass(frozen=True)
class Teacher:
    """Notes for the teacher."""

    aim: str
    time: str
    misunderstanding: str
    answer: str


@dataclass(frozen=True)
class Lesson:
    """One lesson in one language.

    summary   one line, for the card.
    parts     in reading order.
    sources   Markdown, one each.
    """

    id: str
    language: str
    title: str
    summary: str
    parts: tuple[LessonPart, ...]
    teacher: Teacher
    sources: tuple[str, ...]

    @property
    def questions(self) -> tuple[QuizQuestion, ...]:
        """All questions, in order."""
        return tuple(part for part in self.parts if isinstance(part, QuizQuestion))

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        """All exercises, in order."""
        return tuple(part for part in self.parts if isinstance(part, Exercise))

    @property
    def tasks(self) -> tuple[QuizQuestion | Exercise, ...]:
        """Questions, then exercises."""
        return (*self.questions, *self.exercises)

    def shown(self, answered: Collection[str]) -> tuple[LessonPart, ...]:
        """Parts up to the first reveal whose question is not among the answered ones."""
        for i, part in enumerate(self.parts):
            if isinstance(part, Reveal) and part.name not in answered:
                return self.parts[:i]
        return self.parts

    def facts(self) -> set[str]:
        """Names of all facts in the text."""
        return facts_of(self)


def facts_of(part: Any) -> set[str]:
    """Names of the facts in the texts of a part, or of a lesson.

    >>> facts_of(Prose("about {fact: tau}"))
    {'tau'}
    """
    return {found["name"] for text in _texts(part) for found in FACT.finditer(text)}


def fill_facts(text: str, fact: Callable[[str], FactValue]) -> str:
    """Text with its facts filled in: three digits, or the format of `{fact: name, .1f}`.

    >>> fill_facts("about {fact: tau}, {fact: tau, .0f}", {"tau": 3.1915}.__getitem__)
    'about 3.19, 3'
    >>> fill_facts("{fact: many} times", {"many": 6.43e8}.__getitem__)
    '6.4×10⁸ times'
    """
    return FACT.sub(lambda found: _format_fact(fact(found["name"]), found["form"]), text)


def with_facts(part: AnyPart, fact: Callable[[str], FactValue]) -> AnyPart:
    """Part with the facts of all its texts filled in."""
    filled = {field.name: _fill(getattr(part, field.name), fact) for field in fields(part)}
    return replace(part, **filled)


def _fill(value: Any, fact: Callable[[str], FactValue]) -> Any:
    if isinstance(value, tuple):
        return tuple(_fill(item, fact) for item in value)
    return fill_facts(value, fact)


def _format_fact(fact: FactValue, form: str | None) -> str:
    if isinstance(fact, str):
        return fact
    if form:
        return running_text(format(fact, form))
    return running_text(str(fact) if isinstance(fact, int) else fact)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
    else:
        yield from _texts(tuple(getattr(value, field.name) for field in fields(value)))
