"""The numbers it prints recombine to the traced ones, with PyTorch as the witness."""

from __future__ import annotations

import re
from math import exp, tanh

import numpy as np
import pytest
import torch

from rnnviz.lessons.content import lstm_step
from rnnviz.lessons.content.networks import LSTM_GATES, sentence
from tests.witnesses import Array, assert_close

WEIGHTS = lstm_step.word_network().layers[0].weights
INPUTS = sentence(lstm_step.WORD).values
STARTS = lstm_step.CODE.settings()
FACTS = lstm_step.CODE.facts
ROUNDING = 0.02  # what three digits of a few summands can be off
every_step = pytest.mark.parametrize("step", range(1, 6))
every_unit = pytest.mark.parametrize("unit", ["0", "1"])


def sigmoid(drive: float) -> float:
    return 1 / (1 + exp(-drive))


def number(text: str) -> float:
    return float(text.replace("−", "-").strip("() "))


def sum_of(latex: str) -> float:
    """A printed sum of products, computed as it stands."""
    plain = re.sub(r"\\tanh\(([^)]*)\)", lambda found: str(tanh(number(found[1]))), latex)
    return sum(
        float(np.prod([number(factor) for factor in product.split(r"\cdot")]))
        for product in plain.split(" + ")
    )


@pytest.fixture(scope="module")
def cell() -> torch.nn.LSTMCell:
    cell = torch.nn.LSTMCell(INPUTS.shape[2], lstm_step.UNITS, bias=False, dtype=torch.float64)
    order = ("input", "forget", "candidate", "output")
    with torch.no_grad():
        for role, param in (("x", cell.weight_ih), ("h", cell.weight_hh)):
            stacked = np.concatenate([WEIGHTS[f"{gate}.{role}"] for gate in order])
            param.copy_(torch.tensor(stacked))
    return cell


def states(cell: torch.nn.LSTMCell) -> tuple[Array, Array]:
    h = c = torch.zeros(1, lstm_step.UNITS, dtype=torch.float64)
    hidden, cells = [], []
    with torch.no_grad():
        for x in torch.tensor(INPUTS, dtype=torch.float64):
            h, c = cell(x, (h, c))
            hidden.append(h.numpy())
            cells.append(c.numpy())
    return np.array(hidden), np.array(cells)


def test_the_network_and_the_arithmetic_are_pytorchs(cell: torch.nn.LSTMCell) -> None:
    hidden, cells = states(cell)
    assert_close(lstm_step.word_trace()["hidden"], hidden)
    assert_close(lstm_step.word_trace()["cell"], cells)
    made = lstm_step.recomputed_states()
    assert_close(made[0], cells[:, 0])
    assert_close(made[1], hidden[:, 0])
    assert FACTS["residual"](STARTS) < 1e-15


@every_step
@every_unit
def test_the_table_recombines_to_the_traced_cell_and_hidden_state(step: int, unit: str) -> None:
    settings = {**STARTS, "step": str(step), "unit": unit}
    said = {name: fact(settings) for name, fact in FACTS.items()}
    values = {}
    for gate in LSTM_GATES:
        drive = said[f"{gate}_x"] + said[f"{gate}_h"]
        assert abs(drive - said[f"{gate}_drive"]) < 1e-12
        values[gate] = (tanh if gate == "candidate" else sigmoid)(drive)
        assert abs(values[gate] - said[f"{gate}_value"]) < 1e-12
    trace, u = lstm_step.word_trace(), int(unit)
    before = float(trace["cell"][step - 2, 0, u]) if step > 1 else 0.0
    c = values["forget"] * before + values["input"] * values["candidate"]
    assert abs(c - trace["cell"][step - 1, 0, u]) < 1e-12
    assert abs(values["output"] * tanh(c) - trace["hidden"][step - 1, 0, u]) < 1e-12
    assert said["token"] == "hello"[step - 1]


@every_step
@every_unit
def test_the_printed_formulas_hold_to_their_last_digits(step: int, unit: str) -> None:
    settings = {**STARTS, "step": str(step), "unit": unit}
    drive = FACTS["forget_drive"](settings)
    assert sum_of(FACTS["forget_sum"](settings)) == pytest.approx(drive, abs=ROUNDING)
    for name in ("cell_made", "hidden_made"):
        made, _, value = FACTS[name](settings).rpartition(" = ")
        assert sum_of(made) == pytest.approx(number(value), abs=ROUNDING)


