"""Sums of a long run, against NumPy's own correlation and least squares on all of it."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.analysis.unit_sums import (
    RIDGE,
    UnitSums,
    correlation,
    fitted_correlation,
    ridge,
)

RANDOM = np.random.default_rng(3)
STATES = RANDOM.normal(size=(700, 5)) @ RANDOM.normal(size=(5, 5)) + 4
FEATURES = np.column_stack(
    [STATES @ RANDOM.normal(size=5), RANDOM.normal(size=700), STATES[:, 2] ** 2]
)
TOKENS = RANDOM.integers(9, size=700)
NUMBERS = RANDOM.normal(size=(700, 3))


def sums(start: int = 0, stop: int = 700, read: np.ndarray = TOKENS, n_kinds: int = 9) -> UnitSums:
    here = slice(start, stop)
    return UnitSums.of(STATES[here], FEATURES[here], read[here], n_kinds)


def test_correlations_are_those_of_numpy() -> None:
    one = sums()
    expected = np.corrcoef(STATES.T, FEATURES.T)[:5, 5:]
    np.testing.assert_allclose(correlation(one.crossed(), one.spread), expected, atol=1e-12)


def test_the_sums_of_two_parts_add_up_to_those_of_the_whole() -> None:
    parts = sums(0, 313) + sums(313)
    for name in UnitSums.__dataclass_fields__:
        np.testing.assert_allclose(getattr(parts, name), getattr(sums(), name), rtol=1e-12)


@pytest.mark.parametrize(("read", "n_kinds"), [(TOKENS, 9), (NUMBERS, 3)])
def test_a_label_of_what_is_read_is_a_feature_like_any_other(
    read: np.ndarray, n_kinds: int
) -> None:
    labels = RANDOM.normal(size=(n_kinds, 4))
    said = labels[read] if read.ndim == 1 else read @ labels
    one = sums(read=read, n_kinds=n_kinds)
    found = correlation(one.crossed_with_labels(labels), one.spread)
    np.testing.assert_allclose(found, np.corrcoef(STATES.T, said.T)[:5, 5:], atol=1e-12)


def test_the_probe_is_the_ridge_regression_of_numpys_least_squares() -> None:
    old, new = sums(0, 400), sums(400)
    weights = ridge(old, old.crossed()[0])
    centred = STATES[:400] - STATES[:400].mean(axis=0)
    wanted = FEATURES[:400] - FEATURES[:400].mean(axis=0)
    # Ridge as least squares: rows below that pull every weight to 0.
    pull = np.diag(np.sqrt(RIDGE * (centred**2).sum(axis=0)))
    expected = np.linalg.lstsq(np.vstack([centred, pull]), np.vstack([wanted, np.zeros((5, 3))]))[0]
    np.testing.assert_allclose(weights, expected, rtol=1e-8)
    said = STATES[400:] @ expected
    held_out = [np.corrcoef(said[:, i], FEATURES[400:, i])[0, 1] for i in range(3)]
    np.testing.assert_allclose(fitted_correlation(weights, new, new.crossed()), held_out, atol=1e-9)


def test_a_unit_that_does_not_vary_tells_nothing_and_has_no_weight() -> None:
    states = STATES.copy()
    states[:, 1] = 0.25
    one = UnitSums.of(states, FEATURES, TOKENS, 9)
    assert correlation(one.crossed(), one.spread)[1].tolist() == [0, 0, 0]
    assert ridge(one, one.crossed()[0])[1].tolist() == [0, 0, 0]
