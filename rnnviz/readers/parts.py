"""One recurrent stack among those of a file, and answers that fit its questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.levels import STACKED
from rnnviz.readers.result import Answers, ImportResult


def only_part(results: Sequence[ImportResult], name: str) -> ImportResult:
    """The one stack of the file `name`.

    Raises ModelError where it has several.
    """
    if len(results) == 1:
        return results[0]
    if _stack_answers(results):
        raise ModelError(
            "“{name}” holds the recurrent stacks {names}; choose one, as in read_model(path,"
            ' part="{example}"), or join those that feed each other with stack="stacked".',
            **_facts(results, name),
        )
    raise ModelError(
        "“{name}” holds the recurrent stacks {names}; choose one, as in read_model(path,"
        ' part="{example}").',
        **_facts(results, name),
    )


def part_of(results: Sequence[ImportResult], part: str, name: str) -> ImportResult:
    """The stack of this name among those of the file `name`.

    Raises ModelError where none has it.
    """
    named = {result.name: result for result in results}
    if str(part) not in named:
        raise _no_such_part(results, _facts(results, name) | {"part": shown(part)})
    return named[str(part)]


def _no_such_part(results: Sequence[ImportResult], facts: dict[str, str]) -> ModelError:
    if [result.name for result in results] == [""]:
        return ModelError(
            "“{name}” holds one recurrent stack, which has no name, but the part “{part}” was asked"
            " for; leave part= out.",
            **facts,
        )
    answers = _stack_answers(results)
    if STACKED in answers:
        return ModelError(
            "“{name}” holds the recurrent stacks {names} and “{part}” is none of them; choose one,"
            ' as in read_model(path, part="{example}"), or read joined layers apart with'
            ' stack="separate".',
            **facts,
        )
    if answers:
        return ModelError(
            "“{name}” holds the recurrent stacks {names} and “{part}” is none of them; choose one,"
            ' as in read_model(path, part="{example}"), or join those that feed each other with'
            ' stack="stacked".',
            **facts,
        )
    return ModelError(
        "“{name}” holds the recurrent stacks {names} and “{part}” is none of them; choose one,"
        ' as in read_model(path, part="{example}").',
        **facts,
    )


def _facts(results: Sequence[ImportResult], name: str) -> dict[str, str]:
    """Names of the stacks, and the last as an example of one."""
    return {
        "name": shown(name),
        "names": shown(", ".join(f"“{result.name}”" for result in results), 200),
        "example": shown(results[-1].name, 80),
    }


def _stack_answers(results: Iterable[ImportResult]) -> set[str]:
    """Answers to the question whether layers feed each other, of the stacks that leave it open."""
    return {
        question.choose(result.answers)
        for result in results
        for question in result.questions
        if question.name == "stack"
    }


def check_asked(results: Iterable[ImportResult], answers: Answers) -> None:
    """Raise ModelError where an answer came to what none of these leaves open.

    The answer nan="zero" is to the file's numbers, not to a question.
    """
    asked = dict.fromkeys(question.name for result in results for question in result.questions)
    for name in answers:
        if name not in asked and (name, answers[name]) != ("nan", "zero"):
            raise ModelError(
                "This file leaves {asked} open, but an answer to “{name}” came; leave it out.",
                asked=", ".join(asked) or "nothing",
                name=shown(name),
            )
