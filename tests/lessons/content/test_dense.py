"""Gates against PyTorch's Linear, spans against products of the gate."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from rnnviz.analysis.gradient import forget_timescales
from rnnviz.lessons.content import dense, networks
from rnnviz.lessons.content.networks import LSTM_GATES
from tests.witnesses import assert_close

SETTINGS = dense.CODE.settings()
FACTS = {name: fact(SETTINGS) for name, fact in dense.CODE.facts.items()}


def linear(gate: str) -> torch.nn.Linear:
    """PyTorch's Dense layer with the two matrices side by side and the biases added."""
    own = dense.lstm_with_bias().layers[0].weights
    both = np.concatenate([own[f"{gate}.x"], own[f"{gate}.h"]], axis=1)
    layer = torch.nn.Linear(both.shape[1], both.shape[0], dtype=torch.float64)
    bias = torch.tensor(own[f"{gate}.b"] + own[f"{gate}.bh"])
    layer.load_state_dict({"weight": torch.tensor(both), "bias": bias})
    return layer


@pytest.mark.parametrize("gate", LSTM_GATES)
def test_every_gate_is_one_linear_layer_of_pytorch(gate: str) -> None:
    trace, layer = dense.lstm_with_bias_trace(), linear(gate)
    before = np.concatenate([np.zeros_like(trace["hidden"][:1]), trace["hidden"][:-1]])
    read = np.concatenate([networks.sentence().values, before], axis=2)
    squash: Any = torch.tanh if gate == "candidate" else torch.sigmoid
    with torch.no_grad():
        assert_close(trace[gate], squash(layer(torch.tensor(read))).numpy())
    assert FACTS["read"] == layer.in_features
    size = sum(parameter.numel() for parameter in layer.parameters())
    assert FACTS["dense"] == size
    assert FACTS["second"] == networks.UNITS
    # PyTorch's LSTM keeps its bias in two parts.
    assert dense.CODE.facts["own"]({"gate": gate}) == size + networks.UNITS


def test_four_gates_are_all_the_numbers_of_pytorchs_lstm() -> None:
    lstm = torch.nn.LSTM(len(set(networks.TEXT)), networks.UNITS)
    assert FACTS["all"] == sum(parameter.numel() for parameter in lstm.parameters())
    assert FACTS["gates"] * FACTS["own"] == FACTS["all"]
    for name, module in {"gates_gru": torch.nn.GRU, "gates_rnn": torch.nn.RNN}.items():
        layer: Any = module(3, 5)
        assert FACTS[name] == layer.weight_ih_l0.shape[0] / 5
    for name, module in {"all_gru": torch.nn.GRU, "all_rnn": torch.nn.RNN}.items():
        layer = module(len(set(networks.TEXT)), networks.UNITS)
        assert FACTS[name] == sum(parameter.numel() for parameter in layer.parameters())
    assert dense.CODE.answers["layers"]() == 1
    assert FACTS["all_gru"] * 4 == FACTS["all"] * 3


def test_the_bias_opens_the_gate() -> None:
    means = [dense.mean_forget(float(bias)) for bias in range(-2, 7)]
    assert means == sorted(means)
    assert FACTS["mean_zero"] == pytest.approx(means[2])
    assert FACTS["mean_two"] == pytest.approx(means[4])
    assert FACTS["half"] == 0.5
    assert dense.CODE.answers["raised"]() == 1
    reached = dense.CODE.exercises["open_gate"].reached
    least = float(FACTS["given_open"])
    assert reached({"bias": least})
    assert not reached({"bias": least - 0.5})


@pytest.mark.parametrize(("bias", "wanted"), [(0, 1.44), (1, 3.19), (2, 7.88), (3, 20.58)])
def test_after_its_span_a_gate_has_left_one_part_in_e(bias: int, wanted: float) -> None:
    gate = float(torch.sigmoid(torch.tensor(float(bias), dtype=torch.float64)))
    (span,) = forget_timescales([bias])
    assert gate**span == pytest.approx(1 / math.e)
    assert span == pytest.approx(wanted, abs=0.005)
    assert span == pytest.approx(math.exp(bias) + 0.5, rel=0.06)


def test_the_facts_are_those_spans_and_two_biases_of_1_make_2() -> None:
    names = ("tau_zero", "tau_one", "tau_two", "tau_three")
    assert [FACTS[name] for name in names] == pytest.approx([1.4427, 3.1922, 7.8785, 20.5815], 1e-4)
    cell = torch.nn.LSTMCell(1, 1)
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.zero_()
        cell.bias_ih.fill_(1)
        cell.bias_hh.fill_(1)
        nothing = torch.zeros(1, 1)
        _, one = cell(nothing, (nothing, torch.full((1, 1), 100.0)))
        _, none = cell(nothing, (nothing, nothing))
    kept = float(one - none) / 100
    assert FACTS["tau_two_biases"] == pytest.approx(-1 / math.log(kept), rel=1e-4)
    assert FACTS["tau_two_biases"] == FACTS["tau_two"]


def test_a_bias_of_3_starts_a_memory_of_about_20_steps() -> None:
    assert dense.CODE.answers["twenty"]() == 2
    assert dense.BIASES[2] == 3
    assert FACTS["left"] == pytest.approx(math.prod([1 / (1 + math.exp(-3))] * 20))


@pytest.mark.parametrize("longest", [10, 100, 1000])
def test_chrono_spreads_spans_up_to_the_longest_and_equal_biases_do_not(longest: int) -> None:
    found = dense.initial_timescales("chrono", longest)
    # A bias of ln u is a gate of u / (1 + u), whose span is 1 / ln(1 + 1 / u).
    low, high = (1 / math.log(1 + 1 / u) for u in (1, longest - 1))
    assert low <= found[0] < found[-1] <= high
    assert found[-1] > 0.9 * high
    assert np.median(found) == pytest.approx(longest / 2, rel=0.3)
    alike = dense.initial_timescales("forget_bias")
    assert alike[-1] / alike[0] < 1.6
    assert FACTS["alike_low"] < FACTS["tau_one"] < FACTS["alike_high"]


def test_spans_hold_where_the_gate_rounds_to_1() -> None:
    assert forget_timescales([50.0])[0] == pytest.approx(math.exp(50))
    assert np.isfinite(forget_timescales([-50.0, 50.0])).all()


def test_the_exercises_are_what_pytorch_gives() -> None:
    inputs, units = int(FACTS["given_inputs"]), int(FACTS["given_units"])
    layer = torch.nn.Linear(inputs + units, units)
    assert FACTS["given_size"] == sum(parameter.numel() for parameter in layer.parameters())
    assert dense.CODE.exercises["dense_size"].value() == FACTS["given_size"]
    gate = float(torch.sigmoid(torch.tensor(2 * float(FACTS["given_bias"]))))
    assert FACTS["given_tau"] == pytest.approx(-1 / math.log(gate), rel=1e-5)
    gate = float(torch.sigmoid(torch.tensor(float(FACTS["given_exact"]), dtype=torch.float64)))
    assert gate ** float(FACTS["given_steps"]) == pytest.approx(1 / math.e)
    assert FACTS["given_log"] == pytest.approx(float(FACTS["given_exact"]), abs=0.01)
    assert dense.CODE.exercises["hundred"].value() == FACTS["given_exact"]


def test_the_gate_and_the_timescale_of_the_wrong_options_are_pytorchs() -> None:
    one, five = torch.sigmoid(torch.tensor([1.0, 5.0], dtype=torch.float64)).tolist()
    assert FACTS["gate_one"] == pytest.approx(one)
    assert FACTS["tau_five"] == pytest.approx(-1 / math.log(five))
