"""Printed sheets in a browser: no text on another, none over the edge, the key on its own page."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from rnnviz.i18n import LANGUAGES
from rnnviz.lessons.registry import LESSONS
from rnnviz.lessons.sheet import sheet

# A4 in pixels of 96 an inch.
PAPER = {"width": 794, "height": 1123}
# Texts of a picture that lie on each other or over its edge, the ink of letters taken as their box.
FAULTS = """() => {
  const found = [];
  for (const svg of document.querySelectorAll("svg")) {
    const whole = svg.getBoundingClientRect();
    const boxes = [...svg.querySelectorAll("text")].map((text) => {
      const box = text.getBoundingClientRect();
      return {
        said: text.textContent.slice(0, 40),
        left: box.left + 0.5, right: box.right - 0.5,
        top: box.top + 0.2 * box.height, bottom: box.bottom - 0.22 * box.height,
      };
    });
    boxes.forEach((one, at) => {
      if (one.left < whole.left - 1 || one.right > whole.right + 1) found.push(`cut: ${one.said}`);
      for (const other of boxes.slice(0, at)) {
        if (one.left < other.right && other.left < one.right &&
            one.top < other.bottom && other.top < one.bottom)
          found.push(`${one.said} on ${other.said}`);
      }
    });
  }
  for (const element of document.querySelectorAll("p, li, td, h1, h2, math"))
    if (element.getBoundingClientRect().right > document.body.getBoundingClientRect().right + 2)
      found.push(`over the edge: ${element.textContent.slice(0, 40)}`);
  return found;
}"""


@pytest.fixture(scope="module")
def paper(browser: Browser) -> Page:
    page = browser.new_page(viewport=PAPER)
    page.emulate_media(media="print")
    return page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("id", LESSONS)
def test_nothing_is_printed_on_something_else(
    paper: Page, tmp_path: Path, id: str, language: str
) -> None:
    path = tmp_path / "sheet.html"
    path.write_text(sheet(id, language), "utf-8")
    paper.goto(path.as_uri())
    assert paper.evaluate(FAULTS) == []
    breaks = "[...document.querySelectorAll('.answers')].map(e => getComputedStyle(e).breakBefore)"
    assert paper.evaluate(breaks) == ["page", "page"]
