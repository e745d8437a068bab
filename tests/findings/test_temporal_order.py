"""Temporal order, the pair of symbols read from the tokens and exchanged there."""

from __future__ import annotations

import numpy as np

import rnnviz as rv
from rnnviz.train import preset
from rnnviz.train.tasks import TASKS

HOLDS = True


def test_the_answers_follow_the_two_symbols_and_their_exchange() -> None:
    found = rv.findings.reproduce("temporal_order")
    task, model = TASKS["temporal_order"], preset("temporal_order_lstm").model()
    rows = task.held_out_batch(np.random.default_rng(1), 500).sequence.tokens[:40]
    turned = [
        [{"X": "Y", "Y": "X"}.get(s, s) for s in row] for row in rows if pair(row) in ("XY", "YX")
    ]
    for texts in (rows, turned):
        for row in texts:
            answer = rv.trace(model, rv.parse("".join(row), kind="characters"))["probabilities"]
            assert task.outputs[int(answer[-1, 0].argmax())] == pair(row)
    assert (found["accuracy"], found["exchanged"], found["chance"]) == (1, 1, 0.25)


def pair(row: tuple[str, ...] | list[str]) -> str:
    return "".join(symbol for symbol in row if symbol in "XY")
