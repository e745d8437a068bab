"""A readout's sums and probabilities, against the formula."""

from __future__ import annotations

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.readout import top_outputs
from tests.witnesses import assert_close, normal


def test_it_is_softmax_of_v_h_plus_d_the_most_probable_first() -> None:
    model = rv.random_model("rnn", 3, 5, n_outputs=7, bidirectional=True, gain=3, dtype=float)
    trace = rv.trace(model, normal(4, 2, 3))
    view = top_outputs(model, trace, 2, n=4, row=1)
    both = [layer.signals["hidden"][2, 1] for layer in trace.layers]
    assert model.readout is not None
    scores = model.readout.weights @ np.concatenate(both) + model.readout.bias
    order = np.argsort(scores)[::-1][:4]
    assert view.names == tuple(f"y{output}" for output in order)
    assert_close(view.scores, scores[order])
    assert_close(view.probabilities, (np.exp(scores) / np.exp(scores).sum())[order])


def test_the_summed_states_are_read_as_one_state_would_be() -> None:
    model = rv.random_model("gru", 3, 5, n_outputs=7, gain=3, dtype=float)
    trace = rv.trace(model, normal(4, 2, 3))
    view = top_outputs(model, trace, 2, n=7, row=1, is_summed=True)
    assert model.readout is not None
    scores = model.readout.weights @ trace["hidden"][:3, 1].sum(axis=0) + model.readout.bias
    assert_close(view.scores, np.sort(scores)[::-1])
    assert_close(view.probabilities, np.sort(np.exp(scores) / np.exp(scores).sum())[::-1])


def test_a_model_without_a_softmax_readout_is_refused_and_so_is_a_step_too_far() -> None:
    plain = rv.random_model("gru", 3, 2)
    with pytest.raises(rv.InputError, match="softmax"):
        top_outputs(plain, rv.trace(plain, normal(4, 3)), 0)
    model = rv.random_model("rnn", 3, 2)
    with pytest.raises(rv.InputError):
        top_outputs(model, rv.trace(model, normal(4, 3)), 4)
