"""Texts written side by side: a loop in NumPy, and Wilson's interval by its own equation."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.figures.continuations import figure
from rnnviz.figures.theme import Look
from rnnviz.train import preset
from tests.engine.test_write import doubled, writer


def sigmoid(z: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-z)))


def by_loop(model: rv.Model, text: str, n: int, *, silenced: int | None = None) -> str:
    """The most probable token n times, by the LSTM's equations (Hochreiter & Schmidhuber 1997)."""
    w, readout, tokens = model.layers[0].weights, model.readout, model.vocabulary
    assert readout is not None
    assert tokens is not None
    h = c = np.zeros(model.layers[0].n_units)
    said = list(text)
    for place in range(len(text) + n - 1):
        x = np.eye(len(tokens))[tokens.index(said[place])]
        z = {
            gate: w[f"{gate}.x"] @ x + w[f"{gate}.h"] @ h + w[f"{gate}.b"] + w.get(f"{gate}.bh", 0)
            for gate in ("input", "forget", "candidate", "output")
        }
        c = sigmoid(z["forget"]) * c + sigmoid(z["input"]) * np.tanh(z["candidate"])
        h = sigmoid(z["output"]) * np.tanh(c)
        if silenced is not None:
            h[silenced] = 0
        if place >= len(text) - 1:
            said.append(tokens[int((readout.weights @ h + readout.bias).argmax())])
    return "".join(said[len(text) :])


def test_greedy_texts_are_those_of_a_loop_with_and_without_a_unit_in_one_batch() -> None:
    model = doubled("next_character_lstm")
    one_silenced = [rv.Silence(3, row=1)]
    found = rv.continuations(
        model, "The Queen ", 80, texts=3, temperature=0, intervene=one_silenced
    )
    free, held = by_loop(model, "The Queen ", 80), by_loop(model, "The Queen ", 80, silenced=3)
    assert found.texts == (free, held, free)
    assert free != held


@pytest.mark.parametrize("cell", rv.CELLS)
def test_each_text_is_the_one_of_its_own_seed(cell: str) -> None:
    model, held = writer(cell), [rv.Silence(1, layer=1, start=6)]
    found = rv.continuations(model, "ab c", 25, texts=3, seed=5, intervene=held)
    for number, text in enumerate(found.texts):
        alone = rv.write(model, "ab c", 25, seed=5 + number, intervene=held)
        assert alone.text == text
        np.testing.assert_allclose(alone.probabilities, found.probabilities[number], atol=1e-12)
    assert len(set(found.texts)) == 3


def test_a_share_lies_between_the_roots_of_wilsons_equation() -> None:
    found = rv.continuations(writer(seed=8), "ab c", 50, texts=4, seed=1)
    for one in found.most_written():
        assert one.count == "".join(found.texts).count(one.token)
        # (p − share)² = z² p (1 − p) / n, Wilson 1927.
        z, n, share = 1.959963984540054, 200, one.share
        roots = np.roots([1 + z**2 / n, -(2 * share + z**2 / n), share**2])
        np.testing.assert_allclose((one.low, one.high), sorted(roots), atol=1e-12)
    assert sum(one.count for one in found.most_written()) == 200


def test_a_token_that_was_never_written_may_still_come() -> None:
    found = rv.continuations(writer(), "ab", 1, texts=2, seed=1)
    never = next(token for token in found.vocabulary if token not in "".join(found.texts))
    share = found.share(never)
    assert share.count == 0
    assert share.low == 0 < share.high < 1
    assert "np." not in repr(share)


def test_without_chance_there_is_no_interval() -> None:
    one = rv.continuations(writer(), "ab", 20, texts=2, temperature=0).most_written(1)[0]
    assert one.low == one.share == one.high


def test_its_table_and_figure_hold_every_token_and_both_runs() -> None:
    model = writer(seed=8)
    found = rv.continuations(model, "ab c", 30, texts=4)
    held = rv.continuations(model, "ab c", 30, texts=4, intervene=[rv.Clamp("forget", 0.1)])
    table = found.to_frame()
    for number, text in enumerate(found.texts):
        assert "".join(table.token[table.text == number]) == text
    assert table.probability.tolist() == found.probabilities.ravel().tolist()
    data = figure(found, Look("zh"), beside=held)["data"]
    shares = [held.share(one.token).share for one in found.most_written()]
    assert data[1]["y"] == shares
    assert found.figure(height=200).layout.height == 200


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"texts": 0}, "From 1 to 100 texts"),
        ({"texts": 2.0}, "From 1 to 100 texts"),
        ({"n": 2_000, "texts": 100}, "fewer or shorter"),
        ({"intervene": [rv.Silence(0, row=10)]}, "names row 10"),
        ({"temperature": -1}, "temperature is a number"),
        ({"text": ""}, "empty|character|token"),
    ],
)
def test_what_cannot_be_written_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(rv.RnnvizError, match=said):
        rv.continuations(**({"model": writer(), "text": "ab", "n": 3} | options))
    with pytest.raises(rv.RnnvizError, match="“ß” is no token"):
        rv.continuations(writer(), "ab", 3).share("ß")


def test_ten_texts_of_two_hundred_characters_are_written_while_one_waits() -> None:
    model = preset("next_character_lstm").model()
    start = perf_counter()
    rv.continuations(model, "Alice was ", 200, temperature=0.7)
    # The bar is a second; tests run on machines that do other work.
    assert perf_counter() - start < 4
