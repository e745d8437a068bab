"""The tasks ask what they say: every target is worked out a second time, the slow way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.train.task import Batch, Task
from rnnviz.train.tasks import TASKS
from rnnviz.train.text_tasks import book, surnames

ROWS = 40


def drawn(name: str, seed: int = 3, *, held_out: bool = False) -> Batch:
    generator = np.random.default_rng(seed)
    task = TASKS[name]
    return (
        task.held_out_batch(generator, ROWS) if held_out else task.training_batch(generator, ROWS)
    )


@given(name=st.sampled_from(sorted(TASKS)), seed=st.integers(0, 2**32), size=st.integers(1, 6))
def test_a_batch_has_the_task_s_shape_and_follows_from_its_seed(
    name: str, seed: int, size: int
) -> None:
    task = TASKS[name]
    batch, again = (task.training_batch(np.random.default_rng(seed), size) for _ in range(2))
    n_steps = batch.sequence.n_steps
    assert n_steps <= task.length
    assert batch.sequence.values.shape == (n_steps, size, task.n_inputs)
    assert batch.mask.shape == (n_steps, size)
    assert batch.mask.dtype == bool
    assert batch.mask.any(axis=0).all()
    assert not batch.mask[~batch.sequence.is_real].any()
    assert np.array_equal(batch.sequence.values, again.sequence.values)
    assert np.array_equal(batch.targets, again.targets)
    assert batch.sequence.features == (task.vocabulary or task.features)
    if task.kind == "regress":
        assert batch.targets.shape == (n_steps, size, task.n_outputs)
    else:
        assert batch.targets.shape == (n_steps, size)
        assert 0 <= batch.targets.min() <= batch.targets.max() < task.n_outputs


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_an_example_is_one_sequence_with_tokens_of_its_inputs(task: Task) -> None:
    example = task.example(np.random.default_rng(5))
    assert example.n_rows == 1
    if task.vocabulary:
        assert set(example.tokens[0]) <= set(task.vocabulary)
    else:
        read = [[float(number) for number in token.split()] for token in example.tokens[0]]
        assert np.allclose(read, example.values[:, 0], rtol=0.06)


def test_the_next_character_is_the_one_that_follows_in_the_book() -> None:
    vocabulary = TASKS["next_character"].vocabulary
    batch = drawn("next_character")
    assert batch.mask.all()
    for row, tokens in enumerate(batch.sequence.tokens):
        right = [vocabulary[i] for i in batch.targets[:, row]]
        assert list(tokens[1:]) == right[:-1]
        if "<unk>" not in (*tokens, right[-1]):
            assert "".join(tokens) + right[-1] in book()


def test_no_held_out_line_of_the_book_is_learned_from() -> None:
    cut = int(len(book()) * 0.9)
    for part, held_out in ((book()[:cut], False), (book()[cut:], True)):
        lines = ["".join(row) for row in drawn("next_character", held_out=held_out).sequence.tokens]
        assert all(line in part for line in lines if "<unk>" not in line)


def test_the_book_has_no_more_than_64_symbols_and_its_quotation_marks_are_plain() -> None:
    assert len(TASKS["next_character"].vocabulary) <= 64
    assert book().count('"') > 2000
    assert not set("`“”\t") & set(book())


def test_brackets_are_balanced_and_their_depth_is_counted_after_each() -> None:
    batch = drawn("brackets")
    pairs = {"(": ")", "[": "]", "{": "}"}
    assert batch.mask.all()
    for row, tokens in enumerate(batch.sequence.tokens):
        open_: list[str] = []
        for token, depth in zip(tokens, batch.targets[:, row], strict=True):
            if token in pairs:
                open_.append(pairs[token])
            else:
                assert token == open_.pop()
            assert depth == len(open_) <= 5
        assert not open_
    assert set(np.unique(batch.targets)) == set(range(6))


def test_the_order_is_that_of_the_two_letters_that_are_not_noise() -> None:
    task, batch = TASKS["temporal_order"], drawn("temporal_order")
    for row, tokens in enumerate(batch.sequence.tokens):
        places = [t for t, token in enumerate(tokens) if token in "XY"]
        assert len(places) == 2
        assert places[0] < 10
        assert 25 <= places[1] < 30
        assert np.flatnonzero(batch.mask[:, row]).tolist() == [49]
        assert task.outputs[batch.targets[49, row]] == "".join(tokens[t] for t in places)


def test_a_surname_s_language_is_one_that_lists_it() -> None:
    task = TASKS["languages"]
    listed = {lang: {n.lower() for n in names} for lang, names in surnames().items()}
    batch = drawn("languages")
    for row, tokens in enumerate(batch.sequence.tokens):
        language = task.outputs[batch.targets[len(tokens) - 1, row]]
        assert np.flatnonzero(batch.mask[:, row]).tolist() == [len(tokens) - 1]
        assert "".join(tokens).lower() in listed[language]


def test_no_surname_is_in_two_languages_or_both_learned_from_and_held_out() -> None:
    every = [name for names in surnames().values() for name in names]
    assert len(every) == len(set(every))
    task = TASKS["languages"]
    seen = [
        {"".join(row).lower() for row in make(np.random.default_rng(1), 4000).sequence.tokens}
        for make in (task.training_batch, task.held_out_batch)
    ]
    both = seen[0] & seen[1]
    # The same name of two languages that differs in its capitals only.
    assert len(both) <= 2


def test_adding_asks_for_the_sum_of_one_marked_number_of_each_half() -> None:
    batch = drawn("adding")
    for row in range(ROWS):
        value, mark = batch.sequence.values[:, row].T
        assert mark[:50].sum() == mark[50:].sum() == 1
        assert set(mark) == {0, 1}
        assert np.flatnonzero(batch.mask[:, row]).tolist() == [99]
        assert batch.targets[99, row, 0] == pytest.approx(sum(value[mark == 1]), abs=1e-6)


def test_the_flip_flop_holds_each_line_s_last_pulse() -> None:
    batch = drawn("flip_flop")
    assert batch.mask.all()
    for row in range(ROWS):
        held = [0.0, 0.0, 0.0]
        for t, step in enumerate(batch.sequence.values[:, row]):
            held = [float(now) or before for now, before in zip(step, held, strict=True)]
            assert batch.targets[t, row].tolist() == held


def test_sines_ask_for_the_next_value_of_a_wave_of_two_frequencies() -> None:
    batch = drawn("sines")
    assert np.array_equal(batch.sequence.values[1:], batch.targets[:-1].astype(np.float32))
    assert batch.mask[20:].all()
    assert not batch.mask[:20].any()
    for row in range(ROWS):
        wave = batch.targets[:, row, 0]
        # Any sum of two sines obeys x(t+2) + x(t-2) = a (x(t+1) + x(t-1)) + b x(t).
        ends, beside, middle = wave[4:] + wave[:-4], wave[3:-1] + wave[1:-3], wave[2:-2]
        matrix = np.stack([beside, middle], axis=1)
        fitted = np.linalg.lstsq(matrix, ends)[0]
        assert np.abs(matrix @ fitted - ends).max() < 1e-7


def test_counting_asks_at_every_b_whether_it_is_the_last() -> None:
    batch = drawn("counting")
    for row, tokens in enumerate(batch.sequence.tokens):
        text = "".join(tokens)
        n = len(text) // 2
        assert text == "a" * n + "b" * n
        assert 1 <= n <= 50
        assert np.flatnonzero(batch.mask[:, row]).tolist() == [*range(n, 2 * n)]
        assert batch.targets[n : 2 * n, row].tolist() == [1] * (n - 1) + [2]


def test_a_stream_of_reber_words_is_read_by_the_grammar_s_automaton() -> None:
    moves = {
        ("in", "T"): "1", ("in", "P"): "2", ("1", "S"): "1", ("1", "X"): "3", ("2", "T"): "2",
        ("2", "V"): "4", ("3", "X"): "2", ("3", "S"): "out", ("4", "P"): "3", ("4", "V"): "out",
    }  # fmt: skip
    batch = drawn("reber")
    for row, tokens in enumerate(batch.sequence.tokens):
        rest, words = [*tokens, TASKS["reber"].outputs[batch.targets[-1, row]]], 0
        assert [TASKS["reber"].outputs[i] for i in batch.targets[:-1, row]] == [*tokens[1:]]
        while len(rest) > 40:
            assert rest[0] == rest[2] == "B"
            outer, state, at = rest[1], "in", 3
            while state != "out":
                state, at = moves[state, rest[at]], at + 1
            assert rest[at : at + 3] == ["E", outer, "E"]
            rest, words = rest[at + 3 :], words + 1
        assert words > 3


def test_parity_says_after_every_digit_whether_the_ones_are_odd() -> None:
    batch = drawn("parity")
    assert batch.mask.all()
    for row, tokens in enumerate(batch.sequence.tokens):
        for t, right in enumerate(batch.targets[:, row]):
            assert right == tokens[: t + 1].count("1") % 2


def test_a_copy_gives_the_letters_back_in_their_order() -> None:
    task, batch = TASKS["copy"], drawn("copy")
    for row, tokens in enumerate(batch.sequence.tokens):
        text = "".join(tokens)
        assert text[3:] == "-" * 100 + "???"
        asked = batch.targets[batch.mask[:, row], row]
        assert [task.outputs[i] for i in asked] == [*text[:3]]
        assert np.flatnonzero(batch.mask[:, row]).tolist() == [103, 104, 105]


def test_choices_follow_q_learning_and_the_side_that_pays_changes() -> None:
    batch = TASKS["choices"].training_batch(np.random.default_rng(3), 400)
    given, right, paid = [], [], []
    for row, tokens in enumerate(batch.sequence.tokens):
        values = {"L": 0.5, "R": 0.5}
        for token, choice in zip(tokens, batch.targets[:, row], strict=True):
            side = token.upper()
            values[side] += 0.4 * (float(token.isupper()) - values[side])
            given.append(1 / (1 + np.exp(-5 * (values["R"] - values["L"]))))
            right.append(choice)
            paid.append(token.isupper())
    given, right = np.array(given), np.array(right)
    for low in np.arange(0, 1, 0.2):
        within = (given >= low) & (given < low + 0.2)
        assert right[within].mean() == pytest.approx(given[within].mean(), abs=0.02)
    # Better than a coin, and below the 0.8 of who always knew the better side.
    assert 0.6 < np.mean(paid) < 0.75


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_chance_is_what_the_best_constant_answer_reaches(task: Task) -> None:
    batch = task.held_out_batch(np.random.default_rng(8), 2000)
    right = batch.targets[batch.mask]
    if task.metric == "error":
        reached = float(np.mean((right - right.mean()) ** 2))
        assert reached == pytest.approx(task.chance, rel=0.05)
    elif task.kind == "regress":
        assert float(np.mean(right > 0)) == pytest.approx(task.chance, abs=0.02)
    else:
        assert np.bincount(right).max() / right.size == pytest.approx(task.chance, abs=0.03)


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_right_answers_measure_as_perfect_and_wrong_ones_do_not(task: Task) -> None:
    batch = task.training_batch(np.random.default_rng(2), 8)
    if task.kind == "regress":
        answers = batch.targets.astype(float)
    else:
        answers = np.eye(task.n_outputs)[batch.targets]
    perfect = 0.0 if task.metric == "error" else 1.0
    assert task.measure(answers, batch) == perfect
    assert task.measure(-answers, batch) != perfect
