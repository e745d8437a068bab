"""What the cell states tell, with PyTorch and formulas as the witnesses."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rnnviz.lessons.content import trained, training
from rnnviz.lessons.content.excerpt import excerpt_trace
from rnnviz.lessons.content.memory_writers import sentence_trace, writer_attribution
from rnnviz.lessons.content.text_probes import (
    PROPERTIES,
    WIDTH,
    ProbedText,
    held_out_text,
    linear_fit,
    probe,
    text_properties,
    training_text,
)
from rnnviz.lessons.lesson import FactValue
from rnnviz.train.presets import preset
from rnnviz.train.text_tasks import book
from tests.witnesses import assert_close

SETTINGS = trained.CODE.settings()


def fact(name: str, **settings: str) -> FactValue:
    return trained.CODE.facts[name]({**SETTINGS, **settings})


def test_properties_of_a_text_are_those_that_a_person_would_mark() -> None:
    text = 'He (it) "a b\n"Oh"'
    marks = {
        "quotes": "000000001111" + "0" + "1110",
        "parentheses": "000111000000" + "0" + "0000",
        "inside": "110011000101" + "0" + "0110",
        "space": "001000010010" + "0" + "0000",
    }
    # A quote that nobody closed ends with its paragraph.
    text_marks = {name: [int(c) for c in line] for name, line in marks.items()}
    found = text_properties(text)
    for name, wanted in text_marks.items():
        assert found[name].tolist() == wanted, name
    position = [1, 2, 0, 0, 1, 2, 0, 0, 0, 1, 0, 1, 0, 0, 1, 2, 0]
    assert found["position"].tolist() == position


def test_what_is_measured_on_was_never_learned_from() -> None:
    cut = int(len(book()) * 0.9)
    for read, part in ((held_out_text(), book()[cut:]), (training_text(), book()[:cut])):
        rows = ["".join(row) for row in read.trace.sequence.tokens]
        assert all(row.replace("<unk>", "") and len(row) >= 1 for row in rows)
        assert all(row[:60] in part for row in rows if "<unk>" not in row[:60])
        assert max(read.trace.sequence.lengths) <= WIDTH
        assert len(read.cell) == sum(read.trace.sequence.lengths) == len(read.properties["quotes"])


def test_the_cell_states_are_pytorchs() -> None:
    model = preset(trained.PRESET).model()
    weights = model.layers[0].weights
    gates = ("input", "forget", "candidate", "output")
    cell = torch.nn.LSTMCell(len(preset(trained.PRESET).vocabulary), 128, dtype=torch.float64)
    roles = {"weight_ih": "x", "weight_hh": "h", "bias_ih": "b", "bias_hh": "bh"}
    zeros = np.zeros(128)
    cell.load_state_dict(
        {
            name: torch.tensor(
                np.concatenate([weights.get(f"{gate}.{role}", zeros) for gate in gates])
            ).double()
            for name, role in roles.items()
        }
    )
    values = torch.tensor(excerpt_trace().sequence.values[:120], dtype=torch.float64)
    state = (torch.zeros(1, 128).double(), torch.zeros(1, 128).double())
    with torch.no_grad():
        for step in range(120):
            state = cell(values[step], state)
            assert_close(excerpt_trace()["cell"][step], state[1].numpy(), 2e-4)


@pytest.mark.parametrize("name", PROPERTIES)
def test_best_unit_and_straight_line_are_those_of_the_textbook(name: str) -> None:
    old, new = training_text(), held_out_text()
    each = [abs(np.corrcoef(old.cell[:, u], old.properties[name])[0, 1]) for u in range(128)]
    unit = int(np.argmax(each))
    assert fact(f"{name}_unit") == unit
    wanted = np.corrcoef(new.cell[:, unit], new.properties[name])[0, 1]
    assert fact(f"{name}_r") == pytest.approx(wanted, rel=1e-9)
    if name != "space":
        assert fact(f"{name}_abs") == pytest.approx(abs(wanted), rel=1e-9)
    # The normal equations.
    wide = np.c_[old.cell, np.ones(len(old.cell))]
    line = np.linalg.solve(wide.T @ wide, wide.T @ old.properties[name])
    said = new.cell @ line[:-1] + line[-1]
    assert fact(f"{name}_straight") == pytest.approx(
        np.corrcoef(said, new.properties[name])[0, 1], rel=1e-6
    )
    if name != "position":
        right = np.mean((said > 0.5) == new.properties[name])
        assert fact(f"{name}_right") == pytest.approx(right, abs=1e-3)
        share = new.properties[name].mean()
        assert fact(f"{name}_same") == pytest.approx(max(share, 1 - share))


def test_the_straight_line_finds_a_line_that_is_there() -> None:
    generator = np.random.default_rng(1)
    states, others = generator.normal(size=(50, 3)), generator.normal(size=(7, 3))
    line = np.array([2.0, -1.0, 0.5])
    assert_close(linear_fit(states, states @ line + 4, others), others @ line + 4)


def test_no_single_unit_is_a_quote_detector_and_the_word_is_known_to_all_together() -> None:
    assert trained.CODE.answers["follows"]() == 2
    assert abs(probe("quotes").r) < 0.5
    assert abs(probe("parentheses").r) < 0.2
    assert probe("parentheses").accuracy - probe("parentheses").base_rate < 0.005
    assert 0.02 < probe("quotes").accuracy - probe("quotes").base_rate < 0.15
    assert probe("position").linear_r - abs(probe("position").r) > 0.1
    assert trained.CODE.answers["together"]() == 2
    for name in ("inside", "space"):
        assert probe(name).accuracy > 0.98 > probe(name).base_rate
        assert abs(probe(name).r) < 0.6


def test_the_depth_of_brackets_can_be_read_off() -> None:
    assert float(fact("depth_r")) < -0.95
    assert abs(float(fact("depth_r_before"))) < 0.5
    depth, said = trained.depths(training.TRAINED, False)
    assert fact("depth_right") == np.mean(np.abs(said - depth) < 0.5)
    assert float(fact("depth_right")) > 0.99
    one = trained.depths(training.TRAINED, True)
    assert np.mean(np.round(one[1]) == one[0]) < float(fact("depth_right"))


def test_gates_learn_to_stay_open_but_none_to_stay_closed() -> None:
    read = held_out_text().trace
    real = read.sequence.is_real
    share = (read["forget"][real] > 0.9).mean(axis=0)
    assert fact("often_open") == int((share >= 0.9).sum()) > 10
    assert (read["forget"][real] < 0.1).mean(axis=0).max() < 0.9
    before = trained.untrained_trace()
    for gate in trained.SATURATING_GATES:
        values = before[gate][before.sequence.is_real]
        assert ((values > 0.1) & (values < 0.9)).all()
    assert fact("often_open_before") == 0


@pytest.mark.parametrize("writer", ["word", "long"])
def test_the_memory_is_levys_sum_to_machine_precision(writer: str) -> None:
    view = writer_attribution({"writer": writer})
    read, unit = sentence_trace(), fact("writer_unit", writer=writer)
    f, i, g, c = (read[n][:, 0, unit] for n in ("forget", "input", "candidate", "cell"))
    assert c.dtype == np.float64
    for t in range(len(c)):
        parts = [np.prod(f[j + 1 : t + 1]) * i[j] * g[j] for j in range(t + 1)]
        assert_close(view.parts[t, : t + 1], parts)
        assert sum(parts) == pytest.approx(float(c[t]), abs=1e-13)
    assert float(fact("residual", writer=writer)) < 1e-13


def test_one_writer_remembers_its_word_and_the_other_what_came_before() -> None:
    assert float(fact("own_word", writer="word")) > 0.75
    assert float(fact("own_word", writer="long")) < 0.4
    letters = "".join(sentence_trace().sequence.tokens[0])
    assert letters in book()
    size, same = 0.0, 0.0
    view = writer_attribution({"writer": "word"})
    for t in range(len(letters)):
        for j in range(t + 1):
            size += abs(view.parts[t, j])
            same += abs(view.parts[t, j]) * (" " not in letters[j + 1 : t + 1])
    assert fact("own_word", writer="word") == pytest.approx(same / size)


def spans(read: ProbedText, opening: str, closing: str) -> list[int]:
    """Lengths of what stands between two marks, read letter by letter within a paragraph."""
    lengths = []
    for row in read.trace.sequence.tokens:
        current, is_in = 0, False
        for c in ("".join(c if len(c) == 1 else "x" for c in row)) + "\n":
            if is_in and c in (closing, "\n"):
                lengths.append(current)
                current, is_in = 0, False
            elif not is_in and c == opening:
                is_in = True
            current += is_in
    return lengths


def test_quotations_and_parentheses_are_as_many_and_as_long_as_counted() -> None:
    quotes = spans(held_out_text(), '"', '"')
    assert fact("quotes_short") == pytest.approx(np.mean(np.array(quotes) < 80), abs=0.02)
    assert preset(trained.PRESET).config.task.length == fact("window") == 80
    old, new = (spans(read, "(", ")") for read in (training_text(), held_out_text()))
    assert fact("parentheses_fitted") == len(old) == 5
    assert fact("parentheses_characters") == sum(old)
    assert fact("parentheses_new") == len(new)
    assert trained.CODE.exercises["follows_from"].right() == 1


def test_the_unit_of_letters_falls_within_a_word_and_comes_back_at_the_next_space() -> None:
    text = held_out_text()
    cell = text.cell[:, int(fact("position_unit"))]
    means = [cell[text.properties["position"] == n].mean() for n in range(5)]
    assert means == sorted(means, reverse=True)
    reached = trained.CODE.exercises["page"].reached
    assert reached({"unit": float(fact("position_unit"))})
    assert not reached(SETTINGS)


def test_both_networks_are_counted_on_the_same_text() -> None:
    before, after = trained.untrained_trace().sequence, held_out_text().trace.sequence
    assert before.tokens == after.tokens


def test_what_the_keeping_unit_remembers_is_mostly_older_and_the_exercises_are_products() -> None:
    assert trained.CODE.answers["older"]() == 2
    assert float(fact("own_long")) < 1 / 3
    assert fact("given_left") == pytest.approx(0.8 * 0.9 * 0.5 * 0.9)
    gate, steps = float(fact("given_gate")), int(fact("given_half"))
    assert gate**steps < 0.5 <= gate ** (steps - 1)


def test_the_first_unit_shown_is_not_one_that_was_picked() -> None:
    assert SETTINGS["unit"] == 0
    assert 0 not in [probe(name).unit for name in PROPERTIES]
