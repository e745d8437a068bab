"""A recording in one line, and its layers at a glance: no step that stands out is left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.activity import activity
from rnnviz.analysis.layers import layer_states, recorded_layer_states

N_STEPS, SPIKE = 20_000, 12_345


@pytest.fixture
def recording(tmp_path: Path) -> rv.Recording:
    values = np.zeros((N_STEPS, 1))
    values[SPIKE] = 50.0
    model = rv.random_model("rnn", 1, 3, n_layers=2, bidirectional=True, seed=2)
    return rv.record(model, values, tmp_path / "it")


def test_one_step_that_stands_out_is_the_highest_of_the_ribbon(recording: rv.Recording) -> None:
    ribbon = activity(recording, 0, columns=256)
    assert (ribbon.min(), ribbon.max()) == (0, 1)
    assert len(ribbon) <= 256
    # A column is the least power of two of steps with which they fit.
    assert int(ribbon.argmax()) == SPIKE // 128


def test_layers_of_a_window_of_single_steps_are_those_of_its_trace(
    recording: rv.Recording,
) -> None:
    folded = recorded_layer_states(recording, 12_000, 12_500)
    traced = layer_states(recording.window(12_000, 12_500))
    for one, other in zip(folded, traced, strict=True):
        assert (one.level, one.direction) == (other.level, other.direction)
        np.testing.assert_allclose(one.values, other.values, rtol=0, atol=1e-6)
