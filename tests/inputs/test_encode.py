import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.errors import InputError
from rnnviz.inputs.encode import build_vocabulary, one_hot, random_embedding

ROWS = st.lists(st.lists(st.sampled_from("abcde"), min_size=1), min_size=1)


def test_a_vocabulary_keeps_the_order_of_first_appearance() -> None:
    assert build_vocabulary([["b", "a", "b"], ["c", "a"]]) == ("b", "a", "c")


def test_one_hot_is_the_matrix_written_by_hand() -> None:
    values = one_hot([["b", "a"], ["c"]], ["a", "b", "c"])
    assert values.dtype == np.float32
    assert values[:, 0].tolist() == [[0, 1, 0], [1, 0, 0]]
    assert values[:, 1].tolist() == [[0, 0, 1], [0, 0, 0]]


@given(ROWS)
def test_the_place_of_the_one_names_the_token(rows: list[list[str]]) -> None:
    known = build_vocabulary(rows)
    values = one_hot(rows, known)
    for b, row in enumerate(rows):
        assert [known[i] for i in values[: len(row), b].argmax(axis=1)] == row
        assert values[len(row) :, b].sum() == 0


def test_a_token_keeps_its_vector_whatever_the_vocabulary() -> None:
    small = random_embedding([["x", "y"]], ["x", "y"], size=5, seed=3)
    large = random_embedding([["y", "x", "z"]], ["z", "q", "y", "x"], size=5, seed=3)
    np.testing.assert_array_equal(small[::-1], large[:2])


def test_tokens_sizes_and_seeds_give_different_vectors() -> None:
    values = random_embedding([["x", "y"]], ["x", "y"], size=5, seed=3)
    other = random_embedding([["x", "y"]], ["x", "y"], size=5, seed=4)
    assert not np.allclose(values[0], values[1])
    assert not np.allclose(values, other)


def test_embedding_is_the_same_in_another_process() -> None:
    # PYTHONHASHSEED changes Python's own hash from process to process.
    code = (
        "from rnnviz.inputs.encode import random_embedding;"
        "print(random_embedding([['北', 'b']], ['北', 'b'], 3, 1).tolist())"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONHASHSEED": "7", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert printed.strip() == str(random_embedding([["北", "b"]], ["北", "b"], 3, 1).tolist())


def test_embedding_is_a_standard_normal_draw() -> None:
    tokens = [str(i) for i in range(500)]
    values = random_embedding([tokens], tokens, size=64, seed=0)
    assert abs(values.mean()) < 0.03
    assert abs(values.std() - 1) < 0.03


def test_padding_after_a_shorter_row_is_zero() -> None:
    values = random_embedding([["a", "b"], ["a"]], ["a", "b"], size=4, seed=0)
    assert values[1, 1].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    "encode", [one_hot, lambda rows, known: random_embedding(rows, known, 2, 0)]
)
def test_a_token_outside_the_vocabulary_is_named(encode) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=r"2 tokens of the vocabulary, but “z” is not"):
        encode([["a", "z"]], ["a", "b"])


def test_a_one_hot_of_more_than_fifty_million_numbers_is_refused() -> None:
    known = [str(i) for i in range(10_000)]
    with pytest.raises(InputError, match=r"50000000 numbers.*5001 steps.*embedding"):
        one_hot([["1"] * 5_001], known)
