"""What a reader has answered: merged, packed into a link, and as a table.

A link carries answers, never verdicts: whoever reads it works them out anew.
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from rnnviz.core.checks import shown
from rnnviz.errors import InputError
from rnnviz.lessons.checking import is_right, option_text, options_of
from rnnviz.lessons.registry import LESSONS, lesson

# The answer of a reader who lets the answer be shown without giving one.
NO_GUESS = "·"
COLUMNS = ("lesson", "question", "chosen", "right", "time", "words")
_MAX_LINK = 8_000
_MAX_UNPACKED = 60_000
_MAX_LETTERS = {"name": 60, "chosen": 200}
_MAX_CSV, _MAX_ROWS = 2_000_000, 50_000
_OF_OTHER_SHAPE = (
    binascii.Error,
    zlib.error,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    RecursionError,
)
_LAST = 2**33  # a time in the year 2242


@dataclass(frozen=True)
class GivenAnswer:
    """An answer to a question or an exercise, as text, and when it was given, in seconds."""

    chosen: str
    time: int


AskedTask = tuple[str, str]  # lesson and question or exercise


@dataclass(frozen=True)
class LearnerAnswers:
    """Answers of one reader, by lesson and question.

    name   what the reader calls themselves; may be empty.
    since  when the reader began anew; answers of before are not theirs any more.
    """

    answers: Mapping[AskedTask, GivenAnswer] = field(default_factory=dict)
    name: str = ""
    since: int = 0

    def with_answer(self, task: AskedTask, chosen: str, time: int) -> LearnerAnswers:
        """Answers with one more answer, in place of an earlier one."""
        given = GivenAnswer(chosen, max(time, self.since + 1))
        return replace(self, answers={**self.answers, task: given})

    def cleared(self, time: int) -> LearnerAnswers:
        """No answers, of the same reader from this time on."""
        return LearnerAnswers(name=self.name, since=time)

    def of(self, lesson: str) -> dict[str, str]:
        """Answers in a lesson, by question or exercise."""
        return {name: given.chosen for (id, name), given in self.answers.items() if id == lesson}

    def n_answered(self, id: str) -> int:
        """Number of a lesson's questions that were answered, not only shown."""
        given = self.of(id)
        return sum(given.get(one.name, NO_GUESS) != NO_GUESS for one in lesson(id, "en").questions)

    def is_done(self, id: str) -> bool:
        """True when every question of a lesson was answered."""
        return self.n_answered(id) == len(lesson(id, "en").questions)


def merged(one: LearnerAnswers, two: LearnerAnswers) -> LearnerAnswers:
    """Answers of both, the later one of each task, none from before a new beginning."""
    since = max(one.since, two.since)
    answers = dict(one.answers)
    for task, given in two.answers.items():
        if task not in answers or given.time > answers[task].time:
            answers[task] = given
    kept = {task: given for task, given in answers.items() if given.time > since}
    return LearnerAnswers(kept, one.name or two.name, since)


def pack_answers(learner: LearnerAnswers) -> str:
    """Answers as text for a link.

    >>> unpack_answers(pack_answers(LearnerAnswers(name="Li"))).name
    'Li'
    """
    answers: dict[str, dict[str, list[Any]]] = {}
    for (id, name), given in learner.answers.items():
        answers.setdefault(id, {})[name] = [given.chosen, given.time]
    said = {"name": learner.name, "since": learner.since, "answers": answers}
    packed = zlib.compress(json.dumps(said, ensure_ascii=False).encode(), 9)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def unpack_answers(text: str) -> LearnerAnswers:
    """Answers from a link, without those to what no lesson asks. Raises InputError."""
    try:
        return _answers(json.loads(_unpacked(text)))
    except _OF_OTHER_SHAPE:
        raise InputError(
            "{came} is not a link to a student's results; copy the whole link from “My results” on"
            " the page “Learn”.",
            came=shown(text),
        ) from None


