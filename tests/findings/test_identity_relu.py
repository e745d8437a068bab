"""The ReLU network on the adding problem, its equation written out."""

from __future__ import annotations

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.train import preset
from rnnviz.train.tasks import TASKS

HOLDS = True


def test_the_error_is_that_of_the_equation() -> None:
    found = rv.findings.reproduce("identity_relu")
    model = preset("adding_rnn_identity").model()
    w, readout = model.layers[0].weights, model.readout
    assert readout is not None
    values = TASKS["adding"].held_out_batch(np.random.default_rng(1), 500).sequence.values
    h = np.zeros((500, model.layers[0].n_units))
    for x in values.astype(float):
        z = x @ w["hidden.x"].T + w["hidden.b"] + h @ w["hidden.h"].T + w["hidden.bh"]
        h = np.maximum(z, 0)
    error = (h @ readout.weights.T + readout.bias)[:, 0] - values.prod(axis=2).sum(axis=0)
    assert found["identity"] == pytest.approx(np.mean(error**2), rel=1e-3)


def test_it_started_from_the_identity_and_without_biases() -> None:
    start = preset("adding_rnn_identity").untrained_model().layers[0]
    np.testing.assert_array_equal(start.weights["hidden.h"], np.eye(start.n_units))
    assert not start.weights["hidden.b"].any()
    assert start.activation("hidden") == "relu"
