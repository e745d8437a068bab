"""Parts of a lesson for paper: what stands on which page, without what only a screen can do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from rnnviz.lessons.lesson import (
    Control,
    Exercise,
    Figure,
    Heading,
    LessonPart,
    Live,
    Prose,
    QuizQuestion,
    Reveal,
    facts_of,
)

# Words of sentences that ask for a hand on the screen.
_HANDS = re.compile(
    r"\b(?:press|click|slider|player|play it|drag|choose another|other units?, and the|with →)"
    r"|按播放|按下|按 →|点击|单击|点一|滑块|拖动|播放|播放器",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z“*])|(?<=[。！？])")


@dataclass(frozen=True)
class Pages:
    """Parts of a lesson by page: for students, to read after the questions, and exercises."""

    student: tuple[LessonPart, ...]
    rest: tuple[LessonPart, ...]
    exercises: tuple[Exercise, ...]


def pages(parts: Iterable[LessonPart], blanks: frozenset[str]) -> Pages:
    """Parts by page: students get all up to the first answer, later questions and blank tables.

    blanks  facts that students compute: parts that show them stand on the student's page.
    """
    student: list[LessonPart] = []
    rest: list[LessonPart] = []
    exercises: list[Exercise] = []
    for number, section in enumerate(_sections(parts)):
        exercises += [part for part in section if isinstance(part, Exercise)]
        shown = [part for part in section if not isinstance(part, Exercise)]
        asks = any(isinstance(part, QuizQuestion) or facts_of(part) & blanks for part in shown)
        (student if number == 0 or asks else rest).extend(shown)
    return Pages(tuple(student), tuple(rest), tuple(exercises))


def _sections(parts: Iterable[LessonPart]) -> list[list[LessonPart]]:
    """Parts up to the first reveal, then every section and what each question hides."""
    sections: list[list[LessonPart]] = [[]]
    for part in parts:
        begins = isinstance(part, Reveal) or (len(sections) > 1 and isinstance(part, Heading))
        # A heading directly after a reveal begins no section of its own.
        if begins and not (sections[-1] and all(isinstance(p, Reveal) for p in sections[-1])):
            sections.append([])
        sections[-1].append(part)
    return sections


def on_paper(part: LessonPart) -> LessonPart | None:
    """Part without the sentences that ask for a hand on the screen; None when nothing is left.

    >>> on_paper(Prose("Press play. The state is $h$."))
    Prose(text='The state is $h$.')
    >>> on_paper(Prose("- Move the slider.")) is None
    True
    """
    if isinstance(part, Prose):
        said = _without_hands(part.text)
        return Prose(said) if said else None
    if isinstance(part, Figure | Live):
        return replace(part, caption=_without_hands(part.caption))
    if isinstance(part, Exercise) and _HANDS.search(part.prompt):
        return None
    return part


def _without_hands(text: str) -> str:
    if text.startswith("|"):
        return text
    if text.startswith("- "):
        entries = re.split(r"\n(?=- )", text)
        return "\n".join(entry for entry in entries if not _HANDS.search(entry))
    return " ".join(s.strip() for s in _SENTENCE.split(text) if s and not _HANDS.search(s))


def setting_label(part: Control, value: float | str) -> str:
    """A control's name and what the figures of the sheet were drawn for.

    >>> setting_label(Control("gain", "Gain"), 0.9)
    'Gain: 0.9'
    """
    named = dict(part.options).get(str(value))
    shown = named or (f"{value:g}".replace("-", "−") if isinstance(value, float) else value)
    return f"{part.label}: {shown}"
