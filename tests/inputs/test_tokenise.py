import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.inputs.tokenise import iter_characters, split_characters

# Counted by hand, as a reader sees them.
COUNTED = [
    ("hello", 5),
    ("床前明月光，", 6),
    ("👩‍👩‍👧", 1),
    ("👍🏽👍🏿", 2),
    ("🇨🇳🇫🇷", 2),
    ("e\u0301a\u0308", 2),
    ("각", 1),
    ("a\r\nb", 3),
    ("a\n\nb", 4),
    ("", 0),
]


@pytest.mark.parametrize(("text", "count"), COUNTED)
def test_a_character_is_what_a_reader_counts(text: str, count: int) -> None:
    assert len(split_characters(text)) == count


@given(st.text())
def test_joined_characters_give_the_text_back(text: str) -> None:
    assert "".join(split_characters(text)) == text


@given(st.text(alphabet="ab é世\n"))
def test_characters_without_combining_marks_are_code_points(text: str) -> None:
    assert split_characters(text) == tuple(text)


def test_characters_come_one_at_a_time_from_a_text_too_long_to_keep() -> None:
    stream = iter_characters("ab" * 1_000_000)
    assert [next(stream), next(stream), next(stream)] == ["a", "b", "a"]
