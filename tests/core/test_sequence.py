"""What a Sequence takes, what it fills in, and what it refuses in one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import rnnviz as rv
from rnnviz import InputError, Sequence
from rnnviz.core.sequence import as_sequence
from tests.witnesses import normal

finite = st.floats(-1e300, 1e300)
three_axes = array_shapes(min_dims=3, max_dims=3, max_side=6)


@given(arrays(np.float64, three_axes, elements=finite))
def test_values_keep_their_shape_numbers_and_axes(values: np.ndarray) -> None:
    sequence = Sequence(values)
    assert (sequence.n_steps, sequence.n_rows, sequence.n_features) == values.shape
    np.testing.assert_array_equal(sequence.values, values)
    assert sequence.lengths == (values.shape[0],) * values.shape[1]
    assert list(map(len, sequence.tokens)) == list(sequence.lengths)
    assert len(sequence.features) == values.shape[2]
    assert sequence.is_real.all()


@given(st.lists(st.integers(1, 7), min_size=1, max_size=4))
def test_is_real_marks_exactly_the_steps_within_each_length(lengths: list[int]) -> None:
    sequence = Sequence(np.zeros((7, len(lengths), 2)), lengths=lengths)
    for row, length in enumerate(lengths):
        assert sequence.is_real[:, row].tolist() == [True] * length + [False] * (7 - length)
        assert sequence.tokens[row] == tuple(str(t) for t in range(1, length + 1))


@given(arrays(np.float64, array_shapes(min_dims=2, max_dims=2), elements=finite))
def test_two_axes_are_one_row_of_a_batch(values: np.ndarray) -> None:
    np.testing.assert_array_equal(as_sequence(values).values[:, 0], values)
    assert as_sequence(values).n_rows == 1


@pytest.mark.parametrize(
    ("given_type", "wanted"),
    [
        ("f4", "f4"),
        ("f8", "f8"),
        ("f2", "f8"),
        ("i4", "f8"),
        ("u1", "f8"),
        ("?", "f8"),
        (">f4", "f8"),
        (">f8", "f8"),
    ],
)
def test_single_and_double_precision_stay_and_other_reals_become_double(
    given_type: str, wanted: str
) -> None:
    values = Sequence(np.ones((2, 1, 1), given_type)).values
    assert values.dtype == np.dtype(wanted)
    assert values.max() == values.min() == 1


def test_a_plain_nested_list_is_read_as_time_batch_feature() -> None:
    sequence = Sequence([[[1, 2, 3]], [[4, 5, 6]]])
    assert sequence.values.shape == (2, 1, 3)
    assert sequence.values[1, 0].tolist() == [4, 5, 6]
    assert sequence.features == ("x0", "x1", "x2")


def test_changing_the_array_that_was_given_changes_no_sequence() -> None:
    values = np.zeros((2, 1, 1))
    sequence = Sequence(values)
    values[:] = 1
    assert sequence.values.max() == 0


def test_a_sequence_is_its_own_sequence() -> None:
    sequence = Sequence(normal(2, 1, 3))
    assert as_sequence(sequence) is sequence


REFUSED: dict[str, tuple[Any, dict[str, Any], str]] = {
    "NaN": ([[[1.0], [2.0]], [[0.0], [np.nan]]], {}, "step 2 of row 2"),
    "infinity": ([[[np.inf]]], {}, "step 1 of row 1"),
    "ragged rows": ([[[1.0], [2.0]], [[1.0]]], {}, "rows differ in length"),
    "complex": (np.ones((1, 1, 1), complex), {}, "complex128"),
    "object": (np.full((1, 1, 1), None), {}, "object"),
    "text": ([[["0.5"]]], {}, "real numbers"),
    "dates": (np.zeros((1, 1, 1), "datetime64[s]"), {}, "datetime64"),
    "no axis": (1.0, {}, "(time, batch, feature)"),
    "two axes": ([[1.0]], {}, "(1, 1)"),
    "four axes": ([[[[1.0]]]], {}, "(1, 1, 1, 1)"),
    "nothing": ([], {}, "at least one"),
    "no step": (np.ones((0, 1, 1)), {}, "(0, 1, 1)"),
    "no row": (np.ones((1, 0, 1)), {}, "(1, 0, 1)"),
    "no feature": (np.ones((1, 1, 0)), {}, "(1, 1, 0)"),
    "a length of 0": ([[[1.0]]], {"lengths": [0]}, "1 to 1 steps"),
    "a length too long": ([[[1.0]]], {"lengths": [2]}, "[2]"),
    "a length too many": ([[[1.0]]], {"lengths": [1, 1]}, "1 rows"),
    "a token too few": ([[[1.0]], [[2.0]]], {"tokens": [["a"]]}, "[2] steps, but [1]"),
    "tokens on padding": (np.ones((2, 1, 1)), {"lengths": [1], "tokens": [["a", "b"]]}, "[2] came"),
    "a name too many": ([[[1.0]]], {"features": ["a", "b"]}, "but 2 came"),
    "another encoding": ([[[1.0]]], {"encoding": "hashed"}, "hashed"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_a_sequence_is_refused_in_one_sentence(case: str) -> None:
    values, options, wanted = REFUSED[case]
    with pytest.raises(InputError) as caught:
        Sequence(values, **options)
    sentence = str(caught.value)
    assert wanted in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert ". " not in sentence


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_stands_in_the_padding_may_be_anything(bad: float) -> None:
    values = np.ones((3, 2, 1))
    values[1:, 0] = bad
    assert Sequence(values, lengths=(1, 3)).lengths == (1, 3)


def test_lengths_may_be_a_numpy_or_torch_array() -> None:
    for lengths in (np.array([1, 3]), torch.tensor([1, 3]).numpy(), [np.int32(1), 3]):
        assert Sequence(np.ones((3, 2, 1)), lengths=lengths).lengths == (1, 3)


@pytest.mark.parametrize("came", ["data.csv", Path("data.csv")])
def test_a_path_is_no_sequence_and_is_told_what_opens_it(came: object) -> None:
    model = rv.random_model("gru", 3, 2)
    with pytest.raises(rv.InputError, match=r"“data\.csv” came; rnnviz\.read_sequence opens a"):
        rv.trace(model, came)
