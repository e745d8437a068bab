"""The gated linear RNN against its paper's formula, written out here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import rnnviz as rv
from tests.cells.test_contracts import SEQUENCE, layer
from tests.witnesses import INPUT, UNIT, assert_close, normal, sigmoid


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize(("activation", "gate"), [("sigmoid", sigmoid), ("tanh", np.tanh)])
def test_the_linear_rnn_is_its_formula_from_a_random_state(
    backend: str, activation: str, gate: np.ufunc
) -> None:
    one = replace(layer("linear_rnn"), activations={"forget": activation})
    w, h = one.weights, one.initial["hidden"]
    got = rv.trace(rv.Model((one,)), SEQUENCE, backend=backend)
    for t, x in enumerate(SEQUENCE.values):
        f = gate(x @ w["forget.x"].T + w["forget.b"])
        h = f * h + x @ w["candidate.x"].T + w["candidate.b"]
        real = SEQUENCE.is_real[t]
        assert_close(got["forget"][t, real], f[real])
        assert_close(got["hidden"][t, real], h[real])


def test_the_tanh_gate_is_the_paper_s_signed_sigmoid_with_half_the_weights() -> None:
    model = rv.random_model("linear_rnn", INPUT, UNIT, activation="tanh", dtype=np.float64)
    values, w = normal(7, 1, INPUT, seed=4), model.layers[0].weights
    z = values @ w["forget.x"].T + w["forget.b"]
    assert_close(rv.trace(model, values)["forget"], 2 * sigmoid(2 * z) - 1)
