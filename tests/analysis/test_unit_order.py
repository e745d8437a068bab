"""In which order units stand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import rnnviz as rv
from rnnviz.analysis.unit_order import ORDERS, order_units, shown_units

HIDDEN = arrays(
    np.float64,
    array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12),
    elements=st.floats(-1, 1, width=32),
)


@given(HIDDEN, st.sampled_from(ORDERS))
def test_every_order_names_every_unit_once(hidden: np.ndarray, by: str) -> None:
    assert sorted(order_units(hidden, by)) == list(range(len(hidden)))


@given(HIDDEN)
def test_by_activity_the_mean_size_falls_and_equals_stay_as_stored(hidden: np.ndarray) -> None:
    sizes = [sum(abs(value) for value in unit) / len(unit) for unit in hidden.tolist()]
    order = order_units(hidden, "activity")
    for above, below in pairwise(order):
        if sizes[above] != pytest.approx(sizes[below]):
            assert sizes[above] > sizes[below]
    assert order_units(np.ones((5, 3)), "activity") == (0, 1, 2, 3, 4)


def test_by_activity_sign_does_not_count() -> None:
    assert order_units(np.array([[0.5, 0.5], [-0.9, -0.9], [0.8, -0.8]]), "activity") == (1, 2, 0)


@given(st.integers(0, 2**32 - 1), st.integers(2, 8), st.integers(2, 8))
def test_by_similarity_units_that_move_alike_stand_together(seed: int, a: int, b: int) -> None:
    random = np.random.default_rng(seed)
    time = np.linspace(0, 6, 40)
    movements = np.stack([np.sin(time), np.cos(3 * time)])
    group = random.permutation([0] * a + [1] * b)
    hidden = movements[group] * random.uniform(0.2, 0.9, (a + b, 1))
    hidden += random.normal(0, 0.01, hidden.shape)
    found = group[list(order_units(hidden, "similarity"))]
    assert np.count_nonzero(np.diff(found)) == 1


def test_by_similarity_the_order_does_not_hang_on_how_units_are_numbered_first() -> None:
    hidden = np.random.default_rng(1).normal(size=(9, 30))
    order = order_units(hidden, "similarity")
    shuffled = np.random.default_rng(2).permutation(9)
    again = [int(shuffled[unit]) for unit in order_units(hidden[shuffled], "similarity")]
    assert again in (list(order), list(order)[::-1])


@pytest.mark.parametrize("hidden", [np.zeros((4, 3)), np.ones((4, 1)), np.ones((2, 5))])
def test_units_that_cannot_be_told_apart_are_still_ordered(hidden: np.ndarray) -> None:
    assert sorted(order_units(hidden, "similarity")) == list(range(len(hidden)))


def test_an_order_that_does_not_exist_is_refused() -> None:
    with pytest.raises(rv.InputError, match=r'index, activity, similarity, but "size" came'):
        order_units(np.zeros((2, 2)), "size")


def test_of_many_units_the_24_that_change_most_are_shown_alike_ones_together() -> None:
    rng = np.random.default_rng(2)
    hidden = 0.01 * rng.normal(size=(200, 40))
    moving = np.sort(rng.permutation(200)[:24])
    hidden[moving] += np.where(np.arange(24)[:, None] % 2, 1, -1) * np.sin(np.arange(40))
    order = order_units(hidden, "telling")
    assert sorted(order) == moving.tolist()
    signs = [int(np.flatnonzero(moving == unit)[0]) % 2 for unit in order]
    assert sum(one != other for one, other in pairwise(signs)) == 1
    assert shown_units(hidden, "telling", [3, 1]) == (1, 3)


def test_of_few_units_all_are_shown_as_they_are_stored() -> None:
    assert order_units(np.eye(127), "telling") == tuple(range(127))
