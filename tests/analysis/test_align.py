"""Two sequences on one axis: nothing lost, in order, and as cheap as can be."""

from __future__ import annotations

from functools import cache

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.analysis import align as module
from rnnviz.analysis.align import Alignment, align, align_values, step_by_step

WORDS = st.text("abc", max_size=12)


def levenshtein(one: str, other: str) -> int:
    """Straight from the definition: take or give one letter at the end, or pair the two last."""

    @cache
    def least(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        pair = least(i - 1, j - 1) + (one[i - 1] != other[j - 1])
        return min(pair, least(i - 1, j) + 1, least(i, j - 1) + 1)

    return least(len(one), len(other))


def most_alike(one: str, other: str) -> int:
    """Of all ways of the least cost, the most letters over their like."""

    @cache
    def best(i: int, j: int) -> tuple[int, int]:
        if not i or not j:
            return i + j, 0
        alike = one[i - 1] == other[j - 1]
        ways = [(i - 1, j - 1, 1 - alike), (i - 1, j, 1), (i, j - 1, 1)]
        found = [(best(a, b)[0] + cost, best(a, b)[1] - (not cost)) for a, b, cost in ways]
        return min(found)

    return -best(len(one), len(other))[1]


def cost(found: Alignment, one: str, other: str) -> int:
    pairs = zip(found.one, found.other, strict=True)
    return sum(i is None or j is None or one[i] != other[j] for i, j in pairs)


def covers(found: Alignment, one: str, other: str) -> bool:
    """Every step of both once and in order, and no column empty."""
    steps = [[step for step in side if step is not None] for side in (found.one, found.other)]
    is_empty = (None, None) in zip(found.one, found.other, strict=True)
    return steps == [list(range(len(one))), list(range(len(other)))] and not is_empty


@given(WORDS, WORDS)
def test_both_are_covered_in_order_at_the_least_cost(one: str, other: str) -> None:
    found = align(one, other)
    assert covers(found, one, other)
    assert cost(found, one, other) == levenshtein(one, other)


@given(WORDS, WORDS)
def test_no_other_way_as_cheap_lays_more_letters_over_their_like(one: str, other: str) -> None:
    found = align(one, other)
    pairs = zip(found.one, found.other, strict=True)
    alike = sum(i is not None and j is not None and one[i] == other[j] for i, j in pairs)
    assert alike == most_alike(one, other)


def test_a_letter_more_is_one_gap_and_the_rest_stays_together() -> None:
    found = align("the cat sat", "the cats sat")
    assert found.one == (0, 1, 2, 3, 4, 5, 6, None, 7, 8, 9, 10)
    assert found.other == tuple(range(12))


def test_labels_say_what_stands_over_what() -> None:
    found = align("abXe f", "abYzef")
    assert found.labels("abXe f", "abYzef") == ("a", "b", "+Y", "X→z", "e", "−␣", "f")


def test_two_long_ones_are_aligned_step_by_step_between_what_they_share() -> None:
    side = int(module.MAX_COST_TABLE**0.5) + 1
    one, other = "s" + "a" * side + "e", "s" + "b" * (side + 1) + "e"
    found = align(one, other)
    assert covers(found, one, other)
    assert found.one == (*range(side + 1), None, side + 1)


def test_step_by_step_leaves_gaps_after_the_shorter() -> None:
    assert step_by_step(1, 3) == Alignment((0, None, None), (0, 1, 2))


def test_spread_values_stand_at_their_columns_and_gaps_are_nan() -> None:
    values = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    nan = np.nan
    wide = align_values(values, (None, 0, None, 1))
    np.testing.assert_array_equal(wide, [[nan, 1, nan, 2], [nan, 3, nan, 4], [nan, 5, nan, 6]])
