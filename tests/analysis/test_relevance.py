"""Relevance by occlusion, against torch runs on inputs replaced by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

import rnnviz as rv
from rnnviz.analysis.relevance import relevance
from tests.witnesses import LENGTHS, assert_close, normal, torch_module


def moved(before: np.ndarray, after: np.ndarray) -> float:
    """Root mean square change over the root mean square distance from the mean."""
    return float(np.sqrt(((after - before) ** 2).mean() / ((before - before.mean(0)) ** 2).mean()))


def test_features_move_what_torch_says_over_the_real_steps_of_rows_of_unequal_length() -> None:
    module, values = torch_module("GRU"), normal(6, 2, 3, seed=4)
    real = np.arange(6)[:, None] < np.array(LENGTHS)
    model = replace(
        rv.from_torch(module), readout=rv.Readout(normal(4, 5), normal(4), activation="linear")
    )
    told = relevance(model, rv.Sequence(values, lengths=LENGTHS, features=("a", "b", "c")))

    def hidden(inputs: np.ndarray) -> np.ndarray:
        return module(torch.tensor(inputs))[0].detach().numpy()[real]

    assert told.kind == "features"
    assert told.n_all == 3
    for name, share, of_hidden in zip(told.names, told.output, told.hidden, strict=True):
        at = "abc".index(name)
        other = values.copy()
        other[..., at] = values[real][:, at].mean()
        before, after = hidden(values), hidden(other)
        weights = model.readout.weights.T
        assert_close(of_hidden, moved(before, after))
        assert_close(share, moved(before @ weights, after @ weights))
    assert list(told.output) == sorted(told.output, reverse=True)
    assert list(told.steps) == [sum(LENGTHS)] * 3


def test_tokens_are_replaced_at_their_steps_alone() -> None:
    module = torch_module("LSTM")
    model = rv.from_torch(module).with_vocabulary("abc")
    text, values = "abacaba", np.eye(3)[[0, 1, 0, 2, 0, 1, 0]]
    told = relevance(model, rv.parse(text))
    assert sorted(told.names) == list("abc")
    assert np.isnan(told.output).all()
    for name, steps, share in zip(told.names, told.steps, told.hidden, strict=True):
        is_it = np.array(list(text)) == name
        other = np.where(is_it[:, None], values.mean(0), values)
        before, after = (module(torch.tensor(one))[0].detach().numpy() for one in (values, other))
        # The text is one-hot in float32.
        assert_close(share, moved(before, after), 1e-6)
        assert steps == text.count(name)


def test_the_most_that_vary_are_tried_and_progress_ends_with_1() -> None:
    values = normal(9, 1, 5) * [1, 5, 2, 9, 0.1]
    done: list[float] = []
    model = rv.random_model("gru", 5, 3)
    told = relevance(model, rv.Sequence(values), most=2, progress=done.append)
    assert sorted(told.names) == ["x1", "x3"]
    assert told.n_all == 5
    assert done == [0.5, 1.0]


def test_what_does_not_vary_has_no_share() -> None:
    told = relevance(rv.random_model("gru", 1, 3), rv.Sequence([[[0.5]]]))
    assert np.isnan(told.hidden).all()
    assert np.isnan(told.shares).all()
