"""What a simple network keeps of a pulse, by PyTorch and by powers of the radius."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rnnviz.lessons.content import forgets
from rnnviz.lessons.content.networks import sentence
from rnnviz.network.model import Model
from tests.witnesses import assert_close

FACTS = {name: fact(forgets.CODE.settings()) for name, fact in forgets.CODE.facts.items()}
ROLES = {"weight_ih": "x", "weight_hh": "h", "bias_ih": "b", "bias_hh": "bh"}


def module(model: Model, gates: tuple[str, ...]) -> torch.nn.RNNBase:
    """PyTorch's own layer with the model's weights."""
    kind = torch.nn.RNN if gates == ("hidden",) else torch.nn.LSTM
    own = model.layers[0].weights
    net = kind(model.n_inputs, forgets.UNITS, dtype=torch.float64)
    stacked = {n: np.concatenate([own[f"{g}.{r}"] for g in gates]) for n, r in ROLES.items()}
    net.load_state_dict({f"{name}_l0": torch.tensor(array) for name, array in stacked.items()})
    return net


def share(model: Model, gates: tuple[str, ...], at: int) -> float:
    """What is left of the pulse so many steps after it, of the last state PyTorch keeps."""
    net, found = module(model, gates), {}
    for steps in (1, at + 1):
        runs = [forgets.pulse(size).values[:steps] for size in (forgets.PULSE, 0.0)]
        with torch.no_grad():
            states = [net(torch.tensor(run).double())[1] for run in runs]
        last = [state if gates == ("hidden",) else state[1] for state in states]
        found[steps] = float((last[0] - last[1]).norm())
    return found[at + 1] / found[1]


@pytest.mark.parametrize("radius", [0.5, 0.9, 1.0, 1.2, 1.5])
def test_what_is_left_of_the_pulse_is_what_pytorch_leaves(radius: float) -> None:
    for at in (1, 10, forgets.STEPS):
        wanted = share(forgets.scaled_rnn(radius), ("hidden",), at)
        assert forgets.pulse_in_rnn(radius)[at] == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize("bias", [0.0, 2.0, 4.0])
def test_what_an_lstms_cell_keeps_is_what_pytorch_keeps(bias: float) -> None:
    wanted = share(
        forgets.biased_lstm(bias), ("input", "forget", "candidate", "output"), forgets.STEPS
    )
    assert forgets.pulse_in_lstm(bias)[forgets.STEPS] == pytest.approx(wanted, rel=1e-6)


def test_below_1_and_for_small_states_each_step_is_a_factor_of_the_radius() -> None:
    for radius in (0.5, 0.8, 0.9, 0.95, 1.0, 1.05):
        rule = radius ** np.arange(forgets.STEPS + 1)
        np.testing.assert_allclose(forgets.pulse_in_rnn(radius), rule, rtol=1e-4)


def test_the_answer_is_half_a_percent() -> None:
    assert FACTS["left_asked"] == pytest.approx(0.9**50, rel=1e-4)
    assert forgets.CODE.answers["left"]() == 2
    assert abs(math.log(0.9**50 / 0.005)) < 0.05


def test_the_state_is_bounded_where_the_rule_is_not() -> None:
    assert FACTS["rule_large"] == pytest.approx(1.5**50)
    assert FACTS["left_large"] < 1e-3 * FACTS["rule_large"]
    # Two states of 16 numbers between −1 and 1 are at most this far apart.
    first = np.linalg.norm(np.tanh(forgets.scaled_rnn(1.5).layers[0].weights["hidden.x"] * 1e-4))
    assert FACTS["left_large"] <= 2 * np.sqrt(16) / first


def left_by_pytorch(radius: float) -> float:
    """Share that is left at the last letter of an equal push to every unit after the first one."""
    model = forgets.scaled_rnn(radius, sentence().n_features)
    own = {name: torch.tensor(array) for name, array in model.layers[0].weights.items()}
    values = torch.tensor(sentence().values[:, 0]).double()

    def read(hidden: torch.Tensor) -> torch.Tensor:
        for x in values[1:]:
            hidden = torch.tanh(own["hidden.x"] @ x + own["hidden.h"] @ hidden)
        return hidden

    first = torch.tanh(own["hidden.x"] @ values[0])
    push = torch.ones(forgets.UNITS, dtype=torch.float64)
    _, change = torch.autograd.functional.jvp(read, first, push)
    return float(change.norm() / push.norm())


def test_what_is_left_while_reading_is_what_the_jacobian_leaves() -> None:
    for radius in (0.9, 1.0, 1.2):
        found = forgets.push_while_reading(radius)
        assert found[0] == 1
        assert found[-1] == pytest.approx(left_by_pytorch(radius), rel=2e-3)
    assert FACTS["read_one"] < 0.1
    assert FACTS["slope"] < 0.9


def test_at_a_large_radius_the_distance_stops_growing_and_no_longer_tells_the_pulse() -> None:
    net = module(forgets.scaled_rnn(1.5), ("hidden",))
    with torch.no_grad():
        runs = [
            net(torch.tensor(forgets.pulse(size).values).double())[0] for size in (0, 1e-4, 2e-4)
        ]
    usual, large = ((run - runs[0])[:, 0].norm(dim=1).numpy() for run in runs[1:])
    assert FACTS["peak"] == pytest.approx(usual.max() / usual[0], rel=1e-6)
    assert FACTS["peak_at"] == usual.argmax() < forgets.STEPS
    assert FACTS["twice"] == pytest.approx(large[-1] / usual[-1], rel=1e-6)
    assert large[0] / usual[0] == pytest.approx(2, rel=1e-4)
    assert 0.9 < FACTS["twice"] < 1.1
    assert forgets.CODE.answers["large"]() == 1


def test_the_powers_that_the_answers_name() -> None:
    for name, share in (("half_at", 0.5), ("tenth_at", 0.1), ("millionth_at", 1e-6)):
        assert 0.9 ** FACTS[name] < share <= 0.9 ** (FACTS[name] - 1)
    assert 0.8 ** FACTS["steps_needed"] < 0.01 <= 0.8 ** (FACTS["steps_needed"] - 1)
    assert FACTS["gate_needed"] ** 50 == pytest.approx(0.5)


def test_the_lstm_keeps_with_its_gate_open_and_forgets_with_it_half_open() -> None:
    assert FACTS["gate_four"] == pytest.approx(1 / (1 + math.exp(-4)))
    assert FACTS["gate_alone"] == pytest.approx(FACTS["gate_four"] ** 50)
    assert FACTS["kept"] > FACTS["gate_alone"] > 0.4 > 1e-6 > FACTS["kept_none"]
    assert FACTS["ratio"] > 1e5
    assert forgets.CODE.answers["zero"]() == 1
    reached = forgets.CODE.exercises["open_gate"].reached
    assert reached({"radius": 0.9, "bias": 3.0})
    assert not reached(forgets.CODE.settings())


def test_the_simple_network_did_not_learn_to_add_and_the_lstm_did() -> None:
    assert FACTS["adding"] == 100
    # The variance of a sum of two numbers that are uniform between −1 and 1, or 0 and 1.
    assert FACTS["chance"] == pytest.approx(1 / 6, abs=1e-4)
    assert FACTS["lstm_error"] < 0.01 * FACTS["chance"]
    assert FACTS["rnn_error"] > 0.98 * FACTS["chance"]


def test_every_curve_is_whole() -> None:
    assert_close(forgets.pulse_in_rnn(1.0)[0], 1.0)
    for radius in (0.5, 1.5):
        assert np.isfinite(np.log10(forgets.pulse_in_rnn(radius))).all()
        assert np.isfinite(np.log10(forgets.push_while_reading(radius))).all()
