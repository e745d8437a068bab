"""Right answers to what somebody types are those that the tasks themselves give."""

from __future__ import annotations

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.train.right_answers import right_answers
from rnnviz.train.tasks import TASKS

# Of a surname nobody knows the language; what comes after the last step is not in the sequence.
KNOWN = {
    "brackets": slice(None),
    "temporal_order": slice(None),
    "next_character": slice(-1),
    "adding": slice(None),
    "flip_flop": slice(None),
    "sines": slice(-1),
    "counting": slice(None),
    "reber": slice(-1),
    "parity": slice(None),
    "copy": slice(None),
    "choices": slice(-1),
}


@pytest.mark.parametrize("task", KNOWN)
@pytest.mark.parametrize("seed", range(4))
def test_right_answers_are_the_targets_of_the_task_where_it_asks(task: str, seed: int) -> None:
    batch = TASKS[task].held_out_batch(np.random.default_rng(seed), 3)
    for row in range(3):
        found = right_answers(task, batch.sequence, row=row)
        asked = batch.mask[: len(found), row][KNOWN[task]]
        wanted = batch.targets[: len(found), row][KNOWN[task]]
        np.testing.assert_allclose(found[KNOWN[task]][asked], wanted[asked], atol=1e-6)


@pytest.mark.parametrize("task", ["temporal_order", "adding"])
def test_a_task_that_asks_at_the_end_has_no_right_answer_before(task: str) -> None:
    found = right_answers(task, TASKS[task].example(1))
    assert np.isnan(found[:-1]).all()
    assert not np.isnan(found[-1]).any()


def test_the_language_of_a_surname_is_never_known() -> None:
    assert np.isnan(right_answers("languages", rv.parse("Schneider"))).all()


@pytest.mark.parametrize(
    ("text", "depths"),
    [
        ("([)]", [1, 2, np.nan, np.nan]),
        (")(", [np.nan, np.nan]),
        ("(x)", [1, np.nan, np.nan]),
        ("(((((())", [1, 2, 3, 4, 5, np.nan, 5, 4]),
    ],
)
def test_brackets_that_do_not_fit_have_no_depth_from_there_on(
    text: str, depths: list[float]
) -> None:
    np.testing.assert_array_equal(right_answers("brackets", rv.parse(text)), depths)


@pytest.mark.parametrize(
    ("task", "text", "right"),
    [
        ("counting", "aabb", [np.nan, np.nan, 1, 2]),
        ("counting", "aaabb", [np.nan] * 3 + [1, 1]),
        ("counting", "abb", [np.nan, 2, np.nan]),
        ("counting", "ba", [np.nan, np.nan]),
        ("parity", "1101x1", [1, 0, 0, 1, np.nan, np.nan]),
        ("copy", "ca-??", [np.nan] * 3 + [2, 0]),
        ("copy", "c-??", [np.nan] * 4),
        ("copy", "c-?-", [np.nan] * 4),
        ("choices", "LrlR", [1, 0, 1, np.nan]),
    ],
)
def test_texts_of_other_lengths_are_answered_where_the_task_says_how(
    task: str, text: str, right: list[float]
) -> None:
    np.testing.assert_array_equal(right_answers(task, rv.parse(text)), right)


def test_no_answer_is_taken_from_a_part_that_does_not_show_what_came_before() -> None:
    brackets = rv.parse("(()")
    assert np.isnan(right_answers("brackets", brackets, is_whole=False)).all()
    following = right_answers("next_character", rv.parse("abc"), is_whole=False)
    outputs = TASKS["next_character"].outputs
    assert [outputs[int(i)] for i in following[:-1]] == ["b", "c"]


def test_numbers_that_the_task_does_not_speak_of_have_no_right_answer() -> None:
    assert np.isnan(right_answers("adding", rv.Sequence([[[0.5, 1]], [[0.5, 0]]]))).all()
    assert np.isnan(right_answers("adding", rv.Sequence([[[0.5, 2]], [[0.5, 1]]]))).all()
    assert np.isnan(right_answers("flip_flop", rv.Sequence([[[0.5, 0, 1]]]))).all()
    before_any_pulse = right_answers("flip_flop", rv.Sequence([[[0, 0, 1]], [[0, -1, 0]]]))
    np.testing.assert_array_equal(before_any_pulse, [[np.nan, np.nan, 1], [np.nan, -1, 1]])
