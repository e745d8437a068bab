"""The memory as a weighted sum, every weight multiplied out."""

from __future__ import annotations

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.findings.content.weighted_sum import weighted_sums
from tests.witnesses import normal

HOLDS = True


def test_a_sum_is_that_of_every_weight_multiplied_out() -> None:
    run = rv.trace(rv.random_model("lstm", 2, 3, seed=4, dtype=float), normal(6, 1, 2, seed=1))
    forget, written = run["forget"][:, 0], (run["input"] * run["candidate"])[:, 0]
    found = weighted_sums(run)
    for t in range(6):
        parts = [np.prod(forget[j + 1 : t + 1], axis=0) * written[j] for j in range(t + 1)]
        np.testing.assert_allclose(found[t], sum(parts), rtol=0, atol=1e-14)
        np.testing.assert_allclose(found[t], run["cell"][t, 0], rtol=0, atol=1e-14)


def test_the_lstm_of_the_book_sums_to_its_memory() -> None:
    assert rv.findings.reproduce("weighted_sum")["residual"] == pytest.approx(0, abs=1e-12)
