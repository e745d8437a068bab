"""Features of a text, against a reader that goes through it token by token."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.analysis.text_features import ReadTokens, column_features, text_features


def read(text: str | list[str], starts: tuple[int, ...] = (0,)) -> ReadTokens:
    tokens = tuple(dict.fromkeys(text))
    return ReadTokens(np.array([tokens.index(token) for token in text]), tokens, starts)


def walked(text: str, starts: tuple[int, ...]) -> dict[str, list[float]]:
    """The features as the docstring tells them, one character after the other."""
    has_empty_lines = any(
        text[i - 1 : i + 1] == "\n\n" for i in range(1, len(text)) if text[i] == "\n"
    )
    found: dict[str, list[float]] = {n: [] for n in ("quotes", "depth", "line", "word", "position")}
    straight, curved, depth, line, word, position = False, 0, 0, -1, 0, -1
    for i, sign in enumerate(text):
        ends_paragraph = sign == "\n" and (not has_empty_lines or text[i - 1 : i] == "\n")
        if i in starts or ends_paragraph:
            straight, curved, depth = False, 0, 0
        if i in starts:
            line, word, position = -1, 0, -1
        straight ^= sign == '"'
        curved = max(0, curved + (sign == "“") - (sign == "”"))
        depth = max(0, depth + (sign in "([{") - (sign in ")]}"))
        line = 0 if sign == "\n" else line + 1
        word = word + 1 if sign.isalpha() else 0
        position += 1
        row = (straight or curved > 0, depth, line, word, position)
        for name, value in zip(found, row, strict=True):
            found[name].append(float(value))
    return found


@settings(max_examples=60, deadline=None)
@given(st.text('ab("“”) \n])[', min_size=2, max_size=40), st.integers(1, 39))
def test_features_are_those_of_a_reader_who_goes_step_by_step(text: str, cut: int) -> None:
    starts = (0, cut) if cut < len(text) else (0,)
    found, expected = text_features(read(text, starts)), walked(text, starts)
    for name, values in expected.items():
        is_told = len(set(values)) > 1 and (name != "position" or len(starts) > 1)
        is_told &= name != "line" or "\n" in text
        if is_told:
            assert found[name].tolist() == values, name
        else:
            assert name not in found


def test_what_a_token_is_is_told_of_words_too() -> None:
    found = text_features(read(["The", "cat", "ate", "3", "Mice", "."]))
    assert found["upper"].tolist() == [1, 0, 0, 0, 1, 0]
    assert found["letter"].tolist() == [1, 1, 1, 0, 1, 0]
    assert found["digit"].tolist() == [0, 0, 0, 1, 0, 0]
    assert "word" not in found


@pytest.mark.parametrize("text", ["aaaa", "一一"])
def test_a_text_of_one_sign_has_no_feature_but_its_place_in_the_word(text: str) -> None:
    assert set(text_features(read(text))) <= {"word"}


def test_columns_that_vary_are_features_of_a_table() -> None:
    values = np.array([[1.0, 5.0], [2.0, 5.0]])
    assert list(column_features(values, ("flow", "constant"))) == ["flow"]
