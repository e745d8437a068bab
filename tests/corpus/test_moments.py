"""Moments that are added up are those of the whole, by NumPy's own formulas."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.core.arrays import Array
from rnnviz.corpus.moments import Moments, StateSums, StepFeatures
from rnnviz.corpus.tops import N_FARTHEST, FarthestOf, Tops


def _drawn(seed: int, n: int) -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(seed)
    states = rng.normal(1000, 0.1, (n, 3)) + rng.normal(size=3)
    features = np.column_stack([states[:, 0] * 2 + rng.normal(size=n), rng.normal(size=n)])
    return states, features, rng.integers(0, 4, n)


def _moments(states: Array, features: Array, ids: Array) -> Moments:
    all_of_them = np.ones(len(states), bool)
    of_steps = StepFeatures.of(features, ids, 4, all_of_them)
    return Moments.of(states, of_steps, StateSums.of(states, of_steps))


@settings(deadline=None, max_examples=25)
@given(
    st.integers(0, 10_000),
    st.lists(st.integers(1, 200), min_size=1, max_size=6),
)
def test_sums_of_windows_are_the_moments_of_the_whole(seed: int, sizes: list[int]) -> None:
    states, features, ids = _drawn(seed, sum(sizes) + 2)
    edges = np.cumsum([0, *sizes[:-1], sizes[-1] + 2])
    moments = Moments.empty(3, 2, 4)
    for start, stop in pairwise(edges):
        window = slice(start, stop)
        moments += _moments(states[window], features[window], ids[window])
    assert moments.n == len(states)
    np.testing.assert_allclose(moments.mean, states.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(moments.squares / len(states), states.var(axis=0), rtol=1e-8)
    both = np.corrcoef(states.T, features.T)[:3, 3:]
    np.testing.assert_allclose(moments.correlations, both, atol=1e-9)
    labels = np.random.default_rng(seed).normal(size=(4, 2))
    if len(set(ids.tolist())) > 1:
        wanted = np.corrcoef(states.T, labels[ids].T)[:3, 3:]
        np.testing.assert_allclose(moments.label_correlations(labels), wanted, atol=1e-7)


def test_a_unit_that_never_moves_correlates_with_nothing() -> None:
    states = np.ones((50, 1))
    features = np.arange(50.0)[:, None]
    found = _moments(states, features, np.zeros(50, int))
    assert found.correlations.tolist() == [[0.0]]


@pytest.mark.parametrize("sign", [1, -1])
def test_tops_are_the_farthest_places_and_no_neighbours(sign: int) -> None:
    states = np.random.default_rng(0).normal(size=(200, 4, 5))
    steps = np.arange(4) * 200 + np.arange(200)[:, None]
    windows = [slice(start, start + 50) for start in range(0, 200, 50)]
    tops = Tops.empty(5)
    for window in windows:
        own = np.ones(steps[window].shape, bool)
        tops = tops.with_window(steps[window], FarthestOf(states[window], own, sign), 7)
    for unit in range(5):
        by_step = dict(zip(steps.ravel(), sign * states[:, :, unit].ravel(), strict=True))
        # The largest is there whatever stands beside it, and every value is that of its step.
        assert tops.values[unit, 0] == max(by_step.values())
        places, values = tops.places[unit].tolist(), tops.values[unit].tolist()
        assert [by_step[place] for place in places] == values
        assert values == sorted(values, reverse=True)
        assert min(np.diff(sorted(places))) >= 32
    assert tops.values.shape == (5, N_FARTHEST)
    assert (tops.shards == 7).all()
