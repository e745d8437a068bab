"""What it says of an LSTM's gates, with PyTorch's LSTM cell as the witness."""

from __future__ import annotations

import numpy as np
import torch

from rnnviz.lessons.content import lstm_gates
from rnnviz.lessons.content.networks import TEXT, UNITS, sentence
from tests.witnesses import Array, assert_close

WEIGHTS = lstm_gates.lstm().layers[0].weights
INPUTS = sentence().values[:, 0]
FREE = lstm_gates.CODE.settings()
FACTS = {name: fact(FREE) for name, fact in lstm_gates.CODE.facts.items()}
SPAN = slice(lstm_gates.START, lstm_gates.STOP)


def sigmoid(drive: Array) -> Array:
    return 1 / (1 + np.exp(-drive))


def by_hand(**held: float) -> dict[str, Array]:
    """The six equations as the note writes them, with gates given between the two lines."""
    h, c = np.zeros(UNITS), np.zeros(UNITS)
    rows: dict[str, list[Array]] = {}
    for t, x in enumerate(INPUTS):
        gate = {
            name: (np.tanh if name == "candidate" else sigmoid)(
                WEIGHTS[f"{name}.x"] @ x + WEIGHTS[f"{name}.h"] @ h
            )
            for name in ("forget", "input", "candidate", "output")
        }
        if SPAN.start <= t < SPAN.stop:
            gate |= {name: np.full_like(h, value) for name, value in held.items()}
        c = gate["forget"] * c + gate["input"] * gate["candidate"]
        h = gate["output"] * np.tanh(c)
        for name, value in {**gate, "cell": c, "hidden": h}.items():
            rows.setdefault(name, []).append(value)
    return {name: np.array(values) for name, values in rows.items()}


def test_left_alone_it_is_pytorchs_lstm() -> None:
    lstm = torch.nn.LSTM(INPUTS.shape[1], UNITS, dtype=torch.float64, bias=False)
    with torch.no_grad():
        for role, param in (("x", lstm.weight_ih_l0), ("h", lstm.weight_hh_l0)):
            order = ("forget", "input", "candidate", "output")
            by_gate = {name: WEIGHTS[f"{name}.{role}"] for name in order}
            stacked = [by_gate[name] for name in ("input", "forget", "candidate", "output")]
            param.copy_(torch.tensor(np.concatenate(stacked)))
        wanted, _ = lstm(torch.tensor(INPUTS[:, None], dtype=torch.float64))
    assert_close(lstm_gates.clamped_lstm()["hidden"], wanted.numpy())


def test_held_gates_follow_the_six_equations() -> None:
    for held in ({"forget": 0.0}, {"forget": 1.0, "input": 0.0, "output": 0.0}, {"input": 0.35}):
        wanted, got = by_hand(**held), lstm_gates.clamped_lstm(**held)
        for name, values in wanted.items():
            assert_close(got[name][:, 0], values)


def test_forget_0_leaves_what_this_step_wrote_but_not_the_letter_alone() -> None:
    made = by_hand(forget=0.0)
    assert (made["cell"][SPAN] == (made["input"] * made["candidate"])[SPAN]).all()
    assert FACTS["erased"] == 0
    assert FACTS["letters"] > 0.3
    assert FACTS["letters_hidden"] == 0
    assert lstm_gates.CODE.answers["becomes"]() == 2


def test_forget_1_keeps_everything_only_with_input_0() -> None:
    before = by_hand()["cell"][SPAN.start - 1]
    assert (by_hand(forget=1.0, input=0.0)["cell"][SPAN] == before).all()
    assert FACTS["kept"] == 0
    assert FACTS["kept_only"] > 0.9
    assert FACTS["unwritten"] == 0


def test_a_cell_counts_where_a_hidden_state_cannot() -> None:
    made = by_hand(forget=1.0, input=1.0, candidate=1.0)
    assert_close(made["cell"][SPAN.stop - 1] - made["cell"][SPAN.start - 1], [8.0] * 8)
    assert abs(FACTS["grown"] - FACTS["held_steps"]) < 1e-12
    assert FACTS["grown_cell"] > 8
    assert FACTS["grown_hidden"] < 1


