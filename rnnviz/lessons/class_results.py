"""Results of many readers in one table."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

from rnnviz.errors import InputError
from rnnviz.i18n import word
from rnnviz.lessons.checking import is_right
from rnnviz.lessons.learner_answers import LearnerAnswers, tasks, unpack_answers
from rnnviz.lessons.registry import LESSONS, numbered_title

MAX_PASTED = 4_000_000
_MAX_LINES = 2_000


def pasted_answers(text: str) -> tuple[list[LearnerAnswers], list[InputError]]:
    """Results of pasted links, one a line and none twice, and what is wrong with the others."""
    found: dict[str, LearnerAnswers] = {}
    wrong: list[InputError] = []
    for line in text[:MAX_PASTED].split()[:_MAX_LINES]:
        packed = _packed(line)
        try:
            found.setdefault(packed, unpack_answers(packed))
        except InputError as error:
            wrong.append(error)
    return list(found.values()), wrong


def _packed(link: str) -> str:
    try:
        query = parse_qs(urlsplit(link).query, max_num_fields=50)
    except ValueError:
        return link
    return query.get("results", [link])[0]


def class_table(everyone: Iterable[LearnerAnswers], language: str = "en") -> list[dict[str, str]]:
    """A row for each reader: the name, and right answers of given ones, by lesson and in all.

    Columns are headed by words of the language; lessons by their number and title.
    """
    name = word("sheet.name", language)
    return [{name: one.name, **_counts(one, language)} for one in everyone]


def _counts(one: LearnerAnswers, language: str) -> dict[str, str]:
    counts = {id: [0, 0] for id in LESSONS}
    for id, name in tasks():
        if given := one.answers.get((id, name)):
            counts[id][0] += is_right(id, name, given.chosen)
            counts[id][1] += 1
    right, given_ones = (sum(count[i] for count in counts.values()) for i in (0, 1))
    by_lesson = {
        numbered_title(id, language): word("results.of_given", language, right=hit, given=asked)
        if asked
        else ""
        for id, (hit, asked) in counts.items()
    }
    return {
        **by_lesson,
        word("results.n_right", language): str(right),
        word("results.n_answered", language): str(given_ones),
    }
