"""A SCORM package in a platform's frame: what it reports, and what it takes up again."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FrameLocator, Page, expect

from rnnviz.i18n import LANGUAGES, word
from rnnviz.lessons.registry import lesson, lesson_code
from rnnviz.lessons.scorm import scorm_package

# A platform as a package sees one: SCORM 1.2, "API Adapter", in a window above.
PLATFORM = """<!doctype html><html lang="en"><title>Platform</title><script>
window.calls = [];
const begun = '{"cmi.core.lesson_status": "not attempted"}';
window.store = JSON.parse(sessionStorage.store ?? begun);
const say = (name, answer) => (...given) => {
  calls.push([name, ...given]);
  return answer(...given);
};
window.API = {
  LMSInitialize: say("LMSInitialize", () => "true"),
  LMSGetValue: say("LMSGetValue", (key) => store[key] ?? ""),
  LMSSetValue: say("LMSSetValue", (key, value) => { store[key] = value; return "true"; }),
  LMSCommit: say("LMSCommit", () => {
    sessionStorage.store = JSON.stringify(store);
    return "true";
  }),
  LMSFinish: say("LMSFinish", () => "true"),
  LMSGetLastError: () => "0", LMSGetErrorString: () => "", LMSGetDiagnostic: () => "",
};
</script>
<body><iframe title="sco" src="index.html" width="900" height="700"></iframe></body></html>"""
AT = "http://platform.test"


@pytest.fixture
def page(browser: Browser) -> Any:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def open_package(page: Page, language: str) -> FrameLocator:
    with zipfile.ZipFile(io.BytesIO(scorm_package("gru", language))) as package:
        sco = package.read("index.html")
    page.route(f"{AT}/", lambda route: route.fulfill(body=PLATFORM, content_type="text/html"))
    page.route(f"{AT}/index.html", lambda route: route.fulfill(body=sco, content_type="text/html"))
    page.goto(f"{AT}/")
    return page.frame_locator("iframe")


def answer(sco: FrameLocator, name: str, value: str) -> None:
    form = sco.locator(f"form[data-name={name}]")
    form.locator(f"input[value='{value}']").check()
    form.get_by_role("button").click()


def stored(page: Page) -> dict[str, str]:
    return dict(page.evaluate("store"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_package_reports_completion_and_score(page: Page, language: str) -> None:
    sco = open_package(page, language)
    one, code = lesson("gru", language), lesson_code("gru")
    expect(sco.get_by_role("heading", name=one.title)).to_be_visible()
    assert page.evaluate("calls[0]") == ["LMSInitialize", ""]
    assert stored(page)["cmi.core.lesson_status"] == "incomplete"
    first, *others = one.questions
    wrong = next(str(n) for n in range(9) if n != code.answers[first.name]())
    answer(sco, first.name, wrong)
    verdict = sco.locator(f"form[data-name={first.name}] [role=status]")
    expect(verdict).to_contain_text("✗ " + word("scorm.no", language))
    expect(verdict).to_contain_text(first.explanations[int(wrong)][:12])
    # The first answer counts.
    expect(sco.locator(f"form[data-name={first.name}] input").first).to_be_disabled()
    assert stored(page)["cmi.core.lesson_status"] == "incomplete"
    for question in others:
        answer(sco, question.name, str(code.answers[question.name]()))
    found = stored(page)
    assert found["cmi.core.lesson_status"] == "completed"
    assert (found["cmi.core.score.min"], found["cmi.core.score.max"]) == ("0", "100")
    right = len(others)
    assert int(found["cmi.core.score.raw"]) == round(100 * right / len(one.questions))
    assert len(found["cmi.suspend_data"]) < 4096
    done = word("scorm.done", language, right=right, count=len(one.questions))
    expect(sco.locator("#done")).to_have_text(done)
    assert page.evaluate("calls.at(-1)") == ["LMSCommit", ""]
    page.evaluate("document.querySelector('iframe').src = 'about:blank'")
    page.wait_for_function("calls.at(-1)[0] === 'LMSFinish'")
    assert page.evaluate("calls.filter(([name]) => name === 'LMSFinish').length") == 1


def test_a_package_opened_again_takes_up_what_was_answered(page: Page) -> None:
    sco = open_package(page, "en")
    one, code = lesson("gru", "en"), lesson_code("gru")
    first = one.questions[0].name
    answer(sco, first, str(code.answers[first]()))
    page.wait_for_function("calls.at(-1)[0] === 'LMSCommit'")
    page.reload()
    sco = page.frame_locator("iframe")
    form = sco.locator(f"form[data-name={first}]")
    expect(form.locator("input:checked")).to_have_value(str(code.answers[first]()))
    expect(form.locator("[role=status]")).to_contain_text("✓")
    assert json.loads(stored(page)["cmi.suspend_data"]) == {first: str(code.answers[first]())}


@pytest.mark.parametrize("typed", ["0.4", ".4", "2/5", "0.402"])
def test_an_exercise_takes_a_number_as_it_is_typed(page: Page, typed: str) -> None:
    sco = open_package(page, "en")
    form = sco.locator("form[data-name=mixture]")
    # What follows a question is hidden until it is answered.
    for question in lesson("gru", "en").questions:
        expect(form).to_be_hidden()
        answer(sco, question.name, "0")
    hints = dict(lesson("gru", "en").exercises[0].hints)
    # Of the weighted mean with its weights exchanged, and of no usual mistake.
    for wrong, mistake in (("0", "swapped"), ("−0.4", "")):
        form.get_by_role("textbox").fill(wrong)
        form.get_by_role("textbox").press("Enter")
        expect(form.locator("[role=status]")).to_contain_text("✗")
        expect(form.locator("[role=status]")).to_contain_text(hints[mistake].partition("$")[0][:30])
        expect(form.locator("details p")).to_be_hidden()
    form.get_by_role("textbox").fill(typed)
    form.get_by_role("textbox").press("Enter")
    expect(form.locator("[role=status]")).to_contain_text("✓")
    expect(form.locator("details p")).to_be_visible()


def test_a_package_without_a_platform_is_a_page_that_works(page: Page) -> None:
    open_package(page, "en")
    page.goto(f"{AT}/index.html")
    question = lesson("gru", "en").questions[0].name
    form = page.locator(f"form[data-name={question}]")
    # By keyboard alone: into the group, to an option, to the button.
    form.locator("input").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(form.get_by_role("button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(form.locator("[role=status] p").first).to_be_visible()
    found = Axe().run(page).response
    assert [(one["id"], [n["html"] for n in one["nodes"]]) for one in found["violations"]] == []
