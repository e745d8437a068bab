"""What it says of a GRU's corners, with PyTorch as the witness."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import rnnviz as rv
from rnnviz.interventions.serialise import from_text
from rnnviz.lessons.content import gru
from rnnviz.lessons.content.networks import UNITS, sentence, small_network
from rnnviz.train.presets import preset
from tests.witnesses import assert_close

WEIGHTS = small_network("gru").layers[0].weights
INPUTS = sentence().values


def torch_rnn() -> torch.nn.RNN:
    """PyTorch's simple network with the candidate's weights."""
    rnn = torch.nn.RNN(INPUTS.shape[2], UNITS, dtype=torch.float64)
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(torch.tensor(WEIGHTS["candidate.x"]))
        rnn.weight_hh_l0.copy_(torch.tensor(WEIGHTS["candidate.h"]))
        rnn.bias_ih_l0.copy_(torch.tensor(WEIGHTS["candidate.b"]))
        rnn.bias_hh_l0.zero_()
    return rnn


def test_with_reset_1_and_update_0_it_is_pytorchs_simple_network() -> None:
    with torch.no_grad():
        wanted, _ = torch_rnn()(torch.tensor(INPUTS, dtype=torch.float64))
    assert_close(gru.clamped_gru(gru.AS_RNN)["hidden"], wanted.numpy())
    assert gru.distance_to_simple(gru.AS_RNN) == 0
    assert gru.CODE.answers["becomes"]() == 2


def test_elsewhere_it_is_another_network() -> None:
    for settings in (gru.UNCLAMPED, {"reset": 1.0, "update": 0.05}, {"reset": 0.5, "update": 0.0}):
        assert gru.distance_to_simple(settings) > 0.1


def test_update_1_freezes_it_and_both_at_0_leave_no_memory() -> None:
    facts = {name: fact(gru.UNCLAMPED) for name, fact in gru.CODE.facts.items()}
    assert facts["kept"] == 0
    assert facts["between_letters"] == 0
    alone = np.tanh(INPUTS @ WEIGHTS["candidate.x"].T + WEIGHTS["candidate.b"])
    state = gru.clamped_gru({"reset": 0.0, "update": 0.0})["hidden"]
    assert_close(state, alone)


@pytest.fixture(scope="module")
def adder() -> torch.nn.GRU:
    """PyTorch's own GRU with the trained network's weights."""
    weights = preset(gru.PRESET).model().layers[0].weights
    stacked = {
        f"{name}_l0": np.concatenate(
            [weights[f"{gate}.{role}"] for gate in ("reset", "update", "candidate")]
        )
        for name, role in (
            ("weight_ih", "x"),
            ("weight_hh", "h"),
            ("bias_ih", "b"),
            ("bias_hh", "bh"),
        )
    }
    net = torch.nn.GRU(2, 32, dtype=torch.float64)
    net.load_state_dict({name: torch.tensor(array).double() for name, array in stacked.items()})
    return net


def test_the_trained_network_answers_as_pytorch_does(adder: torch.nn.GRU) -> None:
    readout = preset(gru.PRESET).model().readout
    assert readout is not None
    with torch.no_grad():
        hidden, _ = adder(torch.tensor(gru.numbers().values, dtype=torch.float64))
    said = readout.weights.astype(float) @ hidden[-1, 0].numpy() + readout.bias
    facts = gru.CODE.facts
    assert facts["answer"](gru.UNCLAMPED) == pytest.approx(float(said[0]), abs=1e-5)
    assert abs(facts["answer"](gru.UNCLAMPED) - facts["sum"](gru.UNCLAMPED)) < 0.02
    assert abs(facts["answer_simple"](gru.UNCLAMPED) - facts["sum"](gru.UNCLAMPED)) > 1


def test_its_update_gate_opens_where_a_number_is_marked() -> None:
    facts = {name: fact(gru.UNCLAMPED) for name, fact in gru.CODE.facts.items()}
    values = gru.numbers().values[:, 0]
    marked = [t for t in range(len(values)) if values[t, 1] == 1]
    assert [facts["first_mark"] - 1, facts["second_mark"] - 1] == marked
    assert facts["waiting"] == marked[1] - marked[0]
    assert facts["sum"] == pytest.approx(sum(values[t, 0] for t in marked))
    assert facts["update_marked"] < 0.5 < 0.9 < facts["update_quiet"]


def test_the_units_that_are_drawn_react_most_and_the_one_in_the_text_is_among_them() -> None:
    update = gru.adding_gru()["update"][:, 0]
    marks = gru.numbers().values[:, 0, 1] == 1
    fall = np.array([np.mean(u[~marks]) - np.mean(u[marks]) for u in update.T])
    watched = gru.watched_units()
    assert min(fall[list(watched)]) >= max(np.delete(fall, watched))
    assert gru.CODE.facts["unit"](gru.UNCLAMPED) == fall.argmax()
    assert fall.argmax() in watched
    assert (update[marks][:, watched].max() < update[~marks][:, watched].mean(0)).all()


def test_the_gru_has_three_quarters_of_the_lstms_weights_by_pytorchs_count() -> None:
    facts = {name: fact(gru.UNCLAMPED) for name, fact in gru.CODE.facts.items()}
    for name, kind in (("lstm", torch.nn.LSTM), ("gru", torch.nn.GRU)):
        assert facts[f"n_{name}"] == sum(p.numel() for p in kind(2, 32).parameters())
    assert facts["n_gru"] / facts["n_lstm"] == 3 / 4


def test_both_have_learned_to_add_and_predict_a_text_alike() -> None:
    facts = {name: fact(gru.UNCLAMPED) for name, fact in gru.CODE.facts.items()}
    for cell in gru.GATED:
        assert facts[f"{cell}_error"] < 0.001 * preset("adding_gru").chance
    assert abs(facts["gru_text"] - facts["lstm_text"]) < 0.01


def test_the_link_opens_explore_with_the_gates_as_they_are_held_here() -> None:
    links = gru.CODE.links["small"]
    assert "do" not in links(gru.CODE.settings({})).choices
    held = links(gru.CODE.settings({"reset": 1.0, "update": 0.0})).choices["do"]
    assert from_text(held) == (rv.Clamp("reset", 1.0), rv.Clamp("update", 0.0))
