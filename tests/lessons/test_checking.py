"""Answers to exercises outside the page: right ones, wrong ones, and what is no answer."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rnnviz as rv
from rnnviz.errors import InputError
from rnnviz.lessons.checking import CheckedAnswer, hint, is_right, read_number
from rnnviz.lessons.registry import LESSONS, lesson_code
from tests.odd_values import odd, refusal, result_unless_refused


def test_a_right_answer_is_true_and_says_so() -> None:
    done = rv.lessons.check("gru", 1, 0.75 * 0.6 + 0.25 * -0.2)
    assert done
    assert (done.lesson, done.exercise, str(done)) == ("gru", "mixture", "Right.")
    assert str(rv.lessons.check("gru", "mixture", 0.4, language="zh")) == "正确。"


def test_a_wrong_number_gets_a_hint_on_its_mistake_or_on_where_to_look() -> None:
    # Of the formula z h + (1 − z) n with z and 1 − z exchanged, worked out here.
    swapped = 0.25 * 0.6 + 0.75 * -0.2
    assert "The weights are exchanged" in str(rv.lessons.check("gru", 1, swapped))
    assert "权重对调了" in str(rv.lessons.check("gru", 1, "0.0", language="zh"))
    said = str(rv.lessons.check("gru", 1, 123))
    assert said.startswith("Not yet. The new state is a weighted mean")


def test_wrong_settings_get_a_hint_on_what_is_still_to_be_set() -> None:
    kept = rv.lessons.check("gru", "corner", {"reset": 1, "update": 1})
    assert "nothing is ever written" in str(kept)
    assert "does not yet see all" in str(rv.lessons.check("gru", "corner", {"update": 0}))
    assert str(rv.lessons.check("gru", "corner", {"reset": 1, "update": 0})) == "Right."


@pytest.mark.parametrize("chosen", ["", "four", "1/0", "{", "[]", "[" * 5000, '{"forget": 1}'])
@pytest.mark.parametrize("name", ["mixture", "corner", "reset_closed"])
def test_what_is_no_answer_gets_no_hint_and_no_traceback(name: str, chosen: str) -> None:
    part = next(one for one in rv.lessons.exercises("gru") if one.name == name)
    assert hint("gru", part, chosen) == ""


@pytest.mark.parametrize("answer", [0.4, "0.4", np.float32(0.4), np.array(0.404), Fraction(2, 5)])
def test_a_number_may_come_in_any_kind_of_number(answer: Any) -> None:
    assert rv.lessons.check("gru", 1, answer)


@pytest.mark.parametrize("answer", [0.41, -0.4, "nan", "inf", 1e308, 0])
def test_another_number_is_not_right(answer: Any) -> None:
    assert not rv.lessons.check("gru", 1, answer)


@pytest.mark.parametrize(
    "answer", [None, "", "four", [0.4, 0.4], {}, "1/0", "9" * 400, 10**400, "0.4.1", "1,2,3", "e"]
)
def test_what_is_no_number_is_told_so(answer: Any) -> None:
    with pytest.raises(InputError, match="A number such as"):
        rv.lessons.check("gru", 1, answer)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("17,718", 17718),
        ("1,000,000.5", 1000000.5),
        ("−0.5", -0.5),
        (" + 3", 3),
        ("6.4×10⁸", 6.4e8),
        ("6.4 x 10^8", 6.4e8),
        ("5*10**-3", 5e-3),
        ("10⁻³", None),
        ("1/3", 1 / 3),
        ("．5", 0.5),
        ("2e3", 2000),
    ],
)
def test_a_typed_number_is_read_as_it_is_written(typed: str, number: float | None) -> None:
    if number is None:
        with pytest.raises(InputError):
            read_number(typed)
    else:
        assert read_number(typed) == pytest.approx(number, rel=1e-15)


@given(st.text(max_size=60) | st.from_regex(r"[-+0-9.,/×x^e⁰⁸ ]{0,45}", fullmatch=True))
def test_whatever_is_typed_is_a_number_or_refused(typed: str) -> None:
    with suppress(InputError):
        assert isinstance(read_number(typed), float)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-999, max_value=999))
def test_a_decimal_reads_as_itself(number: Decimal) -> None:
    assert read_number(str(number)) == float(number)


def test_an_option_is_named_by_its_text_or_by_its_number_in_the_order_of_the_seed() -> None:
    right = "On both"
    for seed in (1, 2, 3):
        options = rv.lessons.exercises("gru", seed=seed)[3].options
        for number, option in enumerate(options, start=1):
            by_number = rv.lessons.check("gru", 4, number, seed=seed)
            by_text = rv.lessons.check("gru", 4, option, seed=seed)
            assert bool(by_number) == bool(by_text) == (option == right)
            # Every option is told why.
            assert len(by_text.sentence) > 30
    with pytest.raises(InputError, match="One of the options 1 to 3"):
        rv.lessons.check("gru", 4, 0)
    with pytest.raises(InputError, match="One of the options 1 to 3"):
        rv.lessons.check("gru", 4, True)


def test_settings_are_right_where_they_do_what_is_asked() -> None:
    assert rv.lessons.check("gru", "corner", {"reset": 1, "update": 0})
    assert not rv.lessons.check("gru", "corner", {"reset": 1})
    assert not rv.lessons.check("gru", "corner", {})
    for wrong in (0.4, {"forget": 1}, None):
        with pytest.raises(InputError, match="Settings of reset, update are wanted"):
            rv.lessons.check("gru", "corner", wrong)


@pytest.mark.parametrize("exercise", [0, 5, -1, 1.0, "nothing", None, True, [], np.array([1, 2])])
def test_an_exercise_that_is_not_there_is_told_so(exercise: Any) -> None:
    with pytest.raises(InputError, match="Lesson gru has 4 exercises"):
        rv.lessons.check("gru", exercise, 0)


@pytest.mark.parametrize("language", ["xx", "ZH", "../en", None, []])
def test_a_language_that_is_not_there_is_told_so(language: Any) -> None:
    with pytest.raises(InputError, match="language should be one of en, zh"):
        rv.lessons.check("gru", 1, 0.4, language=language)
    with pytest.raises(InputError, match="language should be one of en, zh"):
        rv.lessons.exercises("gru", language=language)


@pytest.mark.parametrize("seed", [-1, 0.5, "1", None, True, 10_000, 10**400])
def test_what_is_no_seed_is_told_so(seed: Any) -> None:
    with pytest.raises(InputError, match="a whole number from 0 to 9999"):
        rv.lessons.check("gru", 4, 1, seed=seed)
    with pytest.raises(InputError, match="a whole number from 0 to 9999"):
        rv.lessons.exercises("gru", seed=seed)


def test_a_setting_that_no_float_is_as_large_as_is_read_as_the_largest() -> None:
    huge = 10**400
    assert rv.lessons.check("gru", "corner", {"reset": huge, "update": -huge})
    assert is_right("gru", "corner", f'{{"reset": {huge}, "update": 0}}')
    assert not is_right("gru", "corner", f'{{"reset": -{huge}, "update": 0}}')


@pytest.mark.parametrize("lesson", ["nothing", "", "../gru"])
def test_a_lesson_that_is_not_there_is_told_so(lesson: str) -> None:
    with pytest.raises(InputError, match="the lessons are reads, "):
        rv.lessons.check(lesson, 1, 0)
    with pytest.raises(InputError, match="the lessons are reads, "):
        rv.lessons.exercises(lesson)


@odd
def test_an_odd_value_is_refused_in_one_sentence(value: Any) -> None:
    refusal(rv.lessons.check, value, 1, 0.4)
    refusal(rv.lessons.check, "gru", value, 0.4)
    for option in ("language", "seed"):
        refusal(rv.lessons.check, "gru", 1, 0.4, **{option: value})
        refusal(rv.lessons.exercises, "gru", **{option: value})
    refusal(rv.lessons.exercises, value)


@odd
@pytest.mark.parametrize("lesson", LESSONS)
def test_an_odd_answer_is_wrong_or_refused(lesson: str, value: Any) -> None:
    for exercise in rv.lessons.exercises(lesson):
        assert not result_unless_refused(rv.lessons.check, lesson, exercise.name, value)
        for control in lesson_code(lesson).controls:
            settings = {control.name: value}
            found = result_unless_refused(rv.lessons.check, lesson, exercise.name, settings)
            assert isinstance(found, CheckedAnswer | None)


def test_the_exercises_are_listed_with_their_numbers_in_place() -> None:
    for language in ("en", "zh"):
        listed = rv.lessons.exercises("gru", language=language)
        assert len(listed) == 4
        assert "0.6" in listed[0].prompt
        assert not any("{fact" in each.prompt + each.solution for each in listed)
