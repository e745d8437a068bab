"""The gradient of a simple RNN, multiplied out step by step, and PyTorch's of the LSTM."""

from __future__ import annotations

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.findings.content.vanishing_gradient import gradient_fade
from rnnviz.train import preset
from rnnviz.train.tasks import TASKS

HOLDS = True


def test_the_fade_is_that_of_the_product_of_all_steps() -> None:
    weights = preset("adding_rnn").model().layers[0].weights
    w, u = weights["hidden.x"].astype(float), weights["hidden.h"].astype(float)
    bias = (weights["hidden.b"] + weights["hidden.bh"]).astype(float)
    values = TASKS["adding"].held_out_batch(np.random.default_rng(1), 5).sequence.values
    fades = []
    for row in range(5):
        h, slopes = np.zeros(len(u)), []
        for x in values[:, row].astype(float):
            h = np.tanh(w @ x + bias + u @ h)
            slopes.append(1 - h**2)
        norms = [[] for _ in range(100)]
        for step in range(100):
            product = slopes[step][:, None] * w
            for lag in range(100 - step):
                norms[lag].append(np.log10(np.linalg.norm(product)))
                if step + lag + 1 < 100:
                    product = slopes[step + lag + 1][:, None] * (u @ product)
        fades.append([np.median(one) for one in norms])
    wanted = np.mean(fades, axis=0)
    np.testing.assert_allclose(gradient_fade("adding_rnn"), wanted - wanted[0], rtol=0, atol=1e-3)


def test_the_numbers_are_those_of_fifty_steps() -> None:
    found = rv.findings.reproduce("vanishing_gradient")
    assert np.log10(found["rnn"]) == pytest.approx(gradient_fade("adding_rnn")[50])
    assert found["rnn"] < 1e-10
    assert found["lstm"] > 1e-2
