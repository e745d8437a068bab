"""What it says of shared weights, of who hears whom and of softmax, by PyTorch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rnnviz.lessons.content import reads
from rnnviz.lessons.content.networks import TEXT, UNITS, sentence
from rnnviz.train.presets import preset
from tests.witnesses import assert_close

SETTINGS = reads.CODE.settings()
FACTS = {name: fact(SETTINGS) for name, fact in reads.CODE.facts.items()}
EVERY_UNIT = range(UNITS)


def torch_rnn() -> torch.nn.RNN:
    """PyTorch's simple network with the small network's weights."""
    own = reads.rnn().layers[0].weights
    net = torch.nn.RNN(len(set(TEXT)), UNITS, dtype=torch.float64)
    names = {"weight_ih": "x", "weight_hh": "h", "bias_ih": "b", "bias_hh": "bh"}
    net.load_state_dict({f"{n}_l0": torch.tensor(own[f"hidden.{r}"]) for n, r in names.items()})
    return net


def size(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_the_weights_are_counted_as_pytorch_counts_them_for_any_length() -> None:
    net, characters = torch_rnn(), len(set(TEXT))
    readout = torch.nn.Linear(UNITS, characters)
    assert FACTS["weights"] == size(net) + size(readout) == 284
    assert [FACTS[f"n_{name}"] for name in "uwbvd"] == [8 * 12, 8 * 8, 2 * 8, 12 * 8, 12]
    assert FACTS["own"] == FACTS["letters"] * FACTS["weights"]
    assert reads.CODE.answers["twice"]() == 2
    values = torch.tensor(sentence().values, dtype=torch.float64)
    with torch.no_grad():
        hidden, _ = net(values)
    assert_close(reads.rnn_trace()["hidden"], hidden.numpy())


def test_one_set_of_weights_applied_step_by_step_is_the_whole_chain() -> None:
    """A cell that is called once a step, as the drawing shows it."""
    net = torch_rnn()
    cell = torch.nn.RNNCell(net.input_size, UNITS, dtype=torch.float64)
    cell.load_state_dict({n.removesuffix("_l0"): w for n, w in net.state_dict().items()})
    hidden = torch.zeros(1, UNITS, dtype=torch.float64)
    for step, row in enumerate(torch.tensor(sentence().values, dtype=torch.float64)):
        hidden = cell(row, hidden)
        assert_close(hidden.detach().numpy(), reads.rnn_trace()["hidden"][step])


def test_every_step_costs_the_same_products() -> None:
    assert FACTS["products"] == FACTS["letters"] * (8 * 12 + 8 * 8 + 12 * 8)


@pytest.mark.parametrize("unit", EVERY_UNIT)
def test_a_push_stays_in_its_unit_exactly_where_the_recurrence_is_one_to_one(unit: int) -> None:
    assert reads.n_reached("full", unit) == UNITS
    assert reads.n_reached("one_to_one", unit) == 1
    change = (
        reads.pushed_trace("one_to_one", unit)["hidden"] != reads.rnn_trace("one_to_one")["hidden"]
    )
    assert set(np.nonzero(change)[2]) == {unit}
    assert not change[: reads.PUSHED].any()
    at_once = reads.pushed_trace("full", unit)["hidden"] != reads.rnn_trace("full")["hidden"]
    assert at_once[reads.PUSHED].all()


def test_the_one_to_one_weights_are_the_diagonal_of_the_full_ones() -> None:
    full, single = (reads.rnn(kind).layers[0].weights for kind in ("full", "one_to_one"))
    assert_close(single["hidden.h"], np.diag(full["hidden.h"]))
    assert FACTS["n_w_single"] == 8


def torch_states() -> torch.Tensor:
    """The trained network's hidden states by PyTorch, (time, unit)."""
    model = preset(reads.PRESET).model()
    own = model.layers[0].weights
    gates = ("input", "forget", "candidate", "output")
    roles = {"weight_ih": "x", "weight_hh": "h", "bias_ih": "b", "bias_hh": "bh"}
    net = torch.nn.LSTM(model.n_inputs, 128, dtype=torch.float64)
    stacked = {n: np.concatenate([own[f"{g}.{r}"] for g in gates]) for n, r in roles.items()}
    net.load_state_dict({f"{n}_l0": torch.tensor(a).double() for n, a in stacked.items()})
    values = torch.tensor(reads.language_model_trace("trained").sequence.values).double()
    with torch.no_grad():
        return net(values)[0][:, 0]


def torch_guesses() -> torch.Tensor:
    """The trained network's probabilities by PyTorch, (time, character)."""
    readout = preset(reads.PRESET).model().readout
    assert readout is not None
    scores = torch_states() @ torch.tensor(readout.weights).double().T
    return torch.softmax(scores + torch.tensor(readout.bias).double(), dim=1)


