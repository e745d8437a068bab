"""Parser of a lesson's file, whose format `assets/lessons/README.md` describes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields

from rnnviz.errors import InputError
from rnnviz.lessons.lesson import (
    FACT,
    Break,
    Control,
    Exercise,
    Figure,
    Formula,
    Heading,
    Lesson,
    LessonPart,
    Live,
    Open,
    Prose,
    QuizQuestion,
    Reveal,
    Teacher,
)

_SLOT = re.compile(r"\{(?P<kind>[a-z]+)(?:: (?P<name>\w+))?\}(?: (?P<text>.*))?", re.DOTALL)
_STOPS = "\u3001-\u3011\uff00-\uffef"  # Chinese punctuation
_WIDE = "\u3000-\u9fff\uff00-\uffef“”‘’…"
_EXPLANATION = re.compile(r"\n\s*(?:: |：)")
_HINT = re.compile(r"\n\s*\?(\w*) ")
_BREAK = re.compile(r"---(?: (?P<figure>\w+))?")
_FORMULAS = re.compile(r"\$[^$]+\$|`[^`]+`")


@dataclass(frozen=True)
class _Block:
    """Lines without an empty line between them; `line` is the number of the first."""

    lesson: str
    line: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def wrong(self, wanted: str) -> InputError:
        return InputError(
            'Lesson {lesson}, line {line}: {wanted} is wanted there, but "{came}" came.',
            lesson=self.lesson,
            line=self.line,
            wanted=wanted,
            came=self.lines[0],
        )


def parse_lesson(text: str, id: str, language: str) -> Lesson:
    """Lesson of a text. Raises InputError, with the line, where the format is not kept."""
    first, second, *rest = _blocks(text, f"{id}.{language}")
    if not first.text.startswith("# "):
        raise first.wrong("the title, `# …`,")
    parts = [_part(block) for block in rest[:-2]]
    _check_order(rest, parts)
    teacher, sources = _closing(rest)
    return Lesson(id, language, first.text[2:], _plain(second), tuple(parts), teacher, sources)


def _blocks(text: str, lesson: str) -> Iterator[_Block]:
    gathered: list[str] = []
    for number, line in enumerate([*text.splitlines(), ""], start=1):
        if line.strip():
            gathered.append(line.rstrip())
        elif gathered:
            yield _Block(lesson, number - len(gathered), tuple(gathered))
            gathered = []


def _part(block: _Block) -> LessonPart:
    if block.text.startswith("## "):
        return Heading(block.text[3:])
    if found := _BREAK.fullmatch(block.text):
        return Break(found["figure"] or "")
    if block.text.startswith("$$"):
        return _formula(block)
    found = _SLOT.match(block.text)
    if found and found["kind"] != "fact":
        return _slot(block, found["kind"], found["name"], found["text"] or "")
    return Prose(_plain(block))


def _formula(block: _Block) -> Formula:
    if not block.text.endswith("$$") or len(block.text) < 5:
        raise block.wrong("a formula between `$$` and `$$`")
    return Formula(" ".join(block.text[2:-2].split()))


def _slot(block: _Block, kind: str, name: str | None, text: str) -> LessonPart:
    if kind not in _SLOTS or not name:
        raise block.wrong(f"a slot, one of {', '.join(f'{{{one}: name}}' for one in _SLOTS)},")
    return _SLOTS[kind](block, name, text)


def _question(block: _Block, name: str, text: str) -> QuizQuestion:
    head, *entries = _entries(text)
    options, explanations = _explained(block, entries)
    if not head.strip() or len(options) < 2:
        raise block.wrong("a question with its options, `- …` each,")
    return QuizQuestion(name, _joined(head), options, explanations)


def _exercise(block: _Block, name: str, text: str) -> Exercise:
    head, *entries = _entries(text)
    head, *said = _HINT.split(head)
    hints = tuple(
        (mistake, _joined(hint)) for mistake, hint in zip(said[::2], said[1::2], strict=True)
    )
    (prompt,), (solution,) = _explained(block, [head])
    options, explanations = _explained(block, entries)
    if not prompt or not solution or len(options) == 1:
        raise block.wrong("an exercise, its solution after `: `, and no option or several,")
    return Exercise(name, prompt, solution, options, explanations, hints)


def _explained(block: _Block, entries: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Entries without their explanations, and the explanations."""
    halves = [_EXPLANATION.split(entry) for entry in entries]
    if any(len(half) > 2 for half in halves):
        raise block.wrong("one explanation, `: …`, for an option")
    return (
        tuple(_joined(half[0]) for half in halves),
        tuple(_joined(half[1]) if len(half) == 2 else "" for half in halves),
    )


