"""The exported HTML: a network that reads what is typed, or a picture that is stepped through."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

import rnnviz as rv
from rnnviz.analysis.answer import answer
from rnnviz.analysis.panels import panels
from rnnviz.figures.panels import figure
from rnnviz.figures.plotly_json import to_page
from rnnviz.figures.theme import Look
from rnnviz.train import preset
from rnnviz.ui.player.diagram import diagram_packet
from rnnviz.ui.player.page_model import GROUP, PageView, layer_panels, page_model
from rnnviz.ui.player.player import player_packet
from rnnviz.ui.player.standalone_page import given_picture, standalone_page
from rnnviz.ui.player.typed_text import TypedField
from tests.site.reading import check_numbers

TEXT = "([)"
PICKED = {"picked": {"signal": "cell", "unit": 2}}
LOOK = Look("en")


@pytest.fixture
def open_html(browser: Browser, tmp_path: Path) -> Iterator[Any]:
    context = browser.new_context(offline=True)
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))

    def opened(html: str) -> Page:
        path = tmp_path / "page.html"
        path.write_text(html, "utf-8")
        page = context.new_page()
        page.goto(path.as_uri())
        return page

    yield opened
    context.close()
    assert not errors


@pytest.fixture(scope="module")
def model() -> rv.Model:
    return preset("brackets_lstm").model()


@pytest.fixture(scope="module")
def trace(model: rv.Model) -> rv.Trace:
    return rv.trace(model, rv.parse(TEXT, kind="characters"))


def picture(trace: rv.Trace, *, as_lines: bool) -> dict[str, Any]:
    every, _ = layer_panels(trace)
    place: dict[str, Any] = {"group": GROUP, "playhead": GROUP, "name": "", "language": "en"}
    drawn = to_page(figure(panels(trace, ["cell", "forget"]), LOOK, as_lines=as_lines))
    player = player_packet(every, step=1, jump=0, **place)
    return given_picture(drawn, player, diagram_packet(trace, every, layer=0, **place))


def test_a_picture_of_lines_is_stepped_through(open_html: Any, trace: rv.Trace) -> None:
    header = PICKED | {"examples": (), "about": "", "given": picture(trace, as_lines=True)}
    page = open_html(standalone_page(header, None, title="Lines", language="en", dark=False))
    expect(page.locator(".scatterlayer .trace")).to_have_count(24)
    expect(page.locator("[data-place=asked]")).to_be_hidden()
    expect(page.locator("[data-place=answer]")).to_be_hidden()
    expect(page.locator("[data-part=token]")).to_have_text("[")
    page.keyboard.press("End")
    expect(page.locator("text[data-node=x][data-role=token]")).to_have_text("x: “)”")
    value = trace["forget"][2, 0, 2]
    expect(page.locator("text[data-node=forget][data-role=value]")).to_contain_text(f"{value:.2f}")


def test_a_network_reads_what_is_typed(open_html: Any, model: rv.Model, trace: rv.Trace) -> None:
    every, shown = layer_panels(trace)
    field = TypedField("", TEXT, trace.sequence, "characters")
    view = PageView(0, every, shown, answer(trace, "brackets"), field, (TEXT,))
    made = page_model(model, trace, view, {"": LOOK})
    assert made is not None
    header, numbers = made
    header |= PICKED | {"given": picture(trace, as_lines=False)}
    page = open_html(standalone_page(header, numbers, title="Brackets", language="en", dark=False))
    # At first it stands where it was exported, with Python's own picture.
    expect(page.locator("[data-part=token]")).to_have_text("[")
    expect(page.locator(".hm image")).to_have_count(2)
    check_numbers(page, model, TEXT)
    page.locator("[data-place=text]").fill("((({")
    check_numbers(page, model, "((({")
    expect(page.locator("[data-place=answer] [data-part=name]")).to_have_text("4")
    expect(page.locator(".hm image")).to_have_count(len(shown))
    # It compares what it can: texts, and nothing that it does not have.
    offered = page.locator("[data-place=with] option")
    expect(offered).to_have_count(2)
    page.locator("[data-place=with]").select_option("text")
    expect(page.locator("[data-place=name_0]")).to_have_text("((({")
    expect(page.locator("[data-place=name_1]")).to_have_text(TEXT)
    expect(page.locator("[data-place=compare_most] tbody tr")).to_have_count(7)
    expect(page.locator("[data-place=opener]")).to_be_hidden()
