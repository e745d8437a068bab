"""The x of a drawing is what the layer reads."""

from __future__ import annotations

import pytest

import rnnviz as rv
from rnnviz.diagrams.reading import what_is_read


def test_letters_stand_in_quotes() -> None:
    sequence = rv.parse("c d")
    trace = rv.trace(rv.random_model("lstm", sequence.n_features, 3), sequence)
    assert what_is_read(trace, 0) == ["“c”", "“␣”", "“d”"]


def test_a_layer_above_reads_the_hidden_states_below() -> None:
    sequence = rv.parse("ab")
    model = rv.random_model("gru", sequence.n_features, 3, n_layers=2, direction="both")
    trace = rv.trace(model, sequence)
    read = [what_is_read(trace, layer)[0] for layer in range(4)]
    assert read == ["“a”", "“a”", "h¹→, h¹←", "h¹→, h¹←"]


@pytest.mark.parametrize(
    ("values", "read"),
    [([60.0], "60.0"), ([0.5, -1], "0.500, −1.00"), ([1.23456] * 9, "9 numbers")],
)
def test_numbers_are_said_and_many_are_counted(values: list[float], read: str) -> None:
    """Whatever the steps are called: a date or a row's number is not what is read."""
    sequence = rv.Sequence([[values]], tokens=[["2024-04-29"]])
    trace = rv.trace(rv.random_model("rnn", len(values), 2), sequence)
    assert what_is_read(trace, 0) == [read]
    assert what_is_read(trace, 0, language="zh")[0].startswith(read.split()[0])
