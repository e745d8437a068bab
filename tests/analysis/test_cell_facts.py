"""Length of memory and saturation of a run, beside the same worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.cell_facts import cell_facts

NUMBERS = [[0.9], [0.2], [-0.4], [0.1], [0.3], [-0.2], [0.5], [0.0]]


def hidden_of_an_rnn(model: rv.Model, numbers: list[list[float]]) -> np.ndarray:
    """h_t = tanh(U x_t + W h_{t-1} + b), written out."""
    weights = model.layers[0].weights
    bias = sum(np.asarray(w) for name, w in weights.items() if not name.endswith((".x", ".h")))
    h, found = np.zeros(len(weights["hidden.h"])), []
    for x in numbers:
        h = np.tanh(weights["hidden.x"] @ np.array(x) + weights["hidden.h"] @ h + bias)
        found.append(h)
    return np.array(found)


@pytest.mark.parametrize("seed", range(5))
def test_the_memory_of_an_rnn_is_as_long_as_worked_out_by_hand(seed: int) -> None:
    model = rv.random_model("rnn", 1, 5, seed=seed, dtype=np.float64)
    with_it, without = (hidden_of_an_rnn(model, [[x], *NUMBERS[1:]]) for x in (0.9, 0.0))
    apart = np.linalg.norm(with_it - without, axis=1)
    last = max(t for t, one in enumerate(apart) if one >= apart.max() / np.e)
    found = cell_facts(model, rv.trace(model, NUMBERS))
    assert found.reach == last
    assert found.is_whole == (last == len(NUMBERS) - 1)
    assert found.saturated is None


@pytest.mark.parametrize("seed", range(3))
def test_a_layer_that_reads_backward_remembers_what_it_read_first(seed: int) -> None:
    forward = rv.random_model("rnn", 1, 5, seed=seed, dtype=np.float64)
    (layer,) = forward.layers
    backward = replace(forward, layers=(replace(layer, direction="backward"),))
    turned = cell_facts(backward, rv.trace(backward, NUMBERS[::-1]))
    assert turned == cell_facts(forward, rv.trace(forward, NUMBERS))


def test_facts_of_an_upper_layer_are_its_own() -> None:
    model = rv.random_model("gru", 1, 4, 2, seed=3, gain=6)
    traced = rv.trace(model, NUMBERS)
    upper = traced.layers[1].signals
    numbers = np.stack([upper["update"], upper["reset"]])
    shut = ((numbers < 0.1) | (numbers > 0.9)).mean()
    found = cell_facts(model, traced, 1)
    assert found.saturated == pytest.approx(shut)
    without = rv.trace(model, [[0.0], *NUMBERS[1:]]).layers[1].signals["hidden"]
    apart = np.linalg.norm((upper["hidden"] - without)[:, 0], axis=1)
    assert found.reach == max(t for t, one in enumerate(apart) if one >= apart.max() / np.e)


def test_saturation_is_the_share_of_gate_numbers_at_either_end() -> None:
    model = rv.random_model("gru", 1, 3, seed=2, gain=6)
    traced = rv.trace(model, NUMBERS)
    numbers = np.stack([traced["update"], traced["reset"]])
    assert cell_facts(model, traced).saturated == pytest.approx(
        ((numbers < 0.1) | (numbers > 0.9)).mean()
    )


def test_a_memory_longer_than_the_sequence_is_said_to_be_whole() -> None:
    model = rv.random_model("lstm", 1, 3, seed=2)
    found = cell_facts(model, rv.trace(model, [[1.0], [0.0]]))
    assert (found.reach, found.is_whole) == (1, True)
