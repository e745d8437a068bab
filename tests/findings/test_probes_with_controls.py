"""Probes with controls: what they read, the random labels, and a probe's share counted again."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch

import rnnviz as rv
from rnnviz.findings.content.probes_with_controls import control_labels, words_and_states
from rnnviz.findings.probes import probe_accuracy
from rnnviz.train import preset
from rnnviz.train.text_tasks import book_parts

HOLDS = True


def test_a_state_is_that_of_the_last_letter_of_its_word() -> None:
    words, states = words_and_states()
    row = book_parts()[0][:1_000]
    run = rv.trace(preset("next_character_lstm").model(), rv.parse(row, kind="characters"))
    inner = [one for one in re.finditer(r"[A-Za-z]+", row) if one.start() and one.end() < 1_000]
    assert words[: len(inner)] == [one[0].lower() for one in inner]
    for number in (0, 7, len(inner) - 1):
        wanted = run["hidden"][inner[number].end() - 1, 0]
        np.testing.assert_allclose(states[number], wanted, rtol=0, atol=1e-5)


def test_a_word_has_one_random_label_wherever_it_stands() -> None:
    words = [f"word {i % 500}" for i in range(4_000)]
    labels = np.repeat([0, 1, 2, 2], 1_000)
    drawn = control_labels(words, labels)
    assert all(len(set(drawn[i::500])) == 1 for i in range(500))
    assert np.bincount(drawn) / 4_000 == pytest.approx([0.25, 0.25, 0.5], abs=0.06)


def test_a_linear_probe_reads_what_is_linear_and_a_deep_one_what_is_not() -> None:
    generator = np.random.default_rng(0)
    states = generator.standard_normal((3_000, 6))
    linear = (states[:, 0] + 2 * states[:, 3] > 0).astype(int)
    product = (states[:, 0] * states[:, 3] > 0).astype(int)
    shares = [
        probe_accuracy(states, labels, n_hidden=n_hidden, n_learned=2_000)
        for labels in (linear, product)
        for n_hidden in (0, 300)
    ]
    assert min(shares[0], shares[1], shares[3]) > 0.9
    assert shares[2] == pytest.approx(0.5, abs=0.06)


def test_probing_leaves_the_random_numbers_of_others_as_they_are() -> None:
    torch.manual_seed(5)
    wanted = torch.rand(3)
    torch.manual_seed(5)
    probe_accuracy(np.eye(4), np.arange(4), n_hidden=0, n_learned=2)
    assert torch.equal(torch.rand(3), wanted)
