"""Learning to forget: words drawn one by one, so that the symbol to repeat is known beforehand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.core.arrays import Array
from rnnviz.train import preset
from rnnviz.train.language_tasks import reber_word

HOLDS = True

SYMBOLS = "BTPSXVE"


def repeated(name: str, streams: int = 60, words: int = 30) -> Array:
    """Of each word (stream, word) whether its second symbol is the one that is expected again."""
    generator = np.random.default_rng(8)
    drawn = [[reber_word(generator) for _ in range(words)] for _ in range(streams)]
    texts = ["".join(stream) for stream in drawn]
    best = rv.trace(preset(name).model(), rv.parse(texts, kind="characters")).outputs.argmax(axis=2)
    # Asked after the E that stands last but two.
    asked = [np.cumsum([len(word) for word in stream]) - 3 for stream in drawn]
    return np.array(
        [
            [
                SYMBOLS[i] == word[1] == word[-2]
                for i, word in zip(best[at, row], stream, strict=True)
            ]
            for row, (at, stream) in enumerate(zip(asked, drawn, strict=True))
        ]
    )


def test_the_network_without_a_forget_gate_repeats_only_the_first_word_s_symbol() -> None:
    found = rv.findings.reproduce("learning_to_forget")
    with_gate, without = map(repeated, ("reber_lstm", "reber_lstm_no_forget"))
    assert with_gate.mean() == pytest.approx(found["with_gate"], abs=0.01)
    assert without[:, 0].mean() == pytest.approx(found["first_word"], abs=0.05)
    assert without[:, 2:].mean() == pytest.approx(found["later_words"], abs=0.05)
    assert (found["with_gate"], found["first_word"]) > (0.99, 0.95)
    assert found["later_words"] == pytest.approx(0.5, abs=0.05)


def test_what_it_writes_is_never_taken_away_again() -> None:
    found = rv.findings.reproduce("learning_to_forget")
    run = rv.trace(preset("reber_lstm_no_forget").model(), rv.parse("BTBTXSETE" * 50))
    written = (run["input"] * run["candidate"]).astype(float).cumsum(axis=0)
    np.testing.assert_allclose(run["cell"], written, rtol=1e-4, atol=1e-3)
    assert found["largest_without"] > 20 * found["largest_with"]


def test_the_two_differ_in_the_gate_alone() -> None:
    gated, without = preset("reber_lstm").config, preset("reber_lstm_no_forget").config
    assert replace(without, cell_name="lstm") == gated
