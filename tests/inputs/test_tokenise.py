import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.inputs.tokenise import iter_characters, iter_words

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
# Split by hand.
WORDS = [
    ("The cat sat.", ["The", "cat", "sat", "."]),
    ("don't it’s 'quoted'", ["don't", "it’s", "'", "quoted", "'"]),
    ("well-known", ["well", "-", "known"]),
    ("3.14, 1,000 v2.", ["3.14", ",", "1,000", "v2", "."]),
    ("床前明月光，疑", ["床", "前", "明", "月", "光", "，", "疑"]),
    ("用Python写", ["用", "Python", "写"]),
    ("naïve cafe\u0301", ["naïve", "cafe\u0301"]),
    ("Hi 👩‍👩‍👧!", ["Hi", "👩‍👩‍👧", "!"]),
    ("a\t b\r\nc", ["a", "b", "c"]),
    ("снег 雪", ["снег", "雪"]),
    (" \n\u3000", []),
]


@pytest.mark.parametrize(("text", "count"), COUNTED)
def test_a_character_is_what_a_reader_counts(text: str, count: int) -> None:
    assert len(list(iter_characters(text))) == count


@given(st.text())
def test_joined_characters_give_the_text_back(text: str) -> None:
    assert "".join(iter_characters(text)) == text


@given(st.text(alphabet="ab é世\n"))
def test_characters_without_combining_marks_are_code_points(text: str) -> None:
    assert list(iter_characters(text)) == list(text)


def test_characters_come_one_at_a_time_from_a_text_too_long_to_keep() -> None:
    stream = iter_characters("ab" * 1_000_000)
    assert [next(stream), next(stream), next(stream)] == ["a", "b", "a"]


@pytest.mark.parametrize(("text", "expected"), WORDS)
def test_words_are_split_as_written_by_hand(text: str, expected: list[str]) -> None:
    assert list(iter_words(text)) == expected


@given(st.lists(st.text("abcdefgh", min_size=1)))
def test_plain_words_are_what_the_spaces_separate(plain: list[str]) -> None:
    assert list(iter_words(" ".join(plain))) == plain


@given(st.text(alphabet="ab,.' 北\n"))
def test_only_white_space_is_lost(text: str) -> None:
    assert "".join(iter_words(text)) == "".join(text.split())


def test_words_come_one_at_a_time_from_a_text_too_long_to_keep() -> None:
    stream = iter_words("one two " * 500_000)
    assert [next(stream), next(stream), next(stream)] == ["one", "two", "one"]
