"""Parts that lie on each other ▶ stacks: which cells of a list are levels of one network."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from rnnviz.readers.recurrent import Part
from rnnviz.readers.result import Answers, Question

_NUMBER = re.compile(r"[_./]?(\d+)(?=$|[_./])|(?<=[a-z])(\d+)(?=$|[_./])")
STACKED, SEPARATE = "stacked", "separate"


@dataclass(frozen=True, eq=False)
class Stack:
    """Parts that feed each other, lowest first."""

    path: str
    parts: tuple[Part, ...]
    questions: tuple[Question, ...] = ()
    is_answered: bool = False


def stacks_of(parts: Iterable[Part], answers: Answers) -> tuple[Stack, ...]:
    """The parts as networks: numbered ones that fit on each other are levels of one.

    Cells without numbers that fit are separate unless the answer to "stack" says otherwise.
    """
    groups: dict[tuple[str, ...], list[Part]] = {}
    for part in parts:
        groups.setdefault(_kin(part), []).append(part)
    return tuple(stack for group in groups.values() for stack in _split(group, answers))


def _kin(part: Part) -> tuple[str, ...]:
    """What levels of one network share: the path without its numbers, the cell."""
    name = _NUMBER.sub("", part.path)
    if part.style == "torch_cell" and not _numbers(part):
        name = part.path.rpartition(".")[0]
    return name, part.style, *part.cells, part.activation


def _numbers(part: Part) -> tuple[int, ...]:
    return tuple(int(found[1] or found[2]) for found in _NUMBER.finditer(part.path))


def _split(group: list[Part], answers: Answers) -> list[Stack]:
    ordered = sorted(group, key=_numbers)
    fits = all(above.n_inputs == below.n_outputs for below, above in pairwise(ordered))
    if len(group) == 1 or not fits:
        return [Stack(part.path, (part,)) for part in group]
    is_numbered = len({_numbers(part) for part in group}) == len(group)
    question = Question("stack", (STACKED, SEPARATE), STACKED if is_numbered else SEPARATE)
    is_answered = answers.get("stack") in question.options
    if (answers["stack"] if is_answered else question.likely) == STACKED:
        path = _NUMBER.sub("", ordered[0].path) if is_numbered else _kin(ordered[0])[0]
        return [Stack(path, tuple(ordered), (question,), is_answered)]
    return [Stack(part.path, (part,), (question,), is_answered) for part in group]
