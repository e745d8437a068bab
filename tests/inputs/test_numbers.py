import re
import time
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.errors import InputError
from rnnviz.inputs.numbers import parse_numbers

FINITE = st.floats(allow_nan=False, allow_infinity=False)

WRITTEN_BY_HAND = [
    ("1, 2.5 -3e2", [[1], [2.5], [-300]]),
    ("7", [[7]]),
    ("1 2; 3 4; 5 6", [[1, 2], [3, 4], [5, 6]]),
    ("1 2\n3 4\r\n5 6\n", [[1, 2], [3, 4], [5, 6]]),
    ("1\n2\n\n3", [[1], [2], [3]]),
    ("1, 2,\n3, 4,\n", [[1, 2], [3, 4]]),
    ("1 2;", [[1, 2]]),
    ("1，2；−3，４", [[1, 2], [-3, 4]]),
    ("1、2、3", [[1], [2], [3]]),
    ("+.5 5. 1E+2", [[0.5], [5], [100]]),
]


@pytest.mark.parametrize(("text", "expected"), WRITTEN_BY_HAND)
def test_numbers_are_read_as_written_by_hand(text: str, expected: list[list[float]]) -> None:
    assert parse_numbers(text).tolist() == expected


REFUSED = [
    ("", "holds none"),
    (" \n ", "holds none"),
    ("1 2; 3", "step 2 holds 1"),
    ("1\n2 3", "the first, 1, but step 2 holds 2"),
    ("1 12a", "Step 2 .*“12a” is not a number"),
    ("1 1e999", "Step 2 .*1e999 is too large"),
    ("1; -1e999", "Step 2 .*-1e999 is too large"),
    ("nan", "Step 1 .*“nan” is not a number"),
    ("1 inf", "Step 2 .*“inf” is not a number"),
    ("1_000", "“1_000” is not a number"),
    ("0x10", "“0x10” is not a number"),
    ("1,,2", "missing between two separators near “1,,2”"),
    (",1", "missing between two separators"),
    ("1 2;;3 4", "missing between two separators"),
    ("1 2\n, 4", "missing between two separators"),
    ("1 " + "9x" * 500_000, "Step 2 .*“9x9x.{35}…” is not"),
]


@pytest.mark.parametrize(("text", "sentence"), REFUSED)
def test_bad_numbers_are_refused_by_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as refusal:
        parse_numbers(text)
    assert len(str(refusal.value)) < 250


# As a German, a Frenchman or a Pole writes them: pairs, or numbers with a decimal comma.
OPEN = ["1,5 2,5 3,5", "1,5; 2,5", "1,5\n2,5\n", "-1,5 2 −3,25", "0,1;0,2;0,3", "1,234 5,678"]


@pytest.mark.parametrize("text", OPEN)
def test_commas_that_may_be_decimal_marks_are_asked_about(text: str) -> None:
    with pytest.raises(InputError, match="may be either; write") as refusal:
        parse_numbers(text)
    sentence = "“(.*)” may .* write (.*) for one number, or (.*) for two"
    [(came, one, two)] = re.findall(sentence, str(refusal.value))
    assert parse_numbers(one).tolist() == [[float(came.replace(",", "."))]]
    assert parse_numbers(two).tolist() == [[float(number)] for number in came.split(",")]
    followed = text.replace("−", "-")
    decimals = [float(each) for each in re.split(r"[;\s]+", followed.replace(",", ".")) if each]
    assert parse_numbers(followed.replace(",", ".")).ravel().tolist() == decimals
    numbers = [float(each) for each in re.split(r"[;,\s]+", followed) if each]
    spaced = re.sub(r"[;\s]+", ", ", followed.strip()).replace(",", ", ")
    assert parse_numbers(spaced).ravel().tolist() == numbers


@pytest.mark.parametrize(
    "text", ["1,5", "1, 5 2, 5", "1,2,3\n4,5,6", "1.5,2.5 3.5,4.5", "1，5 2，5"]
)
def test_other_commas_stand_between_numbers(text: str) -> None:
    numbers = [float(each) for each in re.split(r"[,，\s]+", text)]
    assert parse_numbers(text).ravel().tolist() == numbers


@given(st.lists(FINITE, min_size=1))
def test_what_python_writes_is_read_back_exactly(values: list[float]) -> None:
    assert parse_numbers(", ".join(map(repr, values))).ravel().tolist() == values


@given(st.integers(2, 5), st.integers(2, 5), st.sampled_from([";", "\n", "\r\n", "；"]))
def test_steps_and_features_are_the_shape(n_steps: int, n_features: int, end: str) -> None:
    values = np.random.default_rng(0).normal(size=(n_steps, n_features))
    text = end.join(" ".join(map(repr, row)) for row in values.tolist())
    np.testing.assert_array_equal(parse_numbers(text), values)


@given(st.text(alphabet="0123456789 ,;\n.eE+-ainf，；"))
def test_any_text_gives_finite_numbers_or_one_sentence(text: str) -> None:
    with suppress(InputError):
        values = parse_numbers(text)
        assert values.ndim == 2
        assert np.isfinite(values).all()


def test_a_megabyte_of_numbers_is_read_in_seconds() -> None:
    begin = time.process_time()
    assert parse_numbers("1.25, " * 170_000).shape == (170_000, 1)
    assert time.process_time() - begin < 3
