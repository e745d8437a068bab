"""Question or exercise as an HTML form, which `assets/lessons/tasks.js` checks in the page."""

from __future__ import annotations

import json
from html import escape

from rnnviz.core.resources import asset
from rnnviz.i18n import word
from rnnviz.lessons.interactive import (
    ExerciseAnswer,
    LessonCode,
    NumberAnswer,
    OptionAnswer,
    SettingsAnswer,
)
from rnnviz.lessons.lesson import Exercise, Lesson, QuizQuestion
from rnnviz.lessons.sheet import inline_html


def task_script() -> str:
    """JavaScript that checks the answers of the forms."""
    return asset("lessons", "tasks.js").read_text("utf-8")


def what_follows(text: Lesson, name: str, language: str) -> str:
    """Sentence under an unanswered question that hides the rest: how many questions follow.

    >>> from rnnviz.lessons.registry import lesson
    >>> gru = lesson("gru", "en")
    >>> what_follows(gru, gru.questions[0].name, "en")
    'The lesson goes on after your answer: 2 more questions.'
    """
    names = [question.name for question in text.questions]
    n_left = len(names) - 1 - names.index(name)
    return word(f"learn.goes_on.{min(n_left, 2)}", language, count=n_left)


def hidden_rest(text: Lesson, name: str, language: str) -> str:
    """HTML between a question and the section that is hidden until it is answered."""
    said = what_follows(text, name, language)
    return (
        f'<p class="soft" data-until="{name}">{said}</p></section>'
        f'<section data-after="{name}" hidden>'
    )


def task_form(
    part: QuizQuestion | Exercise, code: LessonCode, order: tuple[int, ...], language: str
) -> str:
    """HTML of a task with its answer and its explanations; `order` is that of its options."""
    is_question = isinstance(part, QuizQuestion)
    wanted = code.answer_of(part.name)
    facts = {
        "name": part.name,
        "counts": "true" if is_question else "false",
        "yes": word("exercise.right", language),
        "no": word("exercise.wrong", language) if not is_question else word("scorm.no", language),
        **_right(wanted),
    }
    data = "".join(f' data-{key}="{escape(value)}"' for key, value in facts.items())
    return (
        f"<form{data}><fieldset><legend>{inline_html(part.prompt)}</legend>"
        f"{_fields(part, wanted, order, language)}</fieldset>"
        f'<button type="submit">{word("learn.check", language)}</button>'
        f'<div class="verdict" role="status"></div>{_reasons(part, language)}</form>'
    )


def _right(wanted: ExerciseAnswer) -> dict[str, str]:
    if isinstance(wanted, OptionAnswer):
        return {"right": str(wanted.right())}
    if isinstance(wanted, SettingsAnswer):
        return {"right": "1", "tolerance": "0", "mistakes": "{}"}
    mistakes = {name: float(number) for name, number in wanted.mistakes().items()}
    return {
        "right": repr(float(wanted.value())),
        "tolerance": repr(float(wanted.tolerance)),
        "mistakes": json.dumps(mistakes),
    }


def _fields(
    part: QuizQuestion | Exercise, wanted: ExerciseAnswer, order: tuple[int, ...], language: str
) -> str:
    if isinstance(wanted, SettingsAnswer):
        return f"<p>{word('learn.by_settings', language)}</p>"
    if isinstance(wanted, NumberAnswer):
        label = word("learn.number", language)
        return f'<label>{label} <input type="text" autocomplete="off" maxlength="40"></label>'
    return "".join(
        f'<label><input type="radio" name="{part.name}" value="{at}"> '
        f"{inline_html(part.options[at])}</label>"
        for at in order
    )


def _reasons(part: QuizQuestion | Exercise, language: str) -> str:
    """Explanations by option, an exercise's hints and its solution, shown once it was answered."""
    reasons = {
        str(at): f"<b>{inline_html(option)}</b><br>{inline_html(part.explanations[at])}"
        for at, option in enumerate(part.options)
    }
    if isinstance(part, Exercise):
        reasons |= {f"hint-{mistake}": inline_html(hint) for mistake, hint in part.hints}
    shown = {name: f"<p>{reason}</p>" for name, reason in reasons.items()}
    if isinstance(part, Exercise):
        said = word("learn.solution", language)
        solution = f"<summary>{said}</summary><p>{inline_html(part.solution)}</p>"
        shown["solution"] = f"<details>{solution}</details>"
    return "".join(
        f'<template data-for="{name}">{reason}</template>' for name, reason in shown.items()
    )
