"""Answers to the lessons' questions: they outlive a reload, and a teacher can collect them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from rnnviz.i18n import word
from rnnviz.lessons.learner_answers import LearnerAnswers, pack_answers
from rnnviz.lessons.option_order import option_order
from rnnviz.lessons.registry import lesson, lesson_code, numbered_title
from tests.browser.conftest import Opened
from tests.browser.explore import Explore

KEPT_OTHERS = "before => (localStorage.getItem('rnnviz.progress') ?? '') !== before"
QUESTIONS = [question.name for question in lesson("gru", "en").questions]


@pytest.fixture
def learn(open_page: Opened) -> Explore:
    """The page Learn of somebody who was never here."""
    app = open_page("")
    go(app)
    return app


def go(app: Explore, query: str = "lang=en&mix=5") -> None:
    app.page.goto(f"{app.url}/learn?{query}")
    app.page.locator(".st-key-lesson, [class*=st-key-card_], h1").first.wait_for()
    app.rest()


def question(app: Explore, name: str) -> Locator:
    return app.main.locator(f".st-key-question_{name}")


def answer(app: Explore, name: str, option: int, seed: int = 5) -> None:
    """Choose the option with this index in the text, and reveal; the browser keeps it then."""
    before = kept(app)
    asked = next(one for one in lesson("gru", "en").questions if one.name == name)
    at = option_order(len(asked.options), seed, "gru", name).index(option)
    question(app, name).locator("[role=radiogroup] label").nth(at).click()
    question(app, name).get_by_role("button", name=word("learn.reveal")).click()
    expect(question(app, name).get_by_test_id("stAlert").first).to_be_visible()
    app.rest()
    app.page.wait_for_function(KEPT_OTHERS, arg=before)


def kept(app: Explore) -> str:
    return str(app.page.evaluate("localStorage.getItem('rnnviz.progress') ?? ''"))


def fold(app: Explore, key: str) -> Locator:
    app.main.locator(f".st-key-{key} summary").click()
    app.rest()
    app.lie_still()
    return app.main.locator(f".st-key-{key}")


def test_a_wrong_answer_is_marked_with_its_reason_and_so_is_the_right_one(learn: Explore) -> None:
    go(learn, "lang=en&mix=5&lesson=gru")
    one = lesson("gru", "en").questions[0]
    right = lesson_code("gru").answers[one.name]()
    answer(learn, one.name, 0)
    alerts = question(learn, one.name).get_by_test_id("stAlert")
    expect(alerts).to_have_count(2)
    expect(alerts.first).to_contain_text(one.explanations[0][:30])
    expect(alerts.last).to_contain_text(one.options[right][:30])
    marked = question(learn, one.name).locator("li")
    expect(marked).to_have_count(len(one.options))
    # Not by colour alone: a sign with a name stands at both.
    order = option_order(len(one.options), 5, "gru", one.name)
    expect(marked.nth(order.index(right)).locator("[role=img][aria-label^=check]")).to_be_visible()
    expect(marked.nth(order.index(0)).locator("[role=img][aria-label^=close]")).to_be_visible()
    # The sign stands in place of the bullet, not behind it.
    expect(marked.nth(order.index(right))).to_have_css("list-style-type", "none")
    other = next(at for at in range(len(one.options)) if at not in (0, right))
    expect(marked.nth(order.index(other))).to_have_css("list-style-type", "disc")


def test_answers_and_the_badge_outlive_a_reload_and_looking_earns_none(learn: Explore) -> None:
    go(learn, "lang=en&mix=5&lesson=gru")
    button = question(learn, QUESTIONS[0]).get_by_role("button", name=word("learn.anyway"))
    button.click()
    expect(question(learn, QUESTIONS[0]).get_by_test_id("stAlert")).to_be_visible()
    for name in QUESTIONS[1:]:
        answer(learn, name, 0)
    go(learn)
    card = learn.main.locator(".st-key-card_gru")
    expect(card).to_contain_text(word("learn.answered", number=2, count=3))
    expect(card.get_by_text(word("learn.done"))).to_have_count(0)
    # Begun anew, the lesson is as it was, and is done by answering.
    results = fold(learn, "own_results")
    results.get_by_text(word("results.anew")).click()
    before = kept(learn)
    results.get_by_role("button", name=word("results.anew_yes")).click()
    expect(results.get_by_text(word("results.none"))).to_be_visible()
    # The browser forgets them a moment after the server.
    learn.page.wait_for_function(KEPT_OTHERS, arg=before)
    go(learn, "lang=en&mix=5&lesson=gru")
    for name in QUESTIONS:
        answer(learn, name, 0)
    go(learn)
    expect(card.get_by_text(word("learn.done"))).to_be_visible()
    # Where the lesson is opened again, by its plain link too, the answers are there.
    go(learn, "lang=en&mix=5&lesson=gru")
    for name in QUESTIONS:
        expect(question(learn, name).get_by_test_id("stAlert").first).to_be_visible()


def test_a_checked_answer_stands_in_its_field_after_a_reload(learn: Explore) -> None:
    guessed = json.dumps([f"{name}=0" for name in QUESTIONS])
    go(learn, f"lang=en&mix=5&lesson=gru&guess={guessed}")
    half = learn.main.locator(".st-key-exercise_half")
    before = kept(learn)
    half.get_by_role("textbox").fill("6")
    half.get_by_role("button", name=word("learn.check")).click()
    expect(half.get_by_test_id("stAlert")).to_contain_text("6")
    learn.page.wait_for_function(KEPT_OTHERS, arg=before)
    learn.page.reload()
    expect(half.get_by_test_id("stAlert")).to_contain_text("6")
    expect(half.get_by_role("textbox")).to_have_value("6")
    # Another answer takes its place.
    half.get_by_role("textbox").fill("7")
    half.get_by_role("textbox").press("Enter")
    expect(half.get_by_test_id("stAlert")).to_contain_text("7")
    expect(half.get_by_role("textbox")).to_have_value("7")


def test_results_are_saved_and_shown_by_a_link_and_collected(
    learn: Explore, open_page: Opened, tmp_path: Path
) -> None:
    go(learn, "lang=en&mix=5&lesson=gru")
    right = lesson_code("gru").answers[QUESTIONS[0]]()
    answer(learn, QUESTIONS[0], right)
    answer(learn, QUESTIONS[1], 1)
    go(learn)
    results = fold(learn, "own_results")
    link_of = results.locator("code")
    nameless = link_of.inner_text()
    results.get_by_role("textbox").fill("Li Hua")
    learn.press("Enter")
    # The file and the link are those of the answer to the name, which takes the old ones' place.
    expect(link_of).not_to_have_text(nameless)
    learn.rest()
    with learn.page.expect_download() as saved:
        results.get_by_role("button", name=word("results.csv")).click()
    path = tmp_path / "li.csv"
    saved.value.save_as(path)
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
    assert [(row["name"], row["question"], row["right"]) for row in rows] == [
        ("Li Hua", QUESTIONS[0], "1"),
        ("Li Hua", QUESTIONS[1], "0"),
    ]
    link = link_of.inner_text().strip()
    teacher = open_page("")
    teacher.page.goto(link)
    expect(teacher.main.get_by_role("heading", name="Results of Li Hua")).to_be_visible()
    expect(teacher.main.get_by_test_id("stDataFrame")).to_be_visible()
    # They are not the visitor's own.
    assert not kept(teacher)
    go(teacher)
    collected = fold(teacher, "collected_results")
    ada = LearnerAnswers(name="Ada").with_answer(("gru", QUESTIONS[0]), "0", 1_800_000_000)
    lines = [link, f"https://x.org/?results={pack_answers(ada)}", "<script>alert(1)</script>"]
    collected.get_by_role("textbox").fill("\n".join(lines))
    learn_more = collected.get_by_role("textbox")
    learn_more.press("Control+Enter")
    expect(collected.get_by_test_id("stAlert")).to_have_count(1)
    collected.locator("input[type=file]").set_input_files(path)
    expect(collected.get_by_text(word("results.count", count=3))).to_be_visible()
    teacher.rest()
    with teacher.page.expect_download() as saved:
        collected.get_by_role("button", name=word("results.csv")).click()
    saved.value.save_as(tmp_path / "class.csv")
    table = list(csv.DictReader(io.StringIO((tmp_path / "class.csv").read_text("utf-8"))))
    head = numbered_title("gru", "en")
    assert [(row["Name"], row[head]) for row in table] == [
        ("Li Hua", "1 of 2"),
        ("Ada", "0 of 1"),
        ("Li Hua", "1 of 2"),
    ]


def focused(app: Explore) -> str:
    """What has the focus: its role or tag, and the question that it stands in."""
    found = app.page.evaluate(
        """() => {
            const at = document.activeElement;
            const box = at.closest("[class*=st-key-question_]")?.className ?? "";
            const name = /st-key-question_(\\w+)/.exec(box)?.[1] ?? "";
            return [at.type === "radio" ? "radio" : at.tagName.toLowerCase(), name].join(" ");
        }"""
    )
    return str(found)


def tab_to(app: Explore, wanted: str) -> None:
    met: list[str] = []
    while wanted not in met and len(met) < 200:
        app.page.keyboard.press("Tab")
        met.append(focused(app))
    assert met[-1] == wanted, met


def test_questions_and_exercises_are_answered_by_keyboard_alone(learn: Explore) -> None:
    go(learn, "lang=en&mix=5&lesson=gru")
    for name in QUESTIONS:
        tab_to(learn, f"radio {name}")
        learn.page.keyboard.press("Space")
        group = question(learn, name).get_by_role("radiogroup")
        expect(group.get_by_role("radio", checked=True)).to_have_count(1)
        # Until the choice is known the button is no stop of the keyboard.
        reveal = question(learn, name).get_by_role("button", name=word("learn.reveal"))
        expect(reveal).to_be_enabled()
        learn.rest()
        learn.page.keyboard.press("Tab")
        assert focused(learn) == f"button {name}"
        learn.page.keyboard.press("Enter")
        # Said aloud by a screen reader, and the next Tab goes on from there.
        expect(question(learn, name).locator("[role=alert], [role=status]").first).to_be_visible()
        learn.rest()
    field = learn.main.locator(".st-key-exercise_mixture").get_by_role("textbox")
    field.focus()
    learn.page.keyboard.type("0.4")
    learn.page.keyboard.press("Enter")
    said = learn.main.locator(".st-key-exercise_mixture").get_by_test_id("stAlert")
    expect(said).to_contain_text(word("exercise.right"))
    # Typed and clicked at once, without leaving the field first.
    half = learn.main.locator(".st-key-exercise_half")
    half.get_by_role("textbox").fill("6")
    half.get_by_role("button", name=word("learn.check")).click()
    expect(half.get_by_test_id("stAlert")).to_contain_text(word("exercise.wrong"))
