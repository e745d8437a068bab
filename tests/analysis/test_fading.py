"""Fading of one step's input, against torch's hidden states."""

from __future__ import annotations

import numpy as np
import torch

import rnnviz as rv
from rnnviz.analysis.fading import memory_fading
from tests.witnesses import assert_close, normal, torch_module


def test_both_directions_fade_as_torch_says_from_the_step_that_each_reads_first() -> None:
    module, values = torch_module("GRU", bidirectional=True), normal(6, 2, 3, seed=4)
    forward, backward = memory_fading(rv.from_torch(module), rv.Sequence(values))
    for told, first, units in ((forward, 0, slice(0, 5)), (backward, 5, slice(5, 10))):
        other = values.copy()
        other[first] = values.reshape(-1, 3).mean(0)
        before, after = (module(torch.tensor(one))[0].detach().numpy() for one in (values, other))
        apart = np.linalg.norm((after - before)[..., units], axis=2).mean(1)
        apart = apart[::-1] if first else apart
        assert_close(told.left, apart / apart.max())
        assert told.state == "hidden"
        assert told.is_known
        assert told.reach == max(np.flatnonzero(told.left >= 1 / np.e))


def test_a_memory_that_keeps_all_reaches_to_the_end_and_more() -> None:
    weights = {"hidden.x": np.eye(1), "hidden.h": np.eye(1)}
    layer = rv.Layer("rnn", "forward", weights, activations={"hidden": "linear"})
    [told] = memory_fading(rv.Model((layer,)), rv.Sequence([[[1.0]], [[0.0]], [[0.0]]]))
    assert told.left.tolist() == [1, 1, 1]
    assert told.reach == 2
    assert told.is_whole


def test_a_change_that_leaves_no_trace_is_said_to() -> None:
    [told] = memory_fading(rv.random_model("lstm", 1, 2), rv.Sequence([[[0.5]], [[0.5]]]))
    assert not told.is_known
    assert told.reach == 0
    assert not told.is_whole