def test_output_0_hides_a_memory_that_is_still_there() -> None:
    made = by_hand(forget=1.0, input=0.0, output=0.0)
    assert FACTS["dark_hidden"] == FACTS["through"] == 0
    assert abs(FACTS["dark_cell"] - abs(made["cell"][SPAN]).max()) < 1e-12


def test_gates_candidates_and_hidden_states_keep_their_ranges_and_the_cell_leaves_it() -> None:
    assert 0 < FACTS["gate_low"] < FACTS["gate_high"] < 1
    assert FACTS["candidate_most"] < 1
    assert FACTS["hidden_most"] < 1 < FACTS["cell_most"]


def test_the_characters_that_come_twice_between_the_lines() -> None:
    between = TEXT[SPAN]
    assert {c for c in between if between.count(c) > 1} == {"t", " "}
    for name, letter in (("letter", "t"), ("space", " ")):
        for which in ("first", "again"):
            assert TEXT[FACTS[f"{name}_{which}"] - 1] == letter
        assert FACTS[f"{name}_first"] < FACTS[f"{name}_again"]


def test_with_forget_and_output_0_the_letter_alone_makes_the_cell_from_the_second_step_on() -> None:
    made = by_hand(forget=0.0, output=0.0)["cell"]
    alone = [
        sigmoid(WEIGHTS["input.x"] @ x) * np.tanh(WEIGHTS["candidate.x"] @ x) for x in INPUTS[SPAN]
    ]
    assert_close(made[SPAN][1:], alone[1:])
    assert abs(made[SPAN][0] - alone[0]).max() > 0.01
    assert lstm_gates.CODE.exercises["memoryless"].right() == 2


def test_forget_1_alone_keeps_the_old_value_and_adds_to_it() -> None:
    made = by_hand(forget=1.0)
    added = (made["input"] * made["candidate"])[SPAN]
    assert_close(np.diff(made["cell"], axis=0)[SPAN.start - 1 : SPAN.stop - 1], added)
    assert lstm_gates.CODE.answers["keeps"]() == 1


def test_what_was_hidden_is_seen_again_at_once() -> None:
    """The step after the span from an empty cell, and from the one that was kept."""
    made, x, unit = (
        by_hand(forget=1.0, input=0.0, output=0.0),
        INPUTS[SPAN.stop],
        FACTS["back_unit"],
    )
    assert not made["hidden"][SPAN.stop - 1].any()
    empty = made["output"][SPAN.stop] * np.tanh(
        sigmoid(WEIGHTS["input.x"] @ x) * np.tanh(WEIGHTS["candidate.x"] @ x)
    )
    assert abs(FACTS["back"] - made["hidden"][SPAN.stop, unit]) < 1e-12
    assert abs(FACTS["back_empty"] - empty[unit]) < 1e-12
    assert abs(FACTS["back"]) > 2 * abs(FACTS["back_empty"])
    assert lstm_gates.CODE.answers["back"]() == 1


def test_the_exercises_are_sums_and_powers() -> None:
    exercises = lstm_gates.CODE.exercises
    assert abs(exercises["lowered"].value() - 8 * 0.5 * -1) < 1e-12
    assert abs(exercises["halved"].value() - 0.5**8) < 1e-12
    reached = exercises["still"].reached
    assert not reached(FREE)
    for gate in ("input", "candidate"):
        assert reached({**FREE, "forget": 1.0, gate: 0.0})


def test_what_the_sliders_say_follows_the_hand() -> None:
    held = {"forget": 1.0, "input": 0.0, "candidate": None, "output": None}
    facts = lstm_gates.CODE.facts
    assert facts["change"](held) == 0
    assert facts["change"](FREE) > 1
    assert facts["from_before"](FREE) == 0 < facts["from_before"](held)
