"""Answers of readers: merged, packed, tabulated; and a hostile link can do nothing."""

from __future__ import annotations

import base64
import csv
import io
import json
import zlib
from contextlib import suppress
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.errors import InputError
from rnnviz.i18n import LANGUAGES
from rnnviz.lessons.class_results import class_table, pasted_answers
from rnnviz.lessons.learner_answers import (
    GivenAnswer,
    LearnerAnswers,
    answers_of_csv,
    merged,
    pack_answers,
    results,
    results_csv,
    table_csv,
    tasks,
    unpack_answers,
)
from rnnviz.lessons.registry import LESSONS, lesson, lesson_code, numbered_title

TASKS = list(tasks())
some_answers = st.dictionaries(
    st.sampled_from(TASKS),
    st.builds(
        GivenAnswer,
        st.sampled_from(["0", "1", "2", "3", "·", "0.4", "-0.5", "=1+1"]),
        st.integers(1, 2**32),
    ),
)
readers = st.builds(
    LearnerAnswers,
    some_answers,
    st.text(st.characters(categories=["L", "N"], include_characters=" -="), max_size=60),
    st.just(0),
)


def packed(said: Any) -> str:
    return base64.urlsafe_b64encode(zlib.compress(json.dumps(said).encode())).decode()


def right_answers(id: str) -> LearnerAnswers:
    one = LearnerAnswers(name="Li")
    for question in lesson(id, "en").questions:
        right = lesson_code(id).answers[question.name]()
        one = one.with_answer((id, question.name), str(right), 1_800_000_000)
    return one


@given(readers)
def test_a_link_carries_all_that_was_answered(one: LearnerAnswers) -> None:
    assert unpack_answers(pack_answers(one)) == one


@given(readers)
def test_a_table_carries_all_that_was_answered(one: LearnerAnswers) -> None:
    if one.answers:
        assert answers_of_csv(results_csv(one)) == [one]


def test_a_whole_course_fits_into_a_link() -> None:
    one = LearnerAnswers(
        {
            task: GivenAnswer(f"{n}.1234567", 1_800_000_000 + 977 * n)
            for n, task in enumerate(TASKS)
        },
        "N" * 60,
    )
    assert len(pack_answers(one)) < 4_000


@given(st.text(max_size=200) | st.from_regex(r"[A-Za-z0-9_-]{0,300}", fullmatch=True))
def test_any_text_is_answers_or_refused(text: str) -> None:
    with suppress(InputError):
        unpack_answers(text)


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        {},
        {"name": 3, "since": 0, "answers": {}},
        {"name": "", "since": -1, "answers": {}},
        {"name": "", "since": 2**40, "answers": {}},
        {"name": "", "since": True, "answers": {}},
        {"name": "", "since": 0, "answers": []},
        {"name": "", "since": 0, "answers": {"gru": {"becomes": "2"}}},
        {"name": "", "since": 0, "answers": {"gru": {"becomes": ["2", 1e300]}}},
        {"name": "", "since": 0, "answers": {"gru": {"becomes": [["2"], 1]}}},
        {"name": "", "since": 0, "answers": {"gru": {"becomes": ["2", 1, 1]}}},
    ],
)
def test_another_shape_is_refused(said: Any) -> None:
    with pytest.raises(InputError, match="not a link to a student's results"):
        unpack_answers(packed(said))


def test_a_small_link_that_unpacks_to_much_is_refused() -> None:
    bomb = base64.urlsafe_b64encode(zlib.compress(b" " * 5_000_000, 9)).decode()
    assert len(bomb) < 8_000
    with pytest.raises(InputError):
        unpack_answers(bomb)
    with pytest.raises(InputError):
        unpack_answers("A" * 8_001)


def test_what_no_lesson_asks_is_left_out_and_what_cannot_be_seen_too() -> None:
    said = {
        "name": "L\x00i\n" + "x" * 99,
        "since": 0,
        "answers": {
            "gru": {"becomes": ["2" * 999, 1], "nothing": ["2", 1]},
            "../../etc": {"becomes": ["2", 1]},
        },
    }
    one = unpack_answers(packed(said))
    assert list(one.answers) == [("gru", "becomes")]
    assert len(one.answers["gru", "becomes"].chosen) == 200
    assert one.name == "Li" + "x" * 56


def test_a_link_cannot_claim_to_be_right() -> None:
    right = lesson_code("gru").answers["becomes"]()
    for chosen in map(str, range(4)):
        one = LearnerAnswers().with_answer(("gru", "becomes"), chosen, 1)
        assert results(one)[0]["right"] == str(int(chosen == str(right)))
    for chosen in ("·", "", "#", "x", "{", "[" * 199):
        for task in TASKS:
            assert results(LearnerAnswers().with_answer(task, chosen, 1))[0]["right"] == "0"