def test_after_the_same_letter_the_trained_network_expects_another_one() -> None:
    wanted = torch_guesses()
    tokens, names = (
        reads.language_model_trace("trained").sequence.tokens[0],
        preset(reads.PRESET).outputs,
    )
    for which, at in reads.SPACES.items():
        assert tokens[at] == " "
        assert FACTS[f"{which}_probability"] == pytest.approx(float(wanted[at].max()), abs=1e-4)
        assert FACTS[f"{which}_best"] == names[int(wanted[at].argmax())]
    assert FACTS["first_probability"] < 0.1 < 0.6 < FACTS["second_probability"]
    assert "".join(tokens[: reads.SPACES["second"] + 1]) == "The White "
    assert tokens[reads.SPACES["second"] + 1] == FACTS["second_best"]


@pytest.mark.parametrize("which", ["before", "trained"])
@pytest.mark.parametrize("step", [0, 9, 39])
def test_probabilities_add_up_to_1_and_are_softmax_of_the_sums_shown(which: str, step: int) -> None:
    facts = {"network": which, "step": float(step + 1)}
    assert reads.CODE.facts["sum"](facts) == pytest.approx(1, abs=1e-6)
    view = reads.next_characters(which, step)
    rates = np.exp(view.scores - view.scores[0])
    assert_close(view.probabilities / view.probabilities[0], rates, 1e-5)


def test_the_push_reaches_every_unit_at_once_since_no_weight_of_a_full_matrix_is_0() -> None:
    assert reads.rnn().layers[0].weights["hidden.h"].all()
    assert reads.changed_at_once() == UNITS
    assert reads.CODE.answers["spread"]() == 2


def test_the_sum_of_all_states_answers_one_character_for_ever() -> None:
    """The reading of the note, by PyTorch's states: V (h_1 + … + h_t) + d."""
    states = torch.cumsum(torch_states(), dim=0)
    readout = preset(reads.PRESET).model().readout
    assert readout is not None
    scores = states @ torch.tensor(readout.weights).double().T + torch.tensor(readout.bias).double()
    tokens = reads.language_model_trace("trained").sequence.tokens[0]
    summed = [readout.names[int(best)] for best in scores.argmax(dim=1)]
    plain = [readout.names[int(best)] for best in torch_guesses().argmax(dim=1)]
    assert FACTS["right_sum"] == sum(a == b for a, b in zip(summed[:-1], tokens[1:], strict=True))
    assert FACTS["right_last"] == sum(a == b for a, b in zip(plain[:-1], tokens[1:], strict=True))
    assert FACTS["right_sum"] < 10 < 40 < FACTS["right_last"] < FACTS["guesses"] == len(tokens) - 1
    assert FACTS["sum_size"] == pytest.approx(float(states[-1].abs().max()), rel=1e-4)
    start = FACTS["stuck_from"] - 1
    assert set(summed[start:]) == {FACTS["stuck"]} != {summed[start - 1]}
    assert start < len(tokens) / 2
    assert reads.CODE.answers["summed"]() == 2


def test_the_exercises_have_the_answers_of_pytorch() -> None:
    cell = torch.nn.RNNCell(1, 1, dtype=torch.float64)
    with torch.no_grad():
        for name, value in (("weight_ih", "u"), ("weight_hh", "w"), ("bias_ih", "b")):
            getattr(cell, name).fill_(reads.HAND[value])
        cell.bias_hh.zero_()
        given = (torch.full((1, 1), reads.HAND[name], dtype=torch.float64) for name in "xh")
        wanted = float(cell(*given))
    assert reads.CODE.exercises["hand"].value() == pytest.approx(wanted, abs=1e-12)
    net = torch.nn.RNN(30, 50)
    spare = net.bias_hh_l0.numel()
    assert reads.CODE.exercises["count"].value() == size(net) - spare + size(
        torch.nn.Linear(50, 30)
    )


def test_the_settings_that_the_last_exercise_wants_are_not_those_at_first() -> None:
    reached = reads.CODE.exercises["sure"].reached
    assert not reached(SETTINGS)
    found = SETTINGS | {"step": float(FACTS["sure_at"])}
    assert reached(found)
    assert float(torch_guesses()[FACTS["sure_at"] - 1].max()) > reads.SURE
    assert not reached(found | {"network": "before"})


def test_before_training_all_characters_are_nearly_even() -> None:
    assert FACTS["even"] == 1 / 64
    assert FACTS["even"] < FACTS["untrained_probability"] < 1.3 * FACTS["even"]
