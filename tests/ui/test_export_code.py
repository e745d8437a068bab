"""The Python lines of a page, run as a reader would run them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rnnviz as rv
from rnnviz.inputs.files import read_file
from rnnviz.inputs.table import table_sequence
from rnnviz.ui.export_code import Reading, lines_of_code
from rnnviz.ui.selections import ModelChoice

TYPED = Reading(text="abc", kind="characters", encoding="one_hot", size=8)
PLAIN = ModelChoice("lstm", 4, 1, "forward", 7, "xavier", 3.0, "tanh", "full", "numpy")
TABLE = "date,a b,c\n2024-01-01,1,x\n2024-01-02,,y\n2024-01-03,5,x\n"


def made(reading: Reading, n_inputs: int, making: ModelChoice = PLAIN) -> rv.Trace:
    """The trace of the lines."""
    names: dict[str, Any] = {}
    exec(lines_of_code(reading, n_inputs, making), names)
    trace: rv.Trace = names["trace"]
    return trace


def same(one: rv.Trace, other: rv.Trace) -> None:
    assert one.sequence.tokens == other.sequence.tokens
    np.testing.assert_array_equal(one.sequence.values, other.sequence.values)
    assert len(one.layers) == len(other.layers)
    for mine, theirs in zip(one.layers, other.layers, strict=True):
        assert (mine.cell_name, mine.direction, mine.level) == (
            theirs.cell_name,
            theirs.direction,
            theirs.level,
        )
        for name, values in theirs.signals.items():
            np.testing.assert_array_equal(mine.signals[name], values)


@settings(max_examples=25)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20))
def test_any_typed_text_is_spelled_so_that_python_reads_the_same(text: str) -> None:
    sequence = rv.parse(text)
    model = rv.random_model("lstm", sequence.n_features, 4, seed=7, init="xavier", gain=3)
    reading = Reading(text=text, kind="characters", encoding="one_hot", size=8)
    same(made(reading, sequence.n_features), rv.trace(model, sequence))


@pytest.mark.parametrize(
    "text", ["it's", '"""', "a\\n\tb\n", "'\"\\", "👩‍👧 你好", "{x} %s", "\\'"]
)
def test_quotes_line_breaks_and_emoji_survive(text: str) -> None:
    sequence = rv.parse(text, kind="words", encoding="embedding", size=3)
    model = rv.random_model("gru", 3, 4, seed=7, init="xavier", gain=3)
    making = ModelChoice("gru", 4, 1, "forward", 7, "xavier", 3.0, "tanh", "full", "numpy")
    reading = Reading(text=text, kind="words", encoding="embedding", size=3)
    same(made(reading, 3, making), rv.trace(model, sequence))


def test_numbers_are_read_as_numbers_whatever_the_encoding_was() -> None:
    sequence = rv.parse("1 2; -3 4e1", kind="numbers")
    model = rv.random_model("lstm", 2, 4, seed=7, init="xavier", gain=3)
    for encoding in ("one_hot", "embedding"):
        reading = Reading(text="1 2; -3 4e1", kind="numbers", encoding=encoding, size=8)
        same(made(reading, 2), rv.trace(model, sequence))


def test_every_choice_of_a_model_is_in_the_lines() -> None:
    making = ModelChoice("rnn", 3, 2, "both", 11, "orthogonal", 2.0, "relu", "one_to_one", "torch")
    model = rv.random_model(
        "rnn",
        3,
        3,
        2,
        direction="both",
        seed=11,
        init="orthogonal",
        gain=2,
        activation="relu",
        recurrence="one_to_one",
    )
    same(made(TYPED, 3, making), rv.trace(model, rv.parse("abc"), backend="torch"))


@pytest.mark.parametrize(
    "choices",
    [
        {},
        {"columns": ("c", "a b"), "scale": "minmax", "missing": "zero", "axis": "c"},
        {"columns": ("a b",), "scale": "none", "missing": "drop", "axis": ""},
    ],
)
def test_a_table_is_read_from_its_file_as_the_page_read_it(
    choices: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "it's.csv").write_text(TABLE, "utf-8")
    monkeypatch.chdir(tmp_path)
    sequence = table_sequence(
        read_file("it's.csv", TABLE.encode()),
        choices.get("columns"),
        **{key: value for key, value in choices.items() if key != "columns"},
    )
    n = sequence.n_features
    model = rv.random_model("lstm", n, 4, seed=7, init="xavier", gain=3)
    reading = Reading("", "characters", "one_hot", 8, file="it's.csv", **choices)
    same(made(reading, n), rv.trace(model, sequence))


def test_what_is_a_default_is_left_out() -> None:
    plain = ModelChoice("lstm", 4, 1, "forward", 7, "xavier", 1.0, "tanh", "full", "numpy")
    lines = lines_of_code(TYPED, 3, plain)
    for word in ("n_layers", "direction", "gain", "activation", "recurrence", "backend", "size"):
        assert word not in lines


def test_what_was_done_to_the_run_is_written_out() -> None:
    own = [
        rv.Clamp("forget", 0.9, units=[1, 3], start=1),
        rv.Silence(2),
        rv.SetState("cell", -1.5, 1),
        rv.AddToState("hidden", 0.5, 2, units=0),
        rv.Reset(2),
        rv.ChangeWeight("forget.b", 1, 2.0),
    ]
    names: dict[str, Any] = {}
    exec(lines_of_code(TYPED, 3, PLAIN, own), names)
    assert names["trace"].interventions == tuple(own)
    sequence = rv.parse("abc")
    model = rv.random_model("lstm", 3, 4, seed=7, init="xavier", gain=3)
    same(names["trace"], rv.trace(model, sequence, intervene=own))
