"""The Read page from a folder, the network off: what it computes is what NumPy computes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

import rnnviz as rv
from rnnviz.site.read import page_networks
from tests.browser.chromium import launch
from tests.browser.live import in_double

# All numbers that the page has of a signal, (step, unit).
NUMBERS = """(signal) => {
  const playhead = rnnvizPlayheads.get("panels");
  const at = (step) => [...playhead.valuesAt("panels", signal, step)];
  return Array.from({ length: playhead.length }, (_, step) => at(step));
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = launch(playwright)
        yield launched
        launched.close()


@pytest.fixture
def opened(browser: Browser, site: Path) -> Iterator[Any]:
    """Opens a page of the folder; nothing may be asked of a network, and nothing may fail."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_page(address: str = "en/read.html", **options: Any) -> Page:
        context = browser.new_context(offline=True, **options)
        contexts.append(context)
        context.set_default_timeout(10_000)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        context.on("request", lambda one: errors.append(one.url) if one.url[:4] == "http" else None)
        context.on("requestfailed", lambda one: errors.append(f"failed: {one.url}"))
        page = context.new_page()
        path, _, rest = address.partition("#")
        page.goto(f"{(site / path).as_uri()}#{rest}")
        expect(page.locator(".hm image").first).to_be_visible()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not errors


def check_numbers(page: Page, model: rv.Model, text: str, **options: Any) -> rv.Trace:
    """The page has the numbers of this model's run on this text."""
    kind = "characters" if model.vocabulary is not None else "numbers"
    trace = rv.trace(in_double(model), rv.parse(text, kind=kind), **options)
    expect(page.locator("[data-part=slider]")).to_have_attribute("max", str(trace.sequence.n_steps))
    for name, values in trace.layers[0].signals.items():
        np.testing.assert_allclose(
            page.evaluate(NUMBERS, name), values[:, 0], rtol=1e-11, atol=1e-12
        )
    if trace.output_names:
        shown = page.evaluate(NUMBERS, trace.output_signal)
        np.testing.assert_allclose(shown, trace.outputs[:, 0], rtol=1e-11, atol=1e-12)
    return trace


def test_every_network_of_the_list_computes_what_numpy_computes(opened: Any) -> None:
    page = opened()
    offered = page.locator("[data-place=model] option")
    keys = offered.evaluate_all("(options) => options.map((one) => one.value)")
    assert keys == [network.key for network in page_networks()]
    assert {key.removeprefix("untrained_") for key in keys} >= set(rv.CELLS)
    for network in page_networks():
        page.locator("[data-place=model]").select_option(network.key)
        expect(page.locator("[data-place=about]")).to_have_text(network.about("en"))
        expect(page.locator("[data-place=text]")).to_have_value(network.examples[0])
        check_numbers(page, network.model, network.examples[0])


def test_a_typed_text_is_read_at_once_and_answered(opened: Any) -> None:
    page = opened("zh/read.html#model=brackets_lstm")
    model = network_of("brackets_lstm")
    for text in ("([{", "([{}])()", "("):
        page.locator("[data-place=text]").fill(text)
        trace = check_numbers(page, model, text)
        best = trace.output_names[trace.outputs[-1, 0].argmax()]
        expect(page.locator("[data-place=answer] [data-part=name]")).to_have_text(best)
        expect(page.locator(".rnnviz-here")).to_contain_text(text[-1])
        columns = page.evaluate(
            "() => document.querySelector('[data-place=chart]').data.map(({ z }) => z[0].length)"
        )
        assert set(columns) == {len(text)}


def test_what_it_does_not_know_is_told(opened: Any) -> None:
    page = opened("en/read.html#model=brackets_lstm")
    page.locator("[data-place=text]").fill("(x)y")
    expect(page.locator("[data-place=notice]")).to_have_text(
        "This network does not know x y; it is left out."
    )
    check_numbers(page, network_of("brackets_lstm"), "()")
    page.locator("[data-place=text]").fill("xyz")
    # The picture of what could be read stays.
    check_numbers(page, network_of("brackets_lstm"), "()")
    page.locator("[data-place=model]").select_option("untrained_gru")
    page.locator("[data-place=text]").fill("Cat")
    expect(page.locator("[data-place=notice]")).to_have_text(
        "This network does not know C; it reads c there."
    )
    check_numbers(page, network_of("untrained_gru"), "cat")


def test_numbers_are_typed_step_by_step(opened: Any) -> None:
    page = opened("en/read.html#model=adding_gru&text=0.5+1;0.25+0;0.125+1")
    check_numbers(page, network_of("adding_gru"), "0.5 1; 0.25 0; 0.125 1")
    page.locator("[data-place=text]").fill("0.5 1 2; 3")
    expect(page.locator("[data-place=notice]")).to_contain_text("reads 2 numbers a step")


def test_a_held_gate_is_listed_undone_and_let_go(opened: Any) -> None:
    page = opened("en/read.html#model=untrained_lstm&text=hello")
    model = network_of("untrained_lstm")
    page.locator('[data-gate="forget"]').focus()
    page.keyboard.press("End")
    chip = page.get_by_role("button", name="forget gate = 1.00")
    expect(chip).to_be_visible()
    check_numbers(page, model, "hello", intervene=[rv.Clamp("forget", 1)])
    # Another text is read with the gate still held.
    page.locator("[data-place=text]").fill("abc")
    check_numbers(page, model, "abc", intervene=[rv.Clamp("forget", 1)])
    page.get_by_role("button", name="Undo").click()
    expect(chip).to_be_hidden()
    check_numbers(page, model, "abc")


def test_it_is_used_with_the_keyboard_alone_on_a_phone(opened: Any) -> None:
    page = opened(viewport={"width": 390, "height": 844}, has_touch=True)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    page.locator("[data-place=model]").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-place=text]")).to_have_value(page_networks()[1].examples[0])
    page.keyboard.press("Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type("([])")
    check_numbers(page, network_of("brackets_lstm"), "([])")
    page.locator("[data-part=play]").focus()
    page.keyboard.press("Home")
    expect(page.locator("[data-place=answer] [data-part=name]")).to_have_text("1")
    answer, chart = (
        page.locator(f"[data-place={name}]").bounding_box() for name in ("answer", "chart")
    )
    assert answer["y"] + answer["height"] <= chart["y"]


def test_the_picture_follows_the_ground(opened: Any) -> None:
    page = opened(color_scheme="dark")
    ink = "() => document.querySelector('[data-place=chart]').layout.xaxis.tickfont.color"
    assert page.evaluate(ink) == "#e8ebf0"
    page.emulate_media(color_scheme="light")
    page.wait_for_function(f"{ink.replace('() => ', '() => (')}) === '#1c2430'")


def network_of(key: str) -> rv.Model:
    return next(one.model for one in page_networks() if one.key == key)
