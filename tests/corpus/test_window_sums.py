"""What a compiled loop takes from a window is what NumPy takes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rnnviz.cells import CELLS
from rnnviz.corpus.moments import StepFeatures
from rnnviz.corpus.numba_sums import compiled_sums
from rnnviz.corpus.shard_inputs import StateWindow
from rnnviz.corpus.sketch import bin_edges
from rnnviz.corpus.window_sums import WindowSummer, numpy_sums

SIGNALS = {one.name: one for one in CELLS["lstm"].signals}
N_TOKENS = 7
WAYS = (numpy_sums, compiled_sums)


def _window(seed: int, name: str) -> tuple[StateWindow, StepFeatures]:
    rng = np.random.default_rng(seed)
    steps, rows, units = 53, 5, 9
    states = rng.normal(3, 2, (steps, rows, units)) if name == "cell" else rng.random((53, 5, 9))
    lengths = np.array([53, 53, 40, 31, 22])
    is_own = np.arange(steps)[:, None] < lengths
    at = np.arange(steps)[:, None] + 100 * np.arange(rows)
    ids = rng.integers(0, N_TOKENS - 1, steps * rows)
    features = rng.normal(size=(steps * rows, 4))
    window = StateWindow(0, 6, at, is_own, {name: states})
    return window, StepFeatures.of(features, ids, N_TOKENS, is_own.ravel())


@pytest.mark.parametrize("name", ["forget", "cell"])
def test_both_ways_take_the_same(name: str) -> None:
    window, features = _window(1, name)
    plain, compiled = (take(SIGNALS[name], window, features) for take in WAYS)
    for field, array in plain.moments.arrays().items():
        np.testing.assert_allclose(
            compiled.moments.arrays()[field], array, rtol=1e-12, atol=1e-11, err_msg=field
        )
    assert compiled.histogram.tolist() == plain.histogram.tolist()
    units = np.arange(9)
    for one, other in ((plain.highest, compiled.highest), (plain.lowest, compiled.lowest)):
        for mine, theirs in zip(one.of_rows(units), other.of_rows(units), strict=True):
            assert mine.tolist() == theirs.tolist()
        assert (one.of_units >= other.of_units).all()


@pytest.mark.parametrize("take", WAYS)
def test_steps_of_rows_that_have_ended_count_nowhere(take: WindowSummer) -> None:
    window, features = _window(2, "cell")
    states, is_own = window.signals["cell"], window.is_own
    sums = take(SIGNALS["cell"], window, features)
    own, ids = states[is_own], features.ids.reshape(is_own.shape)[is_own]
    wanted = np.stack([own[ids == token].sum(axis=0) for token in range(N_TOKENS)])
    np.testing.assert_allclose(sums.moments.tokens, wanted, atol=1e-10)
    np.testing.assert_allclose(sums.moments.mean, own.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(sums.moments.squares, own.var(axis=0) * len(own), rtol=1e-12)
    # Step 6 of its rows is its first: of the steps that divide by four, 8 is the next.
    binned = states[2::4][is_own[2::4]]
    edges = bin_edges(SIGNALS["cell"])
    counted = np.stack([np.histogram(one, edges)[0] for one in binned.T])
    assert sums.histogram.tolist() == counted.tolist()
    values, at = sums.lowest.of_rows(np.arange(9))
    for row, length in enumerate(is_own.sum(axis=0)):
        assert at[:, row].tolist() == states[:length, row].argmin(axis=0).tolist()
        assert values[:, row].tolist() == (-states[:length, row].min(axis=0)).tolist()


@pytest.mark.parametrize("take", WAYS)
def test_what_has_ended_changes_no_moment(take: WindowSummer) -> None:
    window, features = _window(3, "cell")
    found = take(SIGNALS["cell"], window, features).moments.arrays()
    states = np.where(window.is_own[:, :, None], window.signals["cell"], 99.0)
    other = replace(window, signals={"cell": states})
    for field, array in take(SIGNALS["cell"], other, features).moments.arrays().items():
        np.testing.assert_allclose(array, found[field], rtol=1e-8, atol=1e-9, err_msg=field)
