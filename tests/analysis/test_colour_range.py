"""One unit with large numbers does not rule the colours of the others."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rnnviz.analysis.colour_range import colour_range, quantile, robust_limit
from rnnviz.core.cell import Signal

CELL = Signal("cell", "c", "state", -np.inf, np.inf)
SIZES = arrays(float, st.tuples(st.integers(1, 6), st.integers(1, 8)), elements=st.floats(-50, 50))


@given(SIZES)
def test_a_scale_reaches_the_largest_or_says_less_and_is_centred(values: np.ndarray) -> None:
    low, high = colour_range(CELL, values)
    assert -low == high > 0
    assert high <= max(np.abs(values).max(), 1)


@given(SIZES, st.floats(0.01, 100))
def test_a_scale_grows_with_its_numbers(values: np.ndarray, factor: float) -> None:
    np.testing.assert_allclose(
        robust_limit(factor * values), factor * robust_limit(values), rtol=1e-6, atol=1e-12
    )


@given(SIZES, st.floats(0, 1))
def test_a_quantile_is_that_of_numpy(values: np.ndarray, share: float) -> None:
    np.testing.assert_allclose(quantile(values, share), np.quantile(values, share), atol=1e-12)


def test_one_unit_of_many_or_a_few_numbers_are_cut_but_nothing_of_a_calm_layer() -> None:
    values = np.linspace(-1, 1, 600).reshape(50, 12)
    assert robust_limit(values) == 1
    loud = values.copy()
    loud[:, 3] *= 30
    assert 1 < robust_limit(loud) <= 4
    spike = values.copy()
    spike[7, 3] = 100
    assert robust_limit(spike) < 1.1


def test_bounded_signals_keep_their_bounds() -> None:
    assert colour_range(Signal("forget", "f", "gate", 0, 1), np.array([[0.2]])) == (0, 1)
    assert colour_range(Signal("hidden", "h", "state", -1, 1), np.array([[0.2]])) == (-1, 1)
    assert colour_range(Signal("p", "y", "probability", 0, 1), np.array([[0.2]])) == (0, 1)
