"""Exercises of the lessons outside the page: their prompts, and whether an answer is right."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

from rnnviz.core.checks import check_choice, is_whole_number, shown
from rnnviz.errors import InputError
from rnnviz.i18n import LANGUAGES, sentences, word
from rnnviz.lessons.interactive import (
    ExerciseAnswer,
    LessonCode,
    NumberAnswer,
    OptionAnswer,
    Settings,
    SettingsAnswer,
)
from rnnviz.lessons.lesson import Exercise, Lesson, fill_facts, with_facts
from rnnviz.lessons.option_order import check_order_seed, option_order
from rnnviz.lessons.registry import check_lesson, lesson, lesson_code

_MOST_LETTERS = 40
_THOUSANDS = re.compile(r"[-+]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")
_POWER = re.compile(r"(.+?)[×x*]10(?:\^|\*\*)?([-+]?[0-9]{1,3})")
_PLAIN = str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹．，", "--0123456789.,", " \u00a0\u202f\u2009")


@dataclass(frozen=True)
class CheckedAnswer:
    """Verdict on an answer to an exercise; true where the answer is right.

    sentence  what is said about the answer.
    """

    lesson: str
    exercise: str
    is_right: bool
    sentence: str

    def __bool__(self) -> bool:
        return self.is_right

    def __str__(self) -> str:
        return self.sentence


def exercises(lesson: str, *, language: str = "en", seed: int = 1) -> tuple[Exercise, ...]:
    """Exercises of a lesson, their numbers in place and their options in the seed's order.

    >>> exercises("gru")[0].name
    'mixture'
    """
    check_order_seed(seed)
    text, code = _opened(lesson, language)
    return tuple(_in_order(_filled(part, code), lesson, seed) for part in text.exercises)


def check(
    lesson: str, exercise: int | str, answer: Any, *, language: str = "en", seed: int = 1
) -> CheckedAnswer:
    """Verdict on an answer to a lesson's exercise.

    exercise  its number, counted from 1, or its name.
    answer    a number, or a text of one; of options the text or the number, counted from 1 in
              the order of `exercises`; of settings a dictionary of the controls' values.

    Raises InputError for an exercise that is not there, an answer of another kind, or a language
    or seed that is none.

    >>> print(check("gru", 1, 0.4))
    Right.
    """
    check_order_seed(seed)
    text, code = _opened(lesson, language)
    part = _exercise(text, exercise)
    wanted = code.exercises[part.name]
    if isinstance(wanted, OptionAnswer):
        asked = _in_order(_filled(part, code), lesson, seed)
        at = _option(asked.options, answer)
        order = option_order(len(asked.options), seed, lesson, part.name)
        accepted, reason = order[at] == wanted.right(), asked.explanations[at]
    else:
        accepted = _accepts(wanted, code, answer)
        reason = "" if accepted else _hint(_filled(part, code), wanted, code, answer)
    said = word("exercise.right" if accepted else "exercise.wrong", language)
    return CheckedAnswer(lesson, part.name, accepted, sentences((said, reason), language))


def is_right(lesson: str, name: str, chosen: str) -> bool:
    """True when an answer to a question or an exercise, as text, is right.

    Of an option the text is its index in the lesson's text, of settings JSON.
    """
    if options_of(lesson, name):
        return chosen == str(right_option(lesson, name))
    try:
        return _accepts_text(lesson, name, chosen)
    except (InputError, ValueError, RecursionError):
        return False


def hint(lesson: str, part: Exercise, chosen: str) -> str:
    """Hint on a wrong answer, a text as in `is_right`: that on a usual mistake, where it is one.

    part  the exercise with its numbers in place.
    """
    code = lesson_code(lesson)
    wanted = code.exercises[part.name]
    try:
        return _hint(part, wanted, code, _answer(wanted, chosen))
    except (InputError, ValueError, RecursionError):
        return ""


def _hint(part: Exercise, wanted: ExerciseAnswer, code: LessonCode, answer: Any) -> str:
    if isinstance(wanted, NumberAnswer):
        mistake = wanted.mistake(read_number(answer))
    elif isinstance(wanted, SettingsAnswer):
        mistake = wanted.mistake(_settings(code, answer))
    else:
        return ""
    return dict(part.hints)[mistake]


def options_of(lesson: str, name: str) -> tuple[str, ...]:
    """Options of a question or an exercise in English; none where it has none."""
    text, _ = _opened(lesson, "en")
    return next((p.options for p in text.tasks if p.name == name), ())


@lru_cache(maxsize=4096)
def option_text(lesson: str, name: str, chosen: str, language: str) -> str:
    """Words of a chosen option with its numbers in place; empty where there is none."""
    text, code = _opened(lesson, language)
    part = next((p for p in text.tasks if p.name == name), None)
    if part is None or chosen not in map(str, range(len(part.options))):
        return ""
    settings = code.settings()
    return fill_facts(part.options[int(chosen)], lambda fact: code.facts[fact](settings))


@cache
def right_option(lesson: str, name: str) -> int:
    """Index, in the lesson's text, of the right option of a question or an exercise."""
    wanted = lesson_code(lesson).answer_of(name)
    assert isinstance(wanted, OptionAnswer)
    return wanted.right()


