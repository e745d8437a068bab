"""What a terminal shows of a sequence, a model and a log: one short line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

import rnnviz as rv
from tests.witnesses import normal

MODEL = rv.random_model("gru", n_inputs=3, n_units=200, n_layers=2, bidirectional=True, seed=4)


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (rv.parse("hello"), "<Sequence: 5 steps, 1 row, 4 features, one_hot>"),
        (rv.Sequence(np.zeros((2000, 1, 1))), "<Sequence: 2,000 steps, 1 row, 1 feature, values>"),
        (
            rv.random_model("lstm", n_inputs=4, n_units=16, seed=0),
            "<Model: lstm, 1 layer, 4 inputs, 16 outputs, 1,408 parameters, untrained,"
            " from random weights, seed 0>",
        ),
        (
            replace(MODEL, readout=rv.Readout(normal(3, 400), np.zeros(3)), is_trained=True),
            "<Model: gru, 4 layers, 3 inputs, 3 outputs, 967,203 parameters,"
            " from random weights, seed 4>",
        ),
    ],
)
def test_it_says_what_there_is(shown: object, said: str) -> None:
    assert repr(shown) == said


def test_a_hostile_source_stays_one_line() -> None:
    said = repr(replace(MODEL, source="a\nb\x1b[31m" + 10_000 * "x"))
    assert said.isprintable()
    assert len(said) < 200


def test_a_log_says_where_it_is_and_whether_anything_is_wrong() -> None:
    model = torch.nn.LSTM(2, 3)
    with torch.no_grad():
        model.bias_ih_l0[3:6] = -20
    log = rv.Log(model, every=2, to=[])
    assert repr(log) == "<Log of 1 layer, every 2 updates: no record, at update 0>"
    with pytest.warns(rv.HealthWarning), log:
        model(torch.zeros(9, 1, 2))
    assert (
        repr(log) == f"<Log of 1 layer, every 2 updates: {len(log.symptoms)} symptom, at update 1>"
    )
    assert [one.kind for one in log.symptoms] == ["closed_forget_gate"]
