"""A long text is small numbers; a window of it is the same as of the sequence in memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rnnviz as rv
from rnnviz.recordings import source
from rnnviz.recordings.source import InMemory, NumericArray, as_source
from rnnviz.recordings.token_ids import long_text
from tests.witnesses import normal


@given(
    text=st.text("abc é\n北👩‍👧.", min_size=1, max_size=80).filter(str.strip),
    kind=st.sampled_from(["characters", "words"]),
    encoding=st.sampled_from(["one_hot", "embedding"]),
    ends=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_a_window_of_a_text_is_that_of_the_parsed_sequence(
    text: str, kind: Any, encoding: Any, ends: tuple[float, float]
) -> None:
    whole = rv.parse(text, kind, encoding=encoding, size=3, seed=7)
    long = long_text(text, kind, encoding=encoding, size=3, seed=7)
    start, last = sorted(int(end * (whole.n_steps - 1)) for end in ends)
    window = long.window(start, last + 1)
    assert (long.n_steps, long.features, long.encoding) == (
        whole.n_steps,
        whole.features,
        whole.encoding,
    )
    np.testing.assert_array_equal(window.values, whole.values[start : last + 1])
    assert window.tokens[0] == whole.tokens[0][start : last + 1]
    assert window.features == whole.features


def test_a_given_vocabulary_orders_the_features_and_refuses_others() -> None:
    long = long_text("aba", vocabulary=("c", "b", "a"))
    np.testing.assert_array_equal(long.window(0, 2).values[:, 0], [[0, 0, 1], [0, 1, 0]])
    with pytest.raises(rv.InputError, match="3 tokens of the vocabulary, but “d” is not"):
        long_text("ad", vocabulary=("c", "b", "a"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the text is empty or blank"),
        ("a\x07", "the control character U\\+0007"),
        ("\ud800", "one half of a character"),
        ("a" * 10_000_001, "may be 10000000 characters long, but this one has 10000001"),
    ],
)
def test_what_parse_refuses_is_refused_in_the_same_words(text: Any, said: str) -> None:
    for read in (rv.parse, long_text):
        with pytest.raises(rv.InputError, match=said):
            read(text)


def test_a_million_characters_are_a_megabyte() -> None:
    long = long_text("the quick brown fox. " * 50_000)
    assert long.n_steps == 1_050_000
    assert long.ids.nbytes == 1_050_000
    assert not long.ids.flags.writeable
    assert long.window(1_049_990, 1_050_000).tokens[0] == tuple("rown fox. ")


def test_other_choices_are_refused() -> None:
    with pytest.raises(rv.InputError, match="numbers"):
        long_text("1 2", "numbers")
    with pytest.raises(rv.InputError, match="values"):
        long_text("a", encoding="values")  # type: ignore[arg-type]
    with pytest.raises(rv.InputError, match="An embedding has 1 to 4096 numbers"):
        long_text("a", encoding="embedding", size=0)


def test_rows_of_numbers_name_their_steps_when_they_are_asked_for() -> None:
    values = normal(20, 2)
    rows = NumericArray(values, ("wind", "rain"))
    window = rows.window(17, 19)
    assert window.tokens == (("18", "19"),)
    assert window.features == ("wind", "rain")
    np.testing.assert_array_equal(window.values[:, 0], values[17:19])
    assert not rows.array.flags.writeable
    assert NumericArray(np.array([[1], [2]])).array.dtype == np.float64


def test_a_held_sequence_is_its_first_row_up_to_its_end() -> None:
    sequence = rv.Sequence(normal(5, 2, 3), (tuple("abc"), tuple("vwxyz")), (3, 5))
    held = as_source(sequence)
    assert isinstance(held, InMemory)
    assert (held.n_steps, held.features) == (3, sequence.features)
    assert held.window(1, 3).tokens == (("b", "c"),)
    np.testing.assert_array_equal(held.window(1, 3).values[:, 0], sequence.values[1:3, 0])


def test_arrays_become_readings() -> None:
    values = normal(4, 1, 2)
    for given_as in (values, values[:, 0], values.tolist()):
        np.testing.assert_array_equal(as_source(given_as).window(0, 4).values, values)
    long = long_text("ab")
    assert as_source(long) is long


def test_of_a_batch_the_first_row_is_read_and_other_axes_are_refused() -> None:
    values = normal(4, 2, 2)
    np.testing.assert_array_equal(as_source(values).window(0, 4).values, values[:, :1])
    for wrong in (normal(4), normal(4, 2, 2, 2), np.zeros((0, 2)), np.zeros((3, 0))):
        with pytest.raises(rv.InputError, match=r"is \(time, batch, feature\)"):
            as_source(wrong)


def test_public_names_of_the_room() -> None:
    assert source.SequenceSource.__doc__
    assert rv.record.__module__ == "rnnviz.recordings.record"
    assert rv.Recording.__module__ == "rnnviz.recordings.recording"
