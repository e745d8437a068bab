"""Counting: single words read as texts, and the cell state that counts, written out."""

from __future__ import annotations

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.train import preset

HOLDS = True


def is_right(name: str, n: int) -> bool:
    """Whether a network says b at every b of aⁿbⁿ but the last, and there the end."""
    outputs = rv.trace(preset(name).model(), rv.parse("a" * n + "b" * n, kind="characters")).outputs
    said = "".join("ab."[i] for i in outputs[n:, 0].argmax(axis=1))
    return said == "b" * (n - 1) + "."


def test_the_longest_word_is_the_last_before_the_first_wrong_one() -> None:
    found = rv.findings.reproduce("counting")
    for network in ("lstm", "gru"):
        longest = int(found[f"longest_{network}"])
        words = (1, 2, 25, 50, longest - 1, longest)
        assert all(is_right(f"counting_{network}", n) for n in words)
        assert not is_right(f"counting_{network}", longest + 1)


def test_the_lstm_counts_twice_as_far_as_it_learned_and_the_gru_does_not() -> None:
    found = rv.findings.reproduce("counting")
    assert found["longest_lstm"] == pytest.approx(113, abs=5)
    assert found["longest_gru"] == pytest.approx(54, abs=3)


def test_a_cell_state_goes_up_with_every_a_and_down_with_every_b() -> None:
    found = rv.findings.reproduce("counting")
    assert found["counts_lstm"] > 0.999
    assert found["counts_gru"] < 0.9
    run = rv.trace(preset("counting_lstm").model(), rv.parse("a" * 40 + "b" * 40))
    count = np.array([*range(1, 41), *range(39, -1, -1)])
    by_unit = [abs(np.corrcoef(run["cell"][:, 0, unit], count)[0, 1]) for unit in range(4)]
    counter = run["cell"][:, 0, int(np.argmax(by_unit))]
    up, down = np.diff(counter[:40]), np.diff(counter[40:])
    assert np.sign(up.mean()) == -np.sign(down.mean())
    # Equal steps, after the first few.
    assert up[5:].std() < 0.01 * abs(up.mean())
    assert down[5:].std() < 0.05 * abs(down.mean())
