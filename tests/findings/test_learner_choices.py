"""Choices of a learner: Q-learning written out trial by trial."""

from __future__ import annotations

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.phase_portrait import PhasePortrait
from rnnviz.train import preset
from rnnviz.train.tasks import TASKS

HOLDS = True


def test_the_rule_s_likelihood_is_that_of_q_learning_and_the_network_reaches_it() -> None:
    found = rv.findings.reproduce("learner_choices")
    batch = TASKS["choices"].held_out_batch(np.random.default_rng(1), 300)
    outputs = rv.trace(preset("choices_gru").model(), batch.sequence).outputs
    rule, network = [], []
    for row, tokens in enumerate(batch.sequence.tokens):
        values = {"L": 0.5, "R": 0.5}
        for t, token in enumerate(tokens):
            side, chosen = token.upper(), batch.targets[t, row]
            values[side] += 0.4 * (float(token.isupper()) - values[side])
            right = 1 / (1 + np.exp(-5 * (values["R"] - values["L"])))
            rule.append(np.log(right if chosen == 1 else 1 - right))
            network.append(np.log(outputs[t, row, chosen]))
    assert found["rule"] == pytest.approx(np.exp(np.mean(rule)), rel=1e-9)
    assert found["network"] == pytest.approx(np.exp(np.mean(network)), rel=1e-5)
    assert found["network"] == pytest.approx(found["rule"], abs=0.002)
    assert found["last_trial"] < found["rule"] - 0.05
    assert found["agreement"] > 0.999


def test_the_portrait_shows_where_being_paid_on_the_right_leads() -> None:
    found = rv.findings.reproduce("learner_choices")
    assert isinstance(found.view, PhasePortrait)
    assert found.view.points is not None
    model = preset("choices_gru").model()
    settled = rv.trace(model, rv.parse("R" * 5000, kind="characters"))
    np.testing.assert_allclose(found.view.points.states, settled["hidden"][-1], atol=1e-3)
    assert settled.outputs[-1, 0, 1] > 0.9
    # The value of the side chosen keeps 1 − 0.4 of itself in a trial, that of the other all.
    assert found["fast"] == pytest.approx(0.6, abs=0.1)
    assert found["slow"] == pytest.approx(1, abs=0.02)
