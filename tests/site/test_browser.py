"""The static edition in Chromium, opened from its folder with the network off."""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from rnnviz.figures.theme import Look
from rnnviz.i18n import LANGUAGES, word
from rnnviz.lessons.lesson import Figure
from rnnviz.lessons.registry import LESSONS, lesson, lesson_code

PHONE = {"width": 390, "height": 844}

# Numbers of every trace of a figure, whatever way Plotly was given them.
NUMBERS = """chart => chart._fullData.map(({ x, y, z, type }) => [type, [...(z ?? y)].map((row) =>
    row?.length === undefined || typeof row === "string" ? row : [...row])])"""


def drawn(page: Page, name: str) -> Any:
    """Numbers that a figure shows, once it is drawn."""
    figure = page.locator(f"[data-figure={name}]")
    figure.scroll_into_view_if_needed()
    figure.locator(".js-plotly-plot[data-drawn]").wait_for()
    return figure.locator(".chart").evaluate(NUMBERS)


def app_numbers(id: str, name: str, chosen: dict[str, Any], look: Look) -> list[Any]:
    """The same as the app computes them."""
    code = lesson_code(id)
    figure = code.figures[name](code.settings(chosen), look)
    return [(one.get("z") if "z" in one else one["y"]) for one in figure["data"]]


def assert_same(shown: Any, expected: list[Any]) -> None:
    assert len(shown) == len(expected)
    for (_, came), wanted in zip(shown, expected, strict=True):
        wanted_array = np.asarray(wanted)
        if wanted_array.dtype.kind in "iuf":
            came_array = np.array(came, dtype=float)
            np.testing.assert_allclose(came_array, wanted_array, rtol=2e-7, atol=1e-30)
        else:
            assert list(map(str, came)) == list(map(str, wanted))


def expect_numbers(page: Page, name: str, expected: list[Any]) -> None:
    """Wait until a figure shows these numbers: a moved control changes it in a later frame."""
    for _ in range(100):
        with suppress(AssertionError):
            return assert_same(drawn(page, name), expected)
        page.wait_for_timeout(50)
    assert_same(drawn(page, name), expected)


def show_all(page: Page) -> None:
    """Reveal every question, one after the other."""
    page.evaluate("document.querySelectorAll('.anyway').forEach((button) => button.click())")
    expect(page.locator("section[data-after][hidden]")).to_have_count(0)


def test_the_edition_opens_on_the_front_page_in_the_readers_language(open_page):
    page = open_page("index.html", locale="zh-CN")
    expect(page.locator("h1")).to_have_text(word("site.title", "zh"))
    page.get_by_role("link", name="English").click()
    expect(page.locator("h1")).to_have_text(word("site.title", "en"))
    assert page.locator(".picture img").evaluate("(image) => image.naturalWidth > 0")
    page.locator(".cards a").nth(4).click()
    expect(page.locator("h1")).to_have_text(lesson("gru", "en").title)
    page.get_by_role("link", name="中文").click()
    expect(page.locator("h1")).to_have_text(lesson("gru", "zh").title)
    # The choice is kept for the next time.
    page.goto(page.url.replace("zh/lesson-gru.html", "index.html"))
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


@pytest.mark.parametrize(
    ("id", "language"), [(id, LANGUAGES[at % 2]) for at, id in enumerate(LESSONS)]
)
def test_figures_of_a_lesson_show_the_apps_numbers(open_page, id, language):
    page = open_page(f"{language}/lesson-{id}.html")
    show_all(page)
    for part in lesson(id, language).parts:
        if isinstance(part, Figure):
            shown = drawn(page, part.name)
            assert_same(shown, app_numbers(id, part.name, {}, Look(language)))


def test_a_slider_changes_figures_and_numbers_of_the_text_by_keyboard(open_page):
    page = open_page("en/lesson-forgets.html")
    show_all(page)
    drawn(page, "fading")
    slider = page.locator("[data-control=radius]")
    slider.focus()
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "1.50")
    expect(page.get_by_text("At 1.50, ")).to_have_count(1)
    expect_numbers(page, "fading", app_numbers("forgets", "fading", {"radius": 1.5}, Look()))
    # Two controls, of which each stands somewhere else.
    page.locator("[data-control=bias]").focus()
    page.keyboard.press("ArrowLeft")
    chosen = {"radius": 1.5, "bias": 3.5}
    expect_numbers(page, "keeping", app_numbers("forgets", "keeping", chosen, Look()))


