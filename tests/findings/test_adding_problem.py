"""The adding problem, its sum and its error written out."""

from __future__ import annotations

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.train import preset
from rnnviz.train.tasks import TASKS

HOLDS = True


def test_to_stay_at_guessing_is_to_be_within_two_standard_errors_of_it() -> None:
    found = rv.findings.reproduce("adding_problem")
    (asked,) = (one for one in found.numbers if one.name == "rnn")
    assert (asked.low, asked.high) == pytest.approx((0.15, 11 / 60))
    total = TASKS["adding"].held_out_batch(np.random.default_rng(1), 500).targets.ravel()
    # Of the square of the distance of two even numbers' sum from 1, 1/15 − 1/36 is the variance.
    error = np.sqrt((1 / 15 - 1 / 36) / 500)
    assert 2 * error / found["chance"] == pytest.approx(0.1, abs=0.01)
    assert np.mean((total - 1) ** 2) == pytest.approx(found["chance"], abs=2 * error)


def test_the_error_is_that_of_the_sum_of_the_two_marked_numbers() -> None:
    found = rv.findings.reproduce("adding_problem")
    batch = TASKS["adding"].held_out_batch(np.random.default_rng(1), 500)
    values = batch.sequence.values.astype(float)
    total = (values[..., 0] * values[..., 1]).sum(axis=0)
    answers = rv.trace(preset("adding_lstm").model(), batch.sequence)["outputs"][-1, :, 0]
    assert found["lstm"] == pytest.approx(np.mean((answers - total) ** 2), rel=1e-5)
    # Numbers drawn evenly from 0 to 1 add up to 1 on average, with a variance of 1/6.
    assert found["chance"] == pytest.approx(1 / 6)
    assert np.mean((1 - total) ** 2) == pytest.approx(found["chance"], rel=0.1)
