"""The plan for teachers: every lesson by its own title, ninety minutes without a gap, twice."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rnnviz.lessons.registry import LESSONS, lesson

ENGLISH, CHINESE = (
    (Path(__file__).parents[2] / "docs" / "course-plan.md")
    .read_text("utf-8")
    .split("\n## 两次 90 分钟的课程\n")
)


@pytest.mark.parametrize(("language", "text"), [("en", ENGLISH), ("zh", CHINESE)])
def test_a_session_is_90_minutes_and_lessons_have_their_titles(language: str, text: str) -> None:
    rows = re.findall(r"^\| (\d+)–(\d+) \| ([^|]*) \|", text, re.MULTILINE)
    starts, ends = [[int(row[i]) for row in rows] for i in (0, 1)]
    first = starts.index(0, 1)
    assert starts == [0, *ends[: first - 1], 0, *ends[first:-1]]
    assert ends[first - 1] == ends[-1] == 90
    for *_, what in rows:
        for title, id in re.findall(r"(.+) \(`(\w+)`\)", what):
            assert title == lesson(id, language).title
    assert set(LESSONS) == set(re.findall(r"`(\w+)`", text)) - {"id"}
