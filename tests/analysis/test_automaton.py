"""Automata learned from networks that are automata, and from networks that are not."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rnnviz as rv
from rnnviz.analysis import find_automaton
from rnnviz.analysis.automaton import Automaton
from rnnviz.analysis.automaton_layout import automaton_layout
from rnnviz.train import preset
from rnnviz.train.tasks import TASKS

LETTERS = "ab"


def network_of(after: list[list[int]], answers: list[int]) -> rv.Model:
    """A relu network that is a Moore machine: a unit for each state and the symbol that led there.

    h[q, a] = relu(Σ of the units of all states from which a leads to q + x_a − 1), which is 0 or 1.
    """
    n_states, n_symbols = len(after), len(LETTERS)
    n_units = n_states * n_symbols
    x, h = np.zeros((n_units, n_symbols)), np.zeros((n_units, n_units))
    for before in range(n_states):
        for symbol in range(n_symbols):
            unit = after[before][symbol] * n_symbols + symbol
            x[unit, symbol] = 1
            h[unit, before * n_symbols : (before + 1) * n_symbols] = 1
    weights = {"hidden.x": x, "hidden.h": h, "hidden.b": -np.ones(n_units)}
    initial = {"hidden": np.eye(n_units)[0]}
    layer = rv.Layer("rnn", "forward", weights, initial, activations={"hidden": "relu"})
    readout = np.zeros((3, n_units))
    for state, answer in enumerate(answers):
        readout[answer, state * n_symbols : (state + 1) * n_symbols] = 10
    names = ("no", "yes", "perhaps")
    return rv.Model((layer,), rv.Readout(readout, np.zeros(3), names), tuple(LETTERS))


def said(after: list[list[int]], answers: list[int], word: tuple[int, ...]) -> str:
    state = 0
    for symbol in word:
        state = after[state][symbol]
    return ("no", "yes", "perhaps")[answers[state]]


@st.composite
def machines(draw: st.DrawFn) -> tuple[list[list[int]], list[int]]:
    n_states = draw(st.integers(1, 5))
    state = st.integers(0, n_states - 1)
    after = draw(
        st.lists(st.lists(state, min_size=2, max_size=2), min_size=n_states, max_size=n_states)
    )
    return after, draw(st.lists(st.integers(0, 2), min_size=n_states, max_size=n_states))


def n_different(after: list[list[int]], answers: list[int]) -> int:
    """States that a word leads to, those counted once that no words tell apart."""
    reached = {0}
    for _ in after:
        reached |= {following for state in reached for following in after[state]}
    led_to = {following for state in reached for following in after[state]}
    words = [w for n in range(len(after) + 1) for w in product(range(2), repeat=n)]

    def future(state: int) -> tuple[int, ...]:
        ends = []
        for word in words:
            now = state
            for symbol in word:
                now = after[now][symbol]
            ends.append(answers[now])
        return tuple(ends)

    return len({future(state) for state in led_to})


@settings(max_examples=15, deadline=None)
@given(machines())
def test_a_network_that_is_a_machine_gives_the_smallest_such_machine(
    machine: tuple[list[list[int]], list[int]],
) -> None:
    learned = rv.automaton(network_of(*machine), n_words=300, longest=12)
    assert learned.is_settled
    assert learned.agreement == 1
    assert learned.parted == ()
    # The first state is one more where no word leads back to one like it.
    assert learned.n_states - n_different(*machine) in (0, 1)
    for length in range(1, 7):
        for word in product(range(2), repeat=length):
            spelt = "".join(LETTERS[symbol] for symbol in word)
            assert learned.answer(spelt) == said(*machine, word)


@cache
def brackets() -> tuple[Automaton, rv.Model, rv.Sequence]:
    model = preset("brackets_lstm").model()
    batch = TASKS["brackets"].held_out_batch(np.random.default_rng(4), 1500)
    return rv.automaton(model, words=batch.sequence), model, batch.sequence


def test_the_network_of_balanced_brackets_is_a_counter_of_six_states() -> None:
    learned, _, _ = brackets()
    assert learned.answers == tuple("012345")
    assert (learned.n_right, learned.n_steps, learned.n_unknown) == (30_000, 30_000, 0)
    for symbol, token in enumerate(learned.symbols):
        moves = 1 if token in "([{" else -1
        known = [s for s in range(6) if 0 <= s + moves <= 5]
        assert learned.transitions[known, symbol].tolist() == [s + moves for s in known]
    assert learned.visits.sum() == pytest.approx(1)


def test_the_current_state_is_told_at_each_step_of_a_trace_and_lit_in_the_figure() -> None:
    learned, model, sequence = brackets()
    trace = rv.trace(model, sequence)
    depth = np.cumsum([1 if token in "([{" else -1 for token in sequence.tokens[3]])
    assert learned.states(trace, row=3).tolist() == depth.tolist()
    assert learned.states(sequence, row=3).tolist() == depth.tolist()
    assert learned.states("(?)").tolist() == [1, -1, -1]
    assert learned.answer("()))") == ""
    colours = learned.figure(state=2).data[2].marker.color
    assert [colour == colours[2] for colour in colours] == [False, False, True, *[False] * 3]


def test_of_all_words_the_same_network_is_no_counter_and_the_shortest_parting_is_told() -> None:
    model = preset("brackets_lstm").model()
    learned = rv.automaton(model, "()", longest=8, max_states=12)
    assert not learned.is_settled
    assert "No automaton was found" in learned.text()
    first = len(learned.parted[0].word)
    for parted in learned.parted:
        trace = rv.trace(model, rv.parse("".join(parted.word)))
        assert parted.network == trace.output_names[trace.outputs[-1, 0].argmax()]
        assert parted.automaton == learned.answer(parted.word) != parted.network
    assert first <= 9
    for length in range(1, first):
        for word in product("()", repeat=length):
            outputs = rv.trace(model, rv.parse("".join(word))).outputs[-1, 0]
            assert learned.answer(word) == str(outputs.argmax())


def test_a_network_that_reads_numbers_is_asked_through_names_of_them() -> None:
    machine = [[1, 0], [0, 1]], [0, 1]
    model = network_of(*machine)
    numbers = {"step": [1, 0], "stay": [0, 1]}
    unnamed = rv.Model(model.layers, model.readout)
    learned = rv.automaton(unnamed, numbers, answers=lambda o: o[:, 1] > o[:, 0])
    assert learned.n_states == 2
    assert set(learned.answers) == {"True", "False"}
    values = np.array([[1.0, 0], [0, 1], [1, 0]])
    assert learned.states(rv.trace(unnamed, values)).tolist() == [1, 1, 0]
    assert learned.states(rv.trace(unnamed, values * 0.5)).tolist() == [-1, -1, -1]


def test_two_layers_and_an_embedding_are_asked_alike() -> None:
    model = rv.random_model("gru", 3, 4, seed=1, n_layers=2, dtype=float)
    readout = rv.Readout(np.random.default_rng(0).normal(size=(2, 4)) * 9, np.zeros(2), ("n", "y"))
    table = np.random.default_rng(1).normal(size=(2, 3))
    embedded = rv.Model(model.layers, readout, ("a", "b"), embedding=table)
    learned = rv.automaton(embedded, longest=4, n_words=100, max_states=60)
    for word in map("".join, product("ab", repeat=3)):
        outputs = rv.trace(embedded, rv.parse(word)).outputs[:, 0]
        if learned.parted == () or len(learned.parted[0].word) > 3:
            assert learned.answer(word) == ("n", "y")[outputs[-1].argmax()]


def test_equal_seeds_learn_equal_automata_and_progress_ends_the_search() -> None:
    model = network_of([[1, 0], [2, 0], [2, 1]], [0, 1, 2])
    one, other = (rv.automaton(model, seed=5) for _ in range(2))
    np.testing.assert_array_equal(one.transitions, other.transitions)
    done: list[float] = []
    rv.automaton(model, progress=done.append)
    assert done == sorted(done)
    assert done[-1] == 1

    def stop(part: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rv.automaton(model, progress=stop)


MACHINE = network_of([[1, 0], [0, 1]], [0, 1])


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        (("no model",), {}, "A Model is wanted"),
        ((preset("next_character_lstm").model(),), {}, "from 1 to 16 different symbols"),
        ((preset("next_character_lstm").model(), "aa"), {}, "different symbols, but 2 came"),
        ((MACHINE, ""), {}, "but 0 came"),
        ((MACHINE, "abc"), {}, "The model reads a b, but the alphabet has “c”"),
        ((MACHINE, {"a": [1, 2, 3]}), {}, "2 finite numbers"),
        ((MACHINE, {"a": "one"}), {}, "2 finite numbers"),
        ((MACHINE, 3), {}, "the alphabet has “3”"),
        ((preset("flip_flop_gru").model(),), {}, "this one gives numbers"),
        ((preset("flip_flop_gru").model(),), {"answers": np.sign}, "symbols of this model"),
        ((rv.random_model("gru", 2, 3, bidirectional=True),), {}, "reads from the end"),
        ((MACHINE,), {"longest": 0}, "longest should be a whole number from 1 to 200"),
        ((MACHINE,), {"max_states": 2.5}, "max_states should be"),
        ((MACHINE,), {"n_words": 10**9}, "n_words should be"),
        ((MACHINE,), {"seed": -1}, "A seed is"),
        ((MACHINE,), {"words": ["ab"]}, "from 2 to 20000 words"),
        ((MACHINE,), {"words": ["ab", ""]}, "from 2 to 20000 words"),
        ((MACHINE,), {"words": "abab"}, "from 2 to 20000 words"),
        ((MACHINE,), {"words": ["ab", "ac"]}, "of the symbols a b, but “c”"),
        ((MACHINE,), {"words": 7}, "Words come as a list"),
        ((MACHINE,), {"answers": lambda outputs: [1]}, "a label for each of"),
        ((MACHINE,), {"answers": lambda outputs: np.arange(len(outputs))}, "at most 64 labels"),
    ],
)
def test_what_no_automaton_is_learned_from_is_refused_in_a_sentence(
    arguments: Any, options: Any, said: str
) -> None:
    with pytest.raises(rv.RnnvizError, match=said):
        rv.automaton(*arguments, **options)


def test_what_is_no_word_is_refused() -> None:
    learned = rv.automaton(MACHINE)
    with pytest.raises(rv.InputError, match="A trace, a sequence or a word"):
        learned.states(7)
    with pytest.raises(rv.InputError, match="row should be a whole number from 0 to 0"):
        learned.states(rv.parse("ab"), row=1)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_figure_table_and_text_tell_every_state_and_transition(language: str) -> None:
    learned, _, _ = brackets()
    figure = learned.figure(language=language, dark=language == "zh")
    assert list(figure.data[2].text) == list("012345")
    labels = [note.text for note in figure.layout.annotations]
    assert labels.count("( [ {") == labels.count(") ] }") == 5
    frame = learned.to_frame()
    assert len(frame) == (learned.transitions >= 0).sum() == 30
    assert "30,000" in learned.text(language)
    assert repr(learned) == "<Automaton 6 states, 6 symbols; right at 30,000 of 30,000 steps>"
    assert not learned.transitions.flags.writeable


def test_states_of_a_counter_stand_in_a_line_and_those_of_a_ring_in_a_ring() -> None:
    ring = (np.arange(6)[:, None] + [1, -1]) % 6
    places = automaton_layout(ring)
    apart = np.linalg.norm(places[:, None] - places, axis=2)
    np.testing.assert_allclose(apart[np.arange(6), (np.arange(6) + 1) % 6], apart[0, 1], rtol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(places - 0.5, axis=1), 0.5, rtol=0.2)
    assert automaton_layout(np.array([[0]])).tolist() == [[0.5, 0.5]]
    pair = automaton_layout(np.array([[1], [0]]))
    assert pair[0, 0] < pair[1, 0]


def test_the_search_is_bounded_by_what_it_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find_automaton, "MAX_ASKED", 5000)
    learned = rv.automaton(preset("brackets_lstm").model(), "()", max_states=200)
    assert not learned.is_settled
    assert learned.n_states < 20


def test_sparse_pulses_make_the_flip_flop_a_machine_of_eight_states() -> None:
    random = np.random.default_rng(2)
    pulses = {f"{sign}{bit}": np.eye(3)[bit] * int(f"{sign}1") for bit in range(3) for sign in "+-"}
    alphabet = {**pulses, "0": np.zeros(3)}
    words = []
    for _ in range(200):
        word = ["+0", "+1", "+2", "0"]
        while len(word) < 40:
            word += [str(random.choice(list(pulses))), *["0"] * int(random.integers(1, 5))]
        words.append(word[:40])
    signs = "".join

    def answers(outputs: np.ndarray) -> list[str]:
        return [signs("-+"[int(x > 0)] for x in row) for row in outputs]

    learned = rv.automaton(preset("flip_flop_gru").model(), alphabet, words=words, answers=answers)
    assert learned.n_states == 8
    assert (learned.n_right, learned.n_steps + learned.n_unknown) == (4000, 4000)
    assert set(learned.answers) == {signs(three) for three in product("+-", repeat=3)}