def test_the_later_answer_counts_and_none_of_before_a_new_beginning() -> None:
    task = ("gru", "becomes")
    early = LearnerAnswers().with_answer(task, "1", 10)
    late = LearnerAnswers().with_answer(task, "2", 20)
    assert merged(early, late) == merged(late, early) == late
    anew = early.cleared(15)
    assert merged(early, anew).answers == {}
    assert merged(late, anew).answers == late.answers
    # What is answered in the second of the new beginning is of after it.
    assert merged(anew.with_answer(task, "0", 15), early).of("gru") == {"becomes": "0"}


@given(readers, readers, readers)
def test_tabs_may_merge_in_any_order(
    one: LearnerAnswers, two: LearnerAnswers, three: LearnerAnswers
) -> None:
    times = [given.time for each in (one, two, three) for given in each.answers.values()]
    if len(set(times)) == len(times):
        left = merged(merged(one, two), three)
        assert left.answers == merged(one, merged(three, two)).answers
        assert merged(left, one).answers == left.answers


def test_a_lesson_is_done_by_answering_and_not_by_looking() -> None:
    one = right_answers("gru")
    assert one.is_done("gru")
    looked = one.with_answer(("gru", "becomes"), "·", 1_900_000_000)
    assert not looked.is_done("gru")
    assert looked.n_answered("gru") == len(lesson("gru", "en").questions) - 1


def test_a_spreadsheet_reads_the_table_and_runs_nothing_in_it() -> None:
    one = LearnerAnswers(name='=HYPERLINK("http://x")').with_answer(("gru", "half"), "=1+1", 1)
    one = one.with_answer(("gru", "mixture"), "-0.5", 1).with_answer(("gru", "becomes"), "2", 1)
    table = pd.read_csv(io.StringIO(results_csv(one)), dtype=str)
    assert list(table.columns) == ["name", "lesson", "question", "chosen", "right", "time", "words"]
    assert table["name"][0].startswith("'=")
    chosen = dict(zip(table["question"], table["chosen"], strict=True))
    assert chosen == {"becomes": "3", "mixture": "-0.5", "half": "'=1+1"}
    assert table["words"][0].startswith("Exactly the simple recurrent network")
    for cell in ("=1", "+x", "-x", "@x", "\tx"):
        [row] = csv.reader(io.StringIO(table_csv([{"a": cell}]).partition("\n")[2]))
        assert row == ["'" + cell]


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2\n",
        "name,lesson,question,chosen,right,time\nLi,gru,becomes,2,1,yesterday\n",
        "name,lesson,question,chosen,right,time\nLi,gru\n",
        'name,lesson\n"' + "x" * 200_000,
        "name,lesson,question,chosen,right,time\nLi,gru,becomes,2,1,9999-01-01T00:00:00Z\n",
    ],
)
def test_another_table_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="The file should be one"):
        answers_of_csv(text)


@given(st.text(max_size=300))
def test_any_table_is_answers_or_refused(text: str) -> None:
    for start in ("", "name,lesson,question,chosen,right,time\n"):
        with suppress(InputError):
            answers_of_csv(start + text)


def test_a_class_is_one_table() -> None:
    one, two = (
        right_answers("gru"),
        LearnerAnswers(name="Ada").with_answer(("gru", "becomes"), "0", 1),
    )
    lines = [f"https://x.org/learn?lang=zh&results={pack_answers(one)}", pack_answers(two)]
    # A line twice is one student; what is no link is told, and the rest is read.
    everyone, wrong = pasted_answers("\n".join([*lines, lines[0], "hello", "https://[", ""]))
    assert everyone == [one, two]
    assert len(wrong) == 2
    table = class_table(everyone)
    count, head = len(lesson("gru", "en").questions), numbered_title("gru", "en")
    assert table[0][head] == f"{count} of {count}"
    assert (table[1]["Name"], table[1][head], table[1]["Right"]) == ("Ada", "0 of 1", "0")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_class_is_shown_by_the_titles_of_the_lessons(language: str) -> None:
    (row,) = class_table([LearnerAnswers(name="Ada")], language)
    titles = [f"{at} · {lesson(id, language).title}" for at, id in enumerate(LESSONS, start=1)]
    assert list(row)[1:-2] == titles
    assert not set(LESSONS) & set(row)


@given(st.text(max_size=400))
def test_whatever_is_pasted_is_read_or_refused(text: str) -> None:
    everyone, wrong = pasted_answers(text)
    assert len(everyone) + len(wrong) <= len(text.split())
