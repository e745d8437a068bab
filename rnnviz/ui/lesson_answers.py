"""Answers that the reader gave in the open lesson, as the page's address carries them."""

from __future__ import annotations

import random
from collections.abc import Mapping

from rnnviz.lessons.learner_answers import NO_GUESS
from rnnviz.lessons.lesson import Lesson, QuizQuestion, Reveal
from rnnviz.lessons.option_order import MAX_ORDER_SEED, option_order
from rnnviz.ui import state
from rnnviz.ui.own_progress import record_answer


def guesses(lesson: Lesson) -> Mapping[str, str]:
    """Answers by question: an option's index in the text, or NO_GUESS."""
    # Addresses of earlier versions have no names: theirs are of the questions that hide something.
    hiding = [part.name for part in lesson.parts if isinstance(part, Reveal)]
    found: dict[str, str] = {}
    for at, said in enumerate(state.names_of("guess")):
        name, mark, chosen = said.rpartition("=")
        if not mark and at < len(hiding):
            name = hiding[at]
        question = next((one for one in lesson.questions if one.name == name), None)
        if question:
            known = {str(option) for option in range(len(question.options))}
            found[name] = chosen if chosen in known else NO_GUESS
    return found


def guess(lesson: Lesson, question: str, chosen: str) -> None:
    """Answer a question, or reveal it with NO_GUESS."""
    record_answer(lesson.id, question, chosen)
    every = {**guesses(lesson), question: chosen}
    state.put(guess=[f"{name}={option}" for name, option in every.items()])


def shown_order(lesson: Lesson, part: QuizQuestion) -> tuple[int, ...]:
    """Indices of the options in the order of the page's seed."""
    return option_order(len(part.options), state.get("mix"), lesson.id, part.name)


def draw_seed() -> None:
    """Give a visitor without a seed one, which the address then carries to others."""
    if not state.get("mix"):
        state.put(mix=random.randint(1, MAX_ORDER_SEED))