@lru_cache(maxsize=4096)
def _accepts_text(lesson: str, name: str, chosen: str) -> bool:
    code = lesson_code(lesson)
    wanted = code.exercises[name]
    return _accepts(wanted, code, _answer(wanted, chosen))


def _answer(wanted: ExerciseAnswer, chosen: str) -> Any:
    return json.loads(chosen) if isinstance(wanted, SettingsAnswer) else chosen


def read_number(answer: Any) -> float:
    """Number of an answer: 0.4, "−0.4", "17,718", "1/3", "6.4×10⁸". Raises InputError.

    >>> read_number("6.4×10⁸")
    640000000.0
    """
    if isinstance(answer, str):
        return _typed_number(answer)
    try:
        return float(answer)
    except (TypeError, ValueError, OverflowError) as error:
        raise _no_number(answer) from error


def _typed_number(typed: str) -> float:
    text = typed.translate(_PLAIN) if len(typed) <= _MOST_LETTERS else "x"
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if power := _POWER.fullmatch(text):
        text = f"{power[1]}e{power[2]}"
    try:
        return float(Fraction(text)) if "/" in text else float(text)
    except (ValueError, ZeroDivisionError, OverflowError) as error:
        raise _no_number(typed) from error


def _no_number(answer: Any) -> InputError:
    return InputError(
        "A number such as 0.84 is wanted as the answer, not {came}.", came=shown(answer)
    )


def _opened(id: str, language: str) -> tuple[Lesson, LessonCode]:
    check_lesson(id)
    check_choice("language", language, LANGUAGES)
    return lesson(id, language), lesson_code(id)


def _exercise(text: Lesson, exercise: int | str) -> Exercise:
    is_named = isinstance(exercise, str) or is_whole_number(exercise)
    for number, part in enumerate(text.exercises, start=1):
        if is_named and exercise in (number, part.name):
            return part
    raise InputError(
        "Lesson {lesson} has {count} exercises, counted from 1, but number {came} was asked for.",
        lesson=text.id,
        count=len(text.exercises),
        came=shown(exercise),
    )


def _filled(part: Exercise, code: LessonCode) -> Exercise:
    settings = code.settings()
    return with_facts(part, lambda name: code.facts[name](settings))


def _in_order(part: Exercise, lesson: str, seed: int) -> Exercise:
    order = option_order(len(part.options), seed, lesson, part.name)
    return replace(
        part,
        options=tuple(part.options[i] for i in order),
        explanations=tuple(part.explanations[i] for i in order),
    )


def _option(options: Sequence[str], answer: Any) -> int:
    """Index of the option that an answer names."""
    if isinstance(answer, str) and answer.strip() in options:
        return list(options).index(answer.strip())
    if is_whole_number(answer) and 1 <= answer <= len(options):
        return int(answer) - 1
    raise InputError(
        "One of the options 1 to {count}, or its text, is wanted as the answer, not {came}.",
        count=len(options),
        came=shown(answer),
    )


def _accepts(wanted: ExerciseAnswer, code: LessonCode, answer: Any) -> bool:
    if isinstance(wanted, NumberAnswer):
        return wanted.accepts(read_number(answer))
    assert isinstance(wanted, SettingsAnswer)
    return wanted.reached(_settings(code, answer))


def _settings(code: LessonCode, answer: Any) -> Settings:
    """Settings of all controls, those of the answer among them."""
    names = [control.name for control in code.controls]
    if not isinstance(answer, Mapping) or not set(answer) <= set(names):
        raise InputError(
            "Settings of {names} are wanted as the answer, as a dictionary, not {came}.",
            names=", ".join(names),
            came=shown(answer),
        )
    return code.settings(answer)