def test_the_question_is_answered_by_the_network_with_its_gates_held() -> None:
    before = float(lstm_step.word_trace()["cell"][3, 0, 0])
    assert lstm_step.CODE.answers["then"]() == 2
    assert abs(FACTS["guess_both"](STARTS) - (0.5 * before - 0.5)) < 1e-12
    cell = lstm_step.assumed_trace(STARTS)["cell"]
    assert abs(cell[4, 0, 0] - (0.5 * before - 0.5)) < 1e-12
    assert_close(cell[:4], lstm_step.word_trace()["cell"][:4])
    guesses = [FACTS[f"guess_{name}"](STARTS) for name in ("kept", "mixed", "both", "added")]
    assert min(np.diff(sorted(guesses))) > 0.1


def test_what_the_walk_tells_is_so() -> None:
    said = {name: fact(STARTS) for name, fact in FACTS.items()}
    assert said["first_cell"] == pytest.approx(
        float(
            lstm_step.word_trace()["input"][0, 0, 0] * lstm_step.word_trace()["candidate"][0, 0, 0]
        )
    )
    assert said["same_h"] < 0 < said["again_h"]
    assert said["same_forget"] < said["again_forget"]
    assert said["again_cell"] > 1
    assert said["end_cell"] == lstm_step.word_trace()["cell"][:, 0, 0].max()
    assert said["end_output"] < 0.2
    assert said["other_forget"] < 0.1
    assert said["other_input"] < 0.1
    both = lstm_step.word_trace()
    assert min(both["forget"][3, 0, 0], both["input"][3, 0, 0]) > 0.9


def test_the_second_l_moves_the_forget_gate_through_the_hidden_state_alone() -> None:
    drives = []
    for step in (2, 3):
        hidden = lstm_step.word_trace()["hidden"][step - 1, 0]
        drives.append((WEIGHTS["forget.x"] @ INPUTS[step, 0], WEIGHTS["forget.h"] @ hidden))
    assert drives[0][0][0] == drives[1][0][0] == pytest.approx(FACTS["same_x"](STARTS))
    assert drives[0][1][0] == pytest.approx(FACTS["same_h"](STARTS))
    assert drives[1][1][0] == pytest.approx(FACTS["again_h"](STARTS))
    assert lstm_step.CODE.answers["same"]() == 1


def test_a_growing_cell_shows_less_than_1(cell: torch.nn.LSTMCell) -> None:
    assert lstm_step.CODE.answers["shown"]() == 1
    assert FACTS["again_tanh"](STARTS) == pytest.approx(np.tanh(states(cell)[1][3, 0, 0]))


def test_the_notes_slip_gives_another_number(cell: torch.nn.LSTMCell) -> None:
    """Input gate times cell state, by PyTorch's states and the gate's own formula."""
    hidden, cells = states(cell)
    drive = WEIGHTS["input.x"] @ INPUTS[4, 0] + WEIGHTS["input.h"] @ hidden[3, 0]
    assert FACTS["slip"](STARTS) == pytest.approx(sigmoid(drive[0]) * cells[4, 0, 0])
    assert FACTS["slip"](STARTS) > 2 * FACTS["end_hidden"](STARTS)


def test_the_exercises_are_pytorchs_step() -> None:
    """A cell without weights whose biases are the inverse of the gates that are given."""
    given, net = lstm_step.STEP_GIVEN, torch.nn.LSTMCell(1, 1, dtype=torch.float64)
    logit = [np.log(given[gate] / (1 - given[gate])) for gate in ("input", "forget", "output")]
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.zero_()
        drives = [logit[0], logit[1], np.arctanh(given["candidate"]), logit[2]]
        net.bias_ih.copy_(torch.tensor(drives))
        zero = torch.zeros(1, 1, dtype=torch.float64)
        hidden, made = net(zero, (zero, torch.full_like(zero, given["cell"])))
    assert lstm_step.CODE.exercises["cell"].value() == pytest.approx(float(made))
    assert lstm_step.CODE.exercises["hidden"].value() == pytest.approx(float(hidden))


def test_the_sliders_that_leave_the_cell_unchanged() -> None:
    reached = lstm_step.CODE.exercises["unchanged"].reached
    assert not reached(STARTS)
    assert reached({**STARTS, "forget": 1.0, "input": 0.0})
    assert reached({**STARTS, "forget": 1.0, "candidate": 0.0})
    assert lstm_step.CODE.exercises["onward"].right() == 1


def test_the_output_gate_of_a_step_does_not_hang_on_the_others() -> None:
    for forget in (0.0, 1.0):
        held = lstm_step.assumed_trace({**STARTS, "forget": forget})
        assert_close(held["output"], lstm_step.word_trace()["output"])
