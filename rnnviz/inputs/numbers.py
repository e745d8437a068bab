"""Numbers typed as text: steps of one or several features."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import regex

from rnnviz.core.checks import shown
from rnnviz.errors import InputError

if TYPE_CHECKING:
    from rnnviz.core.arrays import Array

# Full-width and typographic signs that stand for ASCII ones.
_ASCII = str.maketrans("，、；．＋－−０１２３４５６７８９", ",,;.+--0123456789")
_STEP_END = regex.compile(r"[;\r\n]")
_MISSING_NUMBER = regex.compile(r"(?:^|[,;\r\n])[^\S\r\n]*,|;\s*;")
# Items of which each is a whole number or has a comma with digits at both sides: 1,5 2 3,5
_MAYBE_DECIMAL = regex.compile(r"[;\s]*+(?:[+−-]?[0-9]++(?:,[0-9]++)?+(?:[;\s]++|$))++")
_COMMA = regex.compile(r"[0-9]++,[0-9]++")
_NUMBER = regex.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def parse_numbers(text: str) -> Array:
    """Numbers in a text, float64 (time, feature).

    Commas and spaces separate numbers. A semicolon or a new line separates steps; on a single
    line without semicolons every number is a step. Full-width signs and the minus − are accepted.

    Raises InputError, naming the step, for what is no finite number and for steps of unequal size.

    >>> parse_numbers("1, 2.5 -3e2").shape, parse_numbers("1 2; 3 4; 5 6").shape
    ((3, 1), (3, 2))
    """
    return steps_to_array(split_numbers(text))


def split_numbers(text: str) -> list[list[str]]:
    """Numbers as typed, one list per step, not yet converted.

    Raises InputError for a missing number between separators, for a text without numbers, and for
    commas that may be decimal marks, as in 1,5 2,5.

    >>> split_numbers("1 2; 3 4")
    [['1', '2'], ['3', '4']]
    """
    _check_commas(text)
    plain = text.translate(_ASCII)
    _check_none_missing(plain)
    parts = (part.replace(",", " ").split() for part in _STEP_END.split(plain))
    steps = [step for step in parts if step]
    if not steps:
        raise InputError(
            "At least one number was expected, but the text holds none;"
            " type some, for example 1, 2.5, -3."
        )
    return [[number] for number in steps[0]] if len(steps) == 1 and ";" not in plain else steps


def steps_to_array(steps: list[list[str]]) -> Array:
    """Typed numbers of `split_numbers` as float64 (time, feature).

    Raises InputError as `parse_numbers` does.

    >>> steps_to_array([["1", "2"], ["3", "4"]]).tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    _check_equal_sizes(steps)
    return np.array([[_number(came, t) for came in step] for t, step in enumerate(steps, start=1)])


def _number(came: str, step: int) -> float:
    if _NUMBER.fullmatch(came) is None:
        raise InputError(
            "Step {step} should hold numbers, but “{came}” is not a number;"
            " separate numbers by commas or spaces.",
            step=step,
            came=shown(came),
        )
    value = float(came)
    if math.isinf(value):
        raise InputError(
            "Step {step} should hold finite numbers, but {came} is too large for a computer's"
            " number; keep below 1e308.",
            step=step,
            came=shown(came),
        )
    return value


def _check_commas(text: str) -> None:
    found = _COMMA.findall(text) if _MAYBE_DECIMAL.fullmatch(text) else []
    if len(found) > 1:
        raise InputError(
            "Numbers have a decimal point, and a comma stands between two of them, but “{came}” may"
            " be either; write {one} for one number, or {two} for two.",
            came=shown(found[0]),
            one=shown(found[0].replace(",", ".")),
            two=shown(found[0].replace(",", ", ")),
        )


def _check_none_missing(text: str) -> None:
    found = _MISSING_NUMBER.search(text)
    if found:
        raise InputError(
            "A number is missing between two separators near “{near}”;"
            " write it or remove one separator.",
            near=shown(text[max(0, found.start() - 15) : found.end() + 15].strip()),
        )


def _check_equal_sizes(steps: list[list[str]]) -> None:
    for number, step in enumerate(steps, start=1):
        if len(step) != len(steps[0]):
            raise InputError(
                "Every step needs as many numbers as the first, {wanted}, but step {step} holds"
                " {came}; add or remove numbers there.",
                wanted=len(steps[0]),
                step=number,
                came=len(step),
            )
