"""Parity: the recurrence written out in float64 from the weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.core.arrays import Array
from rnnviz.train import preset
from tests.witnesses import sigmoid

HOLDS = True

LENGTH, ROWS = 400, 100


def share_right(name: str, gate: Callable[[Array], Array], bits: Array) -> float:
    """Share of right answers of h = f h + n, f and n of the digit alone."""
    model = preset(name).model()
    w, readout = model.layers[0].weights, model.readout
    assert readout is not None
    kept, added = (
        (w[f"{one}.x"].T + w[f"{one}.b"]).astype(float) for one in ("forget", "candidate")
    )
    h, right = np.zeros((bits.shape[1], 2)), []
    for digits in bits:
        h = gate(kept)[digits] * h + added[digits]
        right.append((h @ readout.weights.T + readout.bias).argmax(axis=1))
    return float(np.mean(np.array(right) == bits.cumsum(axis=0) % 2))


def test_only_the_gate_that_may_be_negative_stays_right_at_ten_times_the_length() -> None:
    found = rv.findings.reproduce("parity")
    bits = np.random.default_rng(4).integers(2, size=(LENGTH, ROWS))
    signed = share_right("parity_linear_rnn_signed", np.tanh, bits)
    unsigned = share_right("parity_linear_rnn", sigmoid, bits[:40])
    assert signed == pytest.approx(found["signed"], abs=0.01)
    assert unsigned == pytest.approx(found["unsigned"], abs=0.03)
    assert found["signed"] > 0.99
    assert found["unsigned"] == pytest.approx(0.5, abs=0.05)


def test_a_one_turns_the_sign_only_where_the_gate_is_signed() -> None:
    found = rv.findings.reproduce("parity")
    assert found["gate_signed"] < -0.99
    assert 0 <= found["gate_unsigned"] < 1


def test_the_two_differ_in_the_gate_s_range_alone() -> None:
    signed, unsigned = (
        preset(name).config for name in ("parity_linear_rnn_signed", "parity_linear_rnn")
    )
    assert replace(signed, activation="") == unsigned


def test_the_automaton_of_the_signed_network_has_the_two_states_of_parity() -> None:
    one = preset("parity_linear_rnn_signed")
    words = one.config.task.held_out_batch(np.random.default_rng(1), 50).sequence
    assert rv.automaton(one.model(), words=words).n_states == 2