def _control(block: _Block, name: str, text: str) -> Control:
    label, options = _listed(text)
    pairs = tuple(tuple(option.split(": ", 1)) for option in options)
    if not label or not all(len(pair) == 2 for pair in pairs):
        raise block.wrong("a label, and `- value: label` for every option,")
    return Control(name, label, tuple((pair[0], pair[1]) for pair in pairs))


def _reveal(block: _Block, name: str, text: str) -> Reveal:
    if text:
        raise block.wrong("nothing after a reveal")
    return Reveal(name)


def _open(block: _Block, name: str, text: str) -> Open:
    if not text:
        raise block.wrong("the words of the link")
    return Open(name, text)


_SLOTS: Mapping[str, Callable[[_Block, str, str], LessonPart]] = {
    "figure": lambda block, name, text: Figure(name, _joined(text)),
    "live": lambda block, name, text: Live(name, _joined(text)),
    "control": _control,
    "open": _open,
    "question": _question,
    "exercise": _exercise,
    "reveal": _reveal,
}


def _check_order(blocks: list[_Block], parts: list[LessonPart]) -> None:
    """Raise unless a reveal follows its question, and no question follows an exercise."""
    asked: list[str] = []
    ended = False
    for block, part in zip(blocks, parts, strict=False):
        ended = ended or isinstance(part, Exercise)
        if ended and isinstance(part, QuizQuestion | Reveal):
            raise block.wrong("an exercise, since all questions stand before the first one,")
        if isinstance(part, QuizQuestion):
            asked.append(part.name)
        elif isinstance(part, Reveal) and part.name not in asked:
            raise block.wrong("a reveal of a question before it")


def _closing(blocks: list[_Block]) -> tuple[Teacher, tuple[str, ...]]:
    for block, mark in zip(blocks[-2:], ("{teacher}", "{sources}"), strict=True):
        if block.lines[0] != mark:
            raise block.wrong(mark)
    _, said = _listed(blocks[-2].text)
    names = [field.name for field in fields(Teacher)]
    pairs = [line.split(": ", 1) for line in said]
    if [pair[0] for pair in pairs] != names or not all(len(pair) == 2 for pair in pairs):
        raise blocks[-2].wrong(f"`- name: …` for {', '.join(names)}, in this order,")
    _, sources = _listed(blocks[-1].text)
    if not sources:
        raise blocks[-1].wrong("at least one source, `- …`,")
    return Teacher(**{pair[0]: pair[1] for pair in pairs}), sources


def _plain(block: _Block) -> str:
    """Text of a block; raises for braces outside formulas and facts, as of a mistyped slot."""
    text = _unbroken(block)
    if "{" in FACT.sub("", _FORMULAS.sub("", text)):
        raise block.wrong("a fact, `{fact: name}`, or no brace,")
    return text


def _unbroken(block: _Block) -> str:
    """Text of a block with its lines joined; a list's entries and a table's rows stay lines."""
    if block.lines[0].startswith("|"):
        return block.text
    if not block.lines[0].startswith("- "):
        return _joined(block.text)
    return "\n".join(f"- {entry}" for entry in _listed(block.text)[1])


def _listed(text: str) -> tuple[str, tuple[str, ...]]:
    """Text before a list, and the list's entries, long lines joined."""
    head, *entries = _entries(text)
    return _joined(head), tuple(map(_joined, entries))


def _entries(text: str) -> list[str]:
    """Text before a list, and the list's entries."""
    return re.split(r"(?:^|\n)- ", text)


def _joined(text: str) -> str:
    # A line break at Chinese punctuation, or between two Chinese characters, is no space.
    text = re.sub(rf"\n\s*(?=[{_STOPS}])|(?<=[{_STOPS}])\n\s*", "", text)
    text = re.sub(rf"(?<=[{_WIDE}])\n\s*(?=[{_WIDE}])", "", text)
    return " ".join(text.split())
