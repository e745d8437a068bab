"""The right answers to a sequence, where a task can tell them from what is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.train.task import Task
from rnnviz.train.text_tasks import BRACKETS, DEEPEST, ORDER_CLASSES, UNKNOWN

_MARKS = 2


def right_answers(task: Task, sequence: Sequence, row: int = 0) -> Array | None:
    """Right outputs for one row: (time,) indices of labels, or (output, time) numbers.

    NaN where the task has no answer or none can be told; None where that is so everywhere. The
    language of a surname is never told: a list that has it is no proof of where it comes from.

    >>> from rnnviz.inputs.parse import parse
    >>> from rnnviz.train.tasks import TASKS
    >>> right_answers(TASKS["brackets"], parse("([]", kind="characters")).tolist()
    [1.0, 2.0, 1.0]
    """
    find = _FINDERS.get(task.name)
    if find is None:
        return None
    answers = find(task, sequence, row)
    return None if np.isnan(answers).all() else answers


def _next_token(task: Task, sequence: Sequence, row: int) -> Array:
    index = {token: i for i, token in enumerate(task.outputs)}
    known = [index.get(token, index[UNKNOWN]) for token in sequence.tokens[row]]
    return np.array([*known[1:], np.nan], float)


def _depth(_: Task, sequence: Sequence, row: int) -> Array:
    """Brackets that are open after each step; NaN from the first that matches none."""
    open_: list[str] = []
    answers = np.full(len(sequence.tokens[row]), np.nan)
    for t, token in enumerate(sequence.tokens[row]):
        if token in BRACKETS[::2]:
            open_.append(token)
        elif token in BRACKETS and open_ and BRACKETS.index(open_[-1]) == BRACKETS.index(token) - 1:
            open_.pop()
        else:
            break
        if len(open_) > DEEPEST:
            break
        answers[t] = len(open_)
    return answers


def _order(_: Task, sequence: Sequence, row: int) -> Array:
    marks = "".join(token for token in sequence.tokens[row] if token in ("X", "Y"))
    known = ORDER_CLASSES.index(marks) if marks in ORDER_CLASSES else np.nan
    return _at_last(known, sequence, row)


def _sum_of_marked(_: Task, sequence: Sequence, row: int) -> Array:
    values, marks = _numbers(sequence, row).T
    is_told = set(np.unique(marks)) <= {0.0, 1.0} and marks.sum() == _MARKS
    return _at_last(float(values @ marks) if is_told else np.nan, sequence, row)[None]


def _last_pulses(_: Task, sequence: Sequence, row: int) -> Array:
    pulses = _numbers(sequence, row)
    if not set(np.unique(pulses)) <= {-1.0, 0.0, 1.0}:
        return np.full(pulses.T.shape, np.nan)
    steps = np.arange(len(pulses))[:, None]
    latest = np.maximum.accumulate(np.where(pulses != 0, steps, -1), axis=0)
    held = np.take_along_axis(pulses, np.maximum(latest, 0), axis=0)
    return np.where(latest < 0, np.nan, held).T


def _next_value(_: Task, sequence: Sequence, row: int) -> Array:
    return np.append(_numbers(sequence, row)[1:, 0], np.nan)[None]


def _numbers(sequence: Sequence, row: int) -> Array:
    return sequence.values[: sequence.lengths[row], row].astype(float)


def _at_last(answer: float, sequence: Sequence, row: int) -> Array:
    answers = np.full(sequence.lengths[row], np.nan)
    answers[-1] = answer
    return answers


_FINDERS: Mapping[str, Callable[[Task, Sequence, int], Array]] = MappingProxyType(
    {
        "next_character": _next_token,
        "brackets": _depth,
        "temporal_order": _order,
        "adding": _sum_of_marked,
        "flip_flop": _last_pulses,
        "sines": _next_value,
    }
)
