"""Tokens as labels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.formatting import token_label


@pytest.mark.parametrize(
    ("token", "shown"),
    [
        (" ", "␣"),
        ("\n", "⏎"),
        ("\r\n", "⏎"),
        ("\t", "⇥"),
        ("　", "␣"),
        ("\u00a0", "⍽"),
        ("New York", "New York"),
        ("flow (m3/h)", "flow (m3/h)"),
        ("0.73 0", "0.73 0"),
        (" the", "␣the"),
        ("a\tb", "a⇥b"),
        ("北京", "北京"),
        ("👩‍👧", "👩‍👧"),
        ("e\u0301", "e\u0301"),
        ("<b>", "<b>"),
        ("x" * 24, "x" * 24),
        ("x" * 25, "x" * 23 + "…"),
    ],
)
def test_whitespace_and_excess_get_a_sign_and_the_rest_stays(token: str, shown: str) -> None:
    assert token_label(token) == shown


def test_a_lone_combining_mark_gets_something_to_stand_on() -> None:
    assert token_label("\u0301") == "◌\u0301"


@pytest.mark.parametrize("token", ["", "\u200b", "\u202e", "\ufeff", "\x1b"])
def test_what_has_no_shape_gets_a_circle(token: str) -> None:
    assert token_label(token) == "◌"


@given(st.text())
def test_every_label_can_be_seen_and_is_short(token: str) -> None:
    shown = token_label(token)
    assert 0 < len(shown) <= 25
    assert any(letter.isprintable() and not letter.isspace() for letter in shown)
