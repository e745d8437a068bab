"""A lesson as it was written: its parts in reading order, and the slides they fall into."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from rnnviz.formatting import format_number

Fact = float | str
FACT = re.compile(r"\{fact: (?P<name>\w+)(?:, (?P<form>[^{}]+))?\}")


@dataclass(frozen=True)
class Heading:
    """The title of a section; a slide begins with it."""

    text: str


@dataclass(frozen=True)
class Prose:
    """A paragraph, a list or a table, in Markdown with formulas between dollars."""

    text: str


@dataclass(frozen=True)
class Formula:
    """A formula on a line of its own, LaTeX."""

    latex: str


@dataclass(frozen=True)
class Control:
    """Where a slider or a choice stands; options are (value, label) of a choice."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Figure:
    """Where a figure stands, and what is said under it."""

    name: str
    caption: str = ""


@dataclass(frozen=True)
class Live:
    """Where a player with heatmaps, live cell and numbers stands, and what is said under it."""

    name: str
    caption: str = ""


@dataclass(frozen=True)
class Open:
    """Where a link to a page with everything set stands, and its words."""

    name: str
    label: str


@dataclass(frozen=True)
class Break:
    """A slide ends here, though no section does."""


@dataclass(frozen=True)
class Question:
    """What the reader predicts; which option is right is computed behind the lesson."""

    name: str
    prompt: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Reveal:
    """What follows is hidden until the question of this name was answered."""

    name: str


Part = Heading | Prose | Formula | Control | Figure | Live | Open | Break | Question | Reveal
AnyPart = TypeVar("AnyPart", bound=Part)


@dataclass(frozen=True)
class Teacher:
    """What a teacher wants to know before the class."""

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
    parts: tuple[Part, ...]
    teacher: Teacher
    sources: tuple[str, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        """All that is to be predicted, in order."""
        return tuple(part for part in self.parts if isinstance(part, Question))

    def shown(self, n_revealed: int) -> tuple[Part, ...]:
        """The parts up to the first reveal that is still closed."""
        closed = [i for i, part in enumerate(self.parts) if isinstance(part, Reveal)][n_revealed:]
        return self.parts[: closed[0]] if closed else self.parts

    def facts(self) -> set[str]:
        """The names of all facts that the text asks for."""
        return {found["name"] for text in _texts(self) for found in FACT.finditer(text)}


def slides(parts: tuple[Part, ...]) -> tuple[tuple[Part, ...], ...]:
    """Parts as slides: each heading, break, question and reveal begins one.

    >>> [len(slide) for slide in slides((Heading("a"), Prose("b"), Break(), Prose("c")))]
    [2, 1]
    """
    begun: list[list[Part]] = [[]]
    for part in parts:
        # A heading straight before a question stands over it.
        is_alone = all(isinstance(one, Heading | Reveal) for one in begun[-1])
        if isinstance(part, Heading | Break | Question | Reveal) and not is_alone:
            begun.append([])
        if not isinstance(part, Break):
            begun[-1].append(part)
    return tuple(tuple(slide) for slide in begun if slide)


def filled(text: str, fact: Callable[[str], Fact]) -> str:
    """The text with its facts in place: numbers to three digits or as `{fact: name, .1f}` asks.

    >>> filled("about {fact: tau}, {fact: tau, .0f}", {"tau": 3.1915}.__getitem__)
    'about 3.19, 3'
    """
    return FACT.sub(lambda found: _written(fact(found["name"]), found["form"]), text)


def with_facts(part: AnyPart, fact: Callable[[str], Fact]) -> AnyPart:
    """A part with all its texts filled."""
    return replace(part, **_filled_fields(part, fact))


def _filled_fields(part: Any, fact: Callable[[str], Fact]) -> Mapping[str, Any]:
    return {field.name: _fill(getattr(part, field.name), fact) for field in fields(part)}


def _fill(value: Any, fact: Callable[[str], Fact]) -> Any:
    if isinstance(value, tuple):
        return tuple(_fill(one, fact) for one in value)
    return filled(value, fact)


def _written(fact: Fact, form: str | None) -> str:
    if isinstance(fact, str):
        return fact
    if form:
        return format(fact, form).replace("-", "−")
    return str(fact).replace("-", "−") if isinstance(fact, int) else format_number(fact)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _texts(one)
    else:
        yield from _texts(tuple(getattr(value, field.name) for field in fields(value)))
