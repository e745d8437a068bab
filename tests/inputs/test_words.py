import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.inputs.tokenise import iter_words, split_words

WRITTEN_BY_HAND = [
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


@pytest.mark.parametrize(("text", "expected"), WRITTEN_BY_HAND)
def test_words_are_split_as_written_by_hand(text: str, expected: list[str]) -> None:
    assert list(split_words(text)) == expected


@given(st.lists(st.text("abcdefgh", min_size=1)))
def test_plain_words_are_what_the_spaces_separate(plain: list[str]) -> None:
    assert list(split_words(" ".join(plain))) == plain


@given(st.text(alphabet="ab,.' 北\n"))
def test_only_white_space_is_lost(text: str) -> None:
    assert "".join(split_words(text)) == "".join(text.split())


def test_words_come_one_at_a_time_from_a_text_too_long_to_keep() -> None:
    stream = iter_words("one two " * 500_000)
    assert [next(stream), next(stream), next(stream)] == ["one", "two", "one"]
