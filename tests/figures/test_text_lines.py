"""Titles of figures in lines that a phone has room for."""

from __future__ import annotations

import re

import pytest

from rnnviz.figures.notes import label_width
from rnnviz.figures.text_lines import PHONE, in_lines, n_lines
from rnnviz.i18n import LANGUAGES, word

TITLES = {
    "patched.title": {"a": "Portuguese", "b": "Scottish"},
    "patched.gloss": {"step": 12},
    "same_units.title": {"units": ", ".join(map(str, range(20, 60))), "threshold": 0.3},
    "same_units.none": {"threshold": 0.3},
    "same_units.spans": {"count": 12},
    "similarity.procrustes": {},
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", TITLES)
def test_no_line_is_wider_than_a_phone_and_no_sign_is_lost(key: str, language: str) -> None:
    text = word(key, language, **TITLES[key])
    broken = in_lines(text, 240)
    assert all(label_width(line) <= 240 for line in broken.split("<br>"))
    assert re.sub(r"<br>|\s", "", broken) == re.sub(r"\s", "", text)
    assert n_lines(broken) >= label_width(text) / 240


def test_a_chinese_line_begins_with_no_stop() -> None:
    for width in range(60, PHONE, 6):
        lines = in_lines(word("patched.title", "zh", a="英语", b="德语"), width).split("<br>")
        assert not any(line[0] in "，。”）" for line in lines)


def test_a_word_that_is_too_wide_stands_alone() -> None:
    assert in_lines("of Donaudampfschifffahrt now", 70) == "of<br>Donaudampfschifffahrt<br>now"
