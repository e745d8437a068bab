"""The teacher's answers on a lesson's page: the right option of every question, every solution."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.core.resources import app_file
from rnnviz.lessons.interactive import OptionAnswer
from rnnviz.lessons.lesson import with_facts
from rnnviz.lessons.registry import lesson, lesson_code


@pytest.mark.parametrize("id", ["gru", "lstm_gates"])
def test_the_teacher_sees_what_is_right_and_how_it_is_found(id: str) -> None:
    app = AppTest.from_file(str(app_file()), default_timeout=90)
    app.query_params.update({"lang": "en", "lesson": id})
    app.session_state["teacher"] = True
    app.session_state["shows_answers"] = True
    app.switch_page("rnnviz/ui/pages/learn.py").run()
    assert not app.exception
    said = [one.value for one in app.markdown]
    code = lesson_code(id)
    for number, question in enumerate(lesson(id, "en").questions, start=1):
        filled = with_facts(question, lambda name: code.facts[name](code.settings()))
        right = filled.options[code.answers[question.name]()]
        assert any(f"question {number}: {right}".lower() in one.lower() for one in said)
    for exercise in lesson(id, "en").exercises:
        filled_exercise = with_facts(exercise, lambda name: code.facts[name](code.settings()))
        (line,) = [one for one in said if one.endswith(filled_exercise.solution)]
        wanted = code.exercises[exercise.name]
        if isinstance(wanted, OptionAnswer):
            assert filled_exercise.options[wanted.right()] in line
