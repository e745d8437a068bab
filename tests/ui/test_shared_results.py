"""A link to somebody's results: shown to look at, kept nowhere, and harmless whatever it says."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.core.resources import app_file
from rnnviz.i18n import LANGUAGES, word
from rnnviz.lessons.learner_answers import LearnerAnswers, pack_answers
from rnnviz.lessons.registry import lesson, lesson_code
from rnnviz.ui import places


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(str(app_file()), default_timeout=90)
    for key, value in {"lang": "en", **query}.items():
        app.query_params[key] = value
    return app.switch_page("rnnviz/ui/pages/learn.py").run()


def test_a_link_shows_the_answers_with_verdicts_and_keeps_nothing() -> None:
    question = lesson("gru", "en").questions[0]
    right = lesson_code("gru").answers[question.name]()
    one = LearnerAnswers(name="Li *Hua*").with_answer(("gru", question.name), str(right), 86_400)
    one = one.with_answer(("gru", "half"), "9", 86_401)
    app = opened(results=pack_answers(one))
    assert not app.exception
    assert "# Results of Li \\*Hua\\*" in [said.value for said in app.markdown]
    (table,) = app.dataframe
    rows = table.value.to_dict("records")
    assert [row["Verdict"] for row in rows] == ["right", "wrong"]
    assert rows[0]["Answer"] == question.options[right]
    assert rows[1]["Answer"] == "9"
    assert rows[0]["Time (UTC)"] == "1970-01-02 00:00:00"
    assert "own_progress" not in app.session_state


@pytest.mark.parametrize("text", ["x", "A" * 9_000, "<script>", "eJwDAAAAAAE"])
def test_another_link_is_one_sentence_and_a_way_back(text: str) -> None:
    app = opened(results=text, lesson="reads")
    assert not app.exception
    (said,) = app.error
    assert "not a link to a student" in said.value
    button = next(one for one in app.button if one.label == word("learn.all"))
    button.click().run()
    assert not app.error
    assert [one for one in app.button if one.key == "open_gru"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unanswered_question_says_how_much_follows(language: str) -> None:
    names = [question.name for question in lesson("gru", "en").questions]
    for n_answered, n_left in ((0, 2), (1, 1), (2, 0)):
        guess = json.dumps([f"{name}=·" for name in names[:n_answered]])
        said = [one.value for one in opened(lang=language, lesson="gru", guess=guess).caption]
        follows = [word(f"learn.goes_on.{n}", language, count=n) for n in range(3)]
        assert [one for one in said if one in follows] == [follows[n_left]]


@pytest.mark.parametrize(
    "guess", ['["2"]', '["becomes=2"]', '["becomes=99","x=1","=","nothing"]', '["·"]', "[[[", "7"]
)
def test_whatever_the_address_says_is_answered_the_lesson_opens(guess: str) -> None:
    app = opened(lesson="gru", guess=guess, mix="5")
    assert not app.exception
    assert not app.error
    shown = {one.key for one in app.button}
    is_answered = "becomes" in guess or guess in ('["2"]', '["·"]')
    assert ("reveal_becomes" in shown) != is_answered


def test_a_visitor_gets_a_seed_that_the_address_carries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "page_path", lambda: "/learn")
    seeds = {opened(lesson="reads").query_params["mix"] for _ in range(4)}
    assert len(seeds) > 1
    assert opened(lesson="reads", mix="17").query_params["mix"] == "17"


def test_the_questions_of_one_lesson_can_be_answered_again() -> None:
    names = [question.name for question in lesson("gru", "en").questions]
    app = opened(lesson="gru", guess=str([f"{name}=0" for name in names]).replace("'", '"'))
    assert "reveal_becomes" not in {one.key for one in app.button}
    again = next(one for one in app.button if one.label == word("learn.again"))
    again.click().run()
    assert "reveal_becomes" in {one.key for one in app.button}
