"""The most telling window against every window, and changes of memory against torch."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

import rnnviz as rv
from rnnviz.analysis.telling_window import state_change, telling_window
from tests.witnesses import assert_close, normal, started, torch_module, torch_states


def test_changes_begin_at_the_initial_state() -> None:
    module, values = torch_module("GRU"), normal(6, 2, 3, seed=4)
    states = torch_states(module)
    trace = rv.trace(started(rv.from_torch(module), states), rv.Sequence(values))
    hidden = module(torch.tensor(values), torch.tensor(states["hidden"]))[0].detach().numpy()
    before = np.concatenate([states["hidden"], hidden[:-1]])
    wanted = np.sqrt(((hidden - before) ** 2).mean(axis=2))
    for row in (0, 1):
        assert_close(state_change(trace, row=row), wanted[:, row])


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.integers(1, 40))
def test_no_window_has_a_larger_mean_and_none_before_has_the_same(
    scores: list[int], length: int
) -> None:
    start, stop = telling_window(np.array(scores, float), length)
    assert stop - start == min(length, len(scores))
    sums = [sum(scores[i : i + stop - start]) for i in range(len(scores) - (stop - start) + 1)]
    assert start == sums.index(max(sums))


@given(st.lists(st.sampled_from([0.5, 7.0, np.inf, np.nan]), min_size=1, max_size=30))
def test_infinite_scores_are_counted_before_all_others(scores: list[float]) -> None:
    start, stop = telling_window(np.array(scores), 4)
    length = stop - start
    parts = [scores[i : i + length] for i in range(len(scores) - length + 1)]
    ranks = [(part.count(np.inf), sum(x for x in part if x < np.inf)) for part in parts]
    assert start == ranks.index(max(ranks))