def _unpacked(text: str) -> bytes:
    if len(text) > _MAX_LINK:
        raise ValueError(text)
    data = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    engine = zlib.decompressobj()
    unpacked = engine.decompress(data, _MAX_UNPACKED)
    if engine.unconsumed_tail or not engine.eof:
        raise ValueError(text)
    return unpacked


def _answers(said: Any) -> LearnerAnswers:
    answers = {
        (id, name): GivenAnswer(_text("chosen", chosen), _time(time))
        for id, tasks in said["answers"].items()
        for name, (chosen, time) in tasks.items()
        if name in _names(id)
    }
    return LearnerAnswers(answers, _text("name", said["name"]), _time(said["since"]))


def _text(kind: str, value: Any) -> str:
    """One printable line of bounded length."""
    if not isinstance(value, str):
        raise TypeError(kind)
    return "".join(c for c in value[: _MAX_LETTERS[kind]] if c.isprintable())


def _time(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _LAST:
        raise ValueError("no time")
    return value


def _names(id: str) -> tuple[str, ...]:
    """Questions, then exercises of a lesson."""
    if id not in LESSONS:
        return ()
    text = lesson(id, "en")
    return tuple(one.name for one in text.tasks)


def tasks() -> Iterator[AskedTask]:
    """Every question and exercise, in the order of the course."""
    for id in LESSONS:
        yield from ((id, name) for name in _names(id))


def results(learner: LearnerAnswers, language: str = "en") -> list[dict[str, str]]:
    """Rows of `COLUMNS` in the order of the course, `right` 0 or 1.

    `chosen` is as it was given; of an option its number, counted from 1 in the order of the
    lesson's text, which `words` says out.
    """
    given = [(task, learner.answers[task]) for task in tasks() if task in learner.answers]
    return [
        {
            "lesson": id,
            "question": name,
            "chosen": _shifted(id, name, answer.chosen, 1),
            "right": str(int(is_right(id, name, answer.chosen))),
            "time": datetime.fromtimestamp(answer.time, UTC).isoformat().replace("+00:00", "Z"),
            "words": option_text(id, name, answer.chosen, language),
        }
        for (id, name), answer in given
    ]


def _shifted(id: str, name: str, chosen: str, by: int) -> str:
    """The number of a chosen option, and so much more; any other answer as it is."""
    is_option = bool(options_of(id, name)) and chosen.isascii() and chosen.isdigit()
    return str(int(chosen) + by) if is_option else chosen


def results_csv(learner: LearnerAnswers, language: str = "en") -> str:
    """The results of one reader as CSV, the name in a first column."""
    return table_csv([{"name": learner.name, **row} for row in results(learner, language)])


def answers_of_csv(text: str) -> list[LearnerAnswers]:
    """Results of one reader or more from what `results_csv` wrote. Raises InputError."""
    rows = csv.DictReader(io.StringIO(text[:_MAX_CSV]))
    found: dict[str, LearnerAnswers] = {}
    try:
        for row in islice(rows, _MAX_ROWS):
            name = _text("name", row["name"].removeprefix("'"))
            id, task = row["lesson"], row["question"]
            given = _shifted(id, task, _text("chosen", row["chosen"].removeprefix("'")), -1)
            time = int(datetime.fromisoformat(row["time"]).timestamp())
            if task in _names(id):
                one = found.get(name, LearnerAnswers(name=name))
                found[name] = one.with_answer((id, task), given, _time(time))
    except (*_OF_OTHER_SHAPE, OverflowError, csv.Error):
        raise InputError(
            "The file should be one that “Save as CSV” in “My results” made, with the columns"
            " {columns}, but it begins with {came}.",
            columns=", ".join(("name", *COLUMNS)),
            came=shown(text.partition("\n")[0]),
        ) from None
    return list(found.values())


def table_csv(rows: list[dict[str, str]]) -> str:
    """CSV of rows, which a spreadsheet takes as text and numbers, never as formulas."""
    file = io.StringIO()
    if rows:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: _harmless(value) for key, value in row.items()} for row in rows)
    return file.getvalue()


def _harmless(cell: str) -> str:
    if not cell.startswith(("=", "+", "-", "@", "\t", "\r")):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell
