"""Chrono initialisation: every word of three letters, and the biases that both start with."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.train import preset

HOLDS = True

WORDS = ["".join(letters) for letters in product("abcd", repeat=3)]


def given_back(name: str) -> float:
    """Share of the letters that a network gives back, over every word of three letters."""
    texts = [word + "-" * 100 + "???" for word in WORDS]
    outputs = rv.trace(preset(name).model(), rv.parse(texts, kind="characters")).outputs[-3:]
    said = ["".join("abcd"[i] for i in row) for row in outputs.argmax(axis=2).T]
    pairs = [
        (a, b)
        for one, word in zip(said, WORDS, strict=True)
        for a, b in zip(one, word, strict=True)
    ]
    return float(np.mean([a == b for a, b in pairs]))


def test_every_word_is_given_back_by_the_one_and_by_the_other_only_by_chance() -> None:
    found = rv.findings.reproduce("chrono_initialisation")
    assert given_back("copy_lstm_chrono") == pytest.approx(found["chrono"], abs=0.02)
    assert given_back("copy_lstm") == pytest.approx(found["forget_bias"], abs=0.05)
    assert found["chrono"] > 0.98
    assert found["forget_bias"] == pytest.approx(0.25, abs=0.05)


def test_the_two_differ_in_their_start_alone() -> None:
    chrono, other = preset("copy_lstm_chrono"), preset("copy_lstm")
    assert replace(chrono.config, init=other.init) == other.config
    starts = [one.untrained_model().layers[0].weights for one in (chrono, other)]
    keeps = [
        1 / (1 - 1 / (1 + np.exp(-w["forget.b"].astype(float) - w["forget.bh"]))) for w in starts
    ]
    # Steps until 1/e is left: tens of them, and no more than four.
    assert np.median(keeps[0]) > 20
    assert keeps[1].max() < 5
