"""The page in Chinese: nothing is left in English, and the letters are there to be seen."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from rnnviz.core.resources import asset
from tests.browser.conftest import Opened
from tests.browser.explore import Explore

# Everything a reader meets, whatever shadow it stands in: texts, and what a screen reader says.
EVERYTHING = """() => {
    const found = [];
    const walk = (node) => {
        if (node.nodeType === Node.TEXT_NODE) found.push(node.textContent);
        // The name of an icon's picture is not a word, nor is a program or link to be copied.
        if (["STYLE", "SCRIPT", "PRE"].includes(node.tagName) || node.translate === false) return;
        for (const name of ["title", "aria-label", "aria-valuetext", "placeholder", "alt"])
            if (node.getAttribute?.(name)) found.push(node.getAttribute(name));
        for (const root of [node.shadowRoot, node]) root?.childNodes.forEach(walk);
    };
    for (const place of ["stMain", "stSidebarUserContent", "stPopoverBody"])
        for (const one of document.querySelectorAll(`[data-testid=${place}]`)) walk(one);
    return found;
}"""
# Marks after a formula that stand at the beginning of a line.
LONELY = """() => [...document.querySelectorAll(".katex")].filter((formula) => {
    const { nextSibling: text, lastChild } = formula;
    if (text?.nodeType !== Node.TEXT_NODE) return false;
    if (!/^[。，；：、）]/.test(text.textContent)) return false;
    const mark = document.createRange();
    mark.setStart(text, 0);
    mark.setEnd(text, 1);
    const end = lastChild.lastElementChild.getBoundingClientRect();
    return mark.getBoundingClientRect().left < end.left;
}).map((formula) => formula.nextSibling.textContent)"""
# The same letter drawn as it stands, as another one, and as a code point that has no letter.
DRAWN = """(letters) => letters.map((letter) => {
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d");
    pen.font = "40px " + getComputedStyle(document.querySelector(".xtick text")).fontFamily;
    pen.fillText(letter, 10, 60);
    return canvas.toDataURL();
})"""


def english() -> list[str]:
    """What the interface says in English and otherwise in Chinese."""
    read = [
        json.loads(asset("locales", f"{name}.json").read_text("utf-8")) for name in ("en", "zh")
    ]
    differs = [said for key, said in read[0].items() if said != read[1][key]]
    return [said for said in differs if "{" not in said and re.search("[a-z]{2}", said)]


def left_over(app: Explore) -> set[str]:
    """What is still English on the page."""
    said = app.page.evaluate(EVERYTHING)
    return {one for one in english() if any(spells(one, text) for text in said)}


def spells(phrase: str, text: str) -> bool:
    return bool(re.search(rf"(?<![a-zA-Z]){re.escape(phrase)}(?![a-zA-Z])", text))


@pytest.fixture(scope="module")
def tab(open_once: Opened) -> Explore:
    """A browser whose owner reads Chinese."""
    return open_once(locale="zh-CN")


def test_the_page_of_a_chinese_browser_is_chinese_and_can_be_switched(tab: Explore) -> None:
    app = tab.open("text=北京&cell=rnn")
    app.page.get_by_role("tab", name="公式").click()
    expect(app.page.locator(".gtitle, .annotation-text").first).to_contain_text("回答")
    assert left_over(app) == set()
    app.page.locator(".st-key-expert button").first.click()
    expect(app.dialog).to_be_visible()
    assert left_over(app) == set()
    app.press("Escape")
    expect(app.dialog).to_have_count(0)
    app.page.get_by_role("button", name="分享").click()
    expect(app.dialog.locator("code").last).to_be_visible()
    app.rest()
    assert left_over(app) == set()
    app.press("Escape")
    app.page.get_by_role("radio", name="EN").click()
    app.expect_address("lang=en")
    expect(app.page.locator(".annotation-text").first).to_contain_text("answer")
    assert {"Expert", "Share", "Hide unread"} <= left_over(app)
    app.expect_tokens(["北", "京"])


def test_chinese_letters_are_drawn_as_letters(app: Explore) -> None:
    title = app.page.locator(".annotation-text").filter(has_text="遗忘门").first
    expect(title).to_be_visible()
    drawn = app.page.evaluate(DRAWN, ["遗", "忘", "门", "\U0002fffd"])
    assert len(set(drawn)) == 4


def test_no_line_begins_with_the_mark_after_a_formula(open_page: Opened) -> None:
    app = open_page()
    app.page.goto(f"{app.url}/learn?lang=zh&lesson=glossary")
    expect(app.page.locator(".katex").first).to_be_visible()
    for width in (1280, 1100, 900):
        app.page.set_viewport_size({"width": width, "height": 720})
        app.lie_still()
        assert app.page.evaluate(LONELY) == []
