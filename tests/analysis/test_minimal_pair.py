"""Pairs of inputs that differ at one step, and second texts read as the first was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.minimal_pair import minimal_pair
from rnnviz.analysis.token_numbers import with_tokens
from rnnviz.train import preset


def test_the_earliest_change_that_flips_the_answer_is_taken() -> None:
    model, text = preset("brackets_lstm").model(), "[(){}](("
    run = rv.trace(model, rv.parse(text))
    pair = minimal_pair(model, run)
    (step,) = [t for t, (a, b) in enumerate(zip(pair.tokens[0], text, strict=True)) if a != b]

    def answer(tokens: str) -> int:
        return int(rv.trace(model, rv.parse(tokens)).outputs[-1, 0].argmax())

    assert answer("".join(pair.tokens[0])) != answer(text)
    earlier = [text[:t] + token + text[t + 1 :] for t in range(step) for token in "()[]{}"]
    assert all(answer(one) == answer(text) for one in earlier)
    again = rv.trace(model, pair)
    wanted = rv.trace(model, rv.parse("".join(pair.tokens[0])))
    assert np.array_equal(again["hidden"], wanted["hidden"])


def test_numbers_become_zeros_at_the_first_step_that_matters() -> None:
    model, values = preset("flip_flop_gru").model(), np.zeros((12, 3))
    values[2, 0] = values[5, 1] = values[9, 0] = 1
    pair = minimal_pair(model, rv.trace(model, values))
    changed = np.flatnonzero((pair.values[:, 0] != values).any(axis=1))
    # The pulse at step 2 is written over by the one at step 9.
    assert changed.tolist() == [5]
    assert not pair.values[5].any()


def test_an_input_that_cannot_be_changed_is_refused() -> None:
    model = rv.random_model("gru", 1, 3)
    with pytest.raises(rv.InputError, match="no step that could be changed"):
        minimal_pair(model, rv.trace(model, np.zeros((4, 1))))
    with pytest.raises(rv.InputError, match="no step 4"):
        minimal_pair(model, rv.trace(model, np.ones((4, 1))), time=4)


@pytest.mark.parametrize("encoding", ["one_hot", "embedding"])
def test_a_second_text_has_the_numbers_of_the_first(encoding: Any) -> None:
    read = rv.parse("abca", encoding=encoding)
    model = rv.random_model("gru", read.n_features, 3)
    second = with_tokens(model, read, "cab")
    assert second.values.tolist() == read.values[[2, 0, 1]].tolist()
    assert (second.tokens, second.lengths) == ((("c", "a", "b"),), (3,))
    with pytest.raises(rv.InputError, match="no token “z”"):
        with_tokens(model, read, "az")
    with pytest.raises(rv.InputError, match="is empty"):
        with_tokens(model, read, "")
