"""Every lesson in class, slide by slide: nothing overflows, and the last row of a room can read it.

A lesson is walked through once; the window changes between two measurements, not the page.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from rnnviz.i18n import LANGUAGES
from rnnviz.lessons.lesson import Figure, QuizQuestion
from rnnviz.lessons.registry import LESSONS, lesson
from rnnviz.lessons.slides import slides
from tests.browser.conftest import Opened
from tests.browser.explore import Explore

WIDE = {"width": 1280, "height": 720}
# Of the projectors with four to three, which is tried in the language with the wider letters.
SQUARE = {"width": 1024, "height": 768}
# The number runs ahead of what is drawn.
SHOWN = """([number, drawn]) => {
  const inside = [...document.querySelectorAll(".st-key-slide_controls *")];
  const where = inside.map((one) => one.shadowRoot?.querySelector("output")).find(Boolean);
  return where?.textContent === number && where.dataset.shown === drawn;
}"""
# What is wrong with the slide that is shown, in words.
FAULTS = """async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  for (let n = 0; n < 4; n++) await frame();
  const faults = [];
  const fault = (what, element) => faults.push(`${what}: ${element.textContent.slice(0, 60)}`);
  const visible = (element) =>
    element.getBoundingClientRect().width > 0 && element.checkVisibility();
  for (const crash of document.querySelectorAll("[data-testid=stException]")) fault("crash", crash);
  const bar = document.querySelector(".st-key-slide_controls").getBoundingClientRect();
  for (const part of document.querySelectorAll(
    "[data-testid=stMain], .st-key-slide_words, .st-key-slide_pictures")) {
    const [over, beside] = [
      part.scrollHeight - part.clientHeight, part.scrollWidth - part.clientWidth];
    if (over > 1 || beside > 1) fault(`${part.className} overflows by ${over}, ${beside}`, part);
  }
  for (const element of document.querySelectorAll(
    ".js-plotly-plot, .st-key-lesson button, .st-key-lesson p, .st-key-lesson table")) {
    const box = element.getBoundingClientRect();
    if (visible(element) && box.bottom > bar.top + 1) fault("under the bar", element);
  }
  for (const text of document.querySelectorAll(
    ".js-plotly-plot svg text, .st-key-lesson p, .st-key-lesson li, .st-key-lesson td")) {
    const size = parseFloat(getComputedStyle(text).fontSize);
    if (visible(text) && text.textContent.trim() && size < 17.9) fault(`${size} px`, text);
  }
  for (const text of document.querySelectorAll(".js-plotly-plot svg text")) {
    const own = text.getBoundingClientRect();
    const whole = text.closest(".js-plotly-plot").getBoundingClientRect();
    if (visible(text) && (own.left < whole.left - 2 || own.right > whole.right + 2))
      fault("cut", text);
  }
  const meet = (one, other) => one.left < other.right && other.left < one.right &&
    one.top < other.bottom - 1 && other.top < one.bottom - 1;
  for (const value of document.querySelectorAll("[data-testid=stSliderThumbValue] p")) {
    const own = value.getBoundingClientRect();
    const slider = value.closest("[data-testid=stSlider]");
    const name = slider.querySelector("[data-testid=stWidgetLabel] p").getBoundingClientRect();
    const thumb = value.closest("[data-testid=stSliderThumbValue]").parentElement;
    if (meet(own, name) || meet(own, thumb.getBoundingClientRect())) fault("overlap", slider);
  }
  return faults;
}"""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("id", LESSONS)
def test_page_down_leads_through_slides_that_fit_and_escape_out(
    tab: Explore, id: str, language: str
) -> None:
    page, one = tab.page, lesson(id, language)
    page.set_viewport_size(WIDE)
    page.goto(f"{tab.url}/learn?lang={language}&lesson={id}&class=1")
    where = page.locator(".slide-controls output")
    cut = slides(one.parts)
    found: list[str] = []
    for at, slide in enumerate(cut, start=1):
        page.wait_for_function(SHOWN, arg=[f"{at} / {len(cut)}", str(at)])
        tab.rest()
        found += _measured(tab, at, is_square=language == "zh")
        for question in (part for part in slide if isinstance(part, QuizQuestion)):
            # The first step forward reveals the answer, and the slide stays.
            page.keyboard.press("PageDown")
            asked = tab.main.locator(f".st-key-question_{question.name}")
            asked.get_by_test_id("stAlert").first.wait_for()
            tab.rest()
            assert where.inner_text() == f"{at} / {len(cut)}"
            found += _measured(tab, at, is_square=language == "zh")
        page.keyboard.press("PageDown" if at < len(cut) else "PageUp")
    expect(where).to_have_text(f"{len(cut) - 1} / {len(cut)}")
    expect(tab.sidebar).to_be_hidden()
    page.keyboard.press("Escape")
    expect(where).to_have_count(0)
    expect(tab.main.get_by_role("heading", name=one.title, exact=True)).to_be_visible()
    tab.expect_no_address("class=")
    assert "\n".join(found) == ""


def _measured(tab: Explore, at: int, *, is_square: bool) -> list[str]:
    """What is wrong in this window and, of two, in the other, which the next slide meets first."""
    found = [f"slide {at}: {fault}" for fault in tab.page.evaluate(FAULTS)]
    if is_square:
        other = SQUARE if tab.page.viewport_size == WIDE else WIDE
        tab.page.set_viewport_size(other)
        # Figures follow the window a moment later.
        tab.page.wait_for_timeout(60)
        size = f"{other['width']} × {other['height']}"
        found += [f"slide {at}, {size}: {fault}" for fault in tab.page.evaluate(FAULTS)]
    return found


@pytest.mark.parametrize("height", [720, 1080])
def test_figures_and_their_type_follow_the_window(open_in_tab: Opened, height: int) -> None:
    window = {"width": height * 16 // 9, "height": height}
    cut = slides(lesson("dense", "en").shown({}))
    at = next(at for at, one in enumerate(cut) if any(isinstance(p, Figure) for p in one))
    app = open_in_tab("lang=en", viewport=window)
    app.page.goto(f"{app.url}/learn?lang=en&lesson=dense&class=1&slide={at}")
    text = app.page.locator(".js-plotly-plot .annotation-text").first
    # 12 pixels in the usual size.
    expect(text).to_have_css("font-size", f"{12 * 1.8 * height / 720:g}px")
    tall = app.page.locator(".js-plotly-plot").first.evaluate("chart => chart.clientHeight")
    assert 0.6 * height < tall < 0.74 * height