def test_a_gate_is_held_and_let_go(open_page):
    page = open_page("en/lesson-gru.html")
    show_all(page)
    drawn(page, "identity")
    page.locator("[data-hold=reset]").check()
    held = {"reset": 1.0}
    expect_numbers(page, "identity", app_numbers("gru", "identity", held, Look()))
    page.locator("[data-hold=reset]").uncheck()
    expect_numbers(page, "identity", app_numbers("gru", "identity", {}, Look()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_reveals_what_follows_and_the_answer_is_kept(open_page, language):
    page = open_page(f"{language}/lesson-gru.html")
    text, code = lesson("gru", language), lesson_code("gru")
    name = text.questions[0].name
    form = page.locator(f"form[data-name={name}]")
    hidden = page.locator(f"section[data-after={name}]")
    follows = page.locator(f"[data-until={name}]")
    expect(hidden).to_be_hidden()
    expect(follows).to_have_text(word("learn.goes_on.2", language, count=2))
    form.locator(f"input[value='{code.answers[name]()}']").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(form.locator(".verdict .yes").first).to_be_visible()
    expect(hidden).to_be_visible()
    expect(follows).to_be_hidden()
    page.reload()
    expect(form.locator(".verdict .yes").first).to_be_visible()
    expect(hidden).to_be_visible()
    page.locator("#again").click()
    expect(hidden).to_be_hidden()


def test_exercises_are_checked_in_the_page(open_page):
    page = open_page("en/lesson-forgets.html")
    show_all(page)
    wanted = lesson_code("forgets").exercises["steps"].value()
    form = page.locator("form[data-name=steps]")
    for answer, mark in (("7", ".no"), (str(wanted), ".yes")):
        form.locator("input").fill(answer)
        form.get_by_role("button").click()
        expect(form.locator(f".verdict > {mark}").first).to_be_visible()
    by_settings = page.locator("form[data-name=open_gate]")
    by_settings.get_by_role("button").click()
    expect(by_settings.locator(".verdict > .no")).to_be_visible()
    page.locator("[data-control=bias]").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    by_settings.get_by_role("button").click()
    expect(by_settings.locator(".verdict > .yes")).to_be_visible()


def test_the_live_cell_steps_with_the_player(open_page):
    page = open_page("zh/lesson-lstm_gates.html")
    page.locator(".live .js-plotly-plot[data-drawn]").wait_for()
    trace = lesson_code("lstm_gates").widgets["cell"](lesson_code("lstm_gates").settings()).trace
    page.locator("[data-part=forward]").click()
    page.locator("[data-part=forward]").click()
    forget = trace["forget"][2, 0, 0]
    expect(page.locator("table.shown, .value-table tbody tr").first).to_contain_text(
        f"{forget:.4f}"
    )
    expect(page.locator("[data-part=drawing] text").first).to_be_attached()


@pytest.mark.parametrize(
    "path", ["en/index.html", "zh/lesson-gru.html", "en/lesson-lstm_step.html", "zh/glossary.html"]
)
def test_a_phone_shows_a_page_without_scrolling_sideways(open_page, path):
    page = open_page(path, viewport=PHONE)
    figures = page.locator("[data-figure], [data-live]").filter(visible=True)
    if figures.count():
        figures.first.scroll_into_view_if_needed()
        figures.first.locator(".js-plotly-plot[data-drawn]").wait_for()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    links = page.locator("header.site > a, header.site .languages a").all()
    middles = [box["y"] + box["height"] / 2 for box in map(Locator.bounding_box, links) if box]
    # The other language stands in the line of the name.
    assert len(middles) == 2
    assert abs(middles[0] - middles[1]) < 4


def test_a_dark_page_has_dark_figures(open_page):
    page = open_page("en/lesson-forgets.html", color_scheme="dark")
    show_all(page)
    drawn(page, "fading")
    chart, code = page.locator("[data-figure=fading] .chart"), lesson_code("forgets")
    wanted = code.figures["fading"](code.settings(), Look(dark=True))["layout"]["font"]["color"]
    assert chart.evaluate("({ layout }) => layout.font.color") == wanted
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(20, 24, 31)"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *given: object) -> None:
        pass


def test_after_one_visit_every_page_opens_without_the_server(browser, site):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    context = browser.new_context()
    try:
        page = context.new_page()
        at = f"http://127.0.0.1:{server.server_port}"
        page.goto(f"{at}/en/index.html")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.wait_for_function("navigator.serviceWorker.controller", timeout=30_000)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    try:
        page.goto(f"{at}/zh/lesson-dense.html")
        expect(page.locator("h1")).to_have_text(lesson("dense", "zh").title)
        show_all(page)
        drawn(page, "span")
        page.goto(f"{at}/")
        expect(page.locator("h1")).to_have_text(word("site.title", "en"))
    finally:
        context.close()
