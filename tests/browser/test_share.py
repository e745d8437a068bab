"""What one takes away opens elsewhere and says the same; one page serves every test."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

import rnnviz as rv
from rnnviz.ui.url import write_names
from tests.browser.conftest import Opened
from tests.browser.explore import Explore

NAMES = ("reset gate", "update gate", "candidate", "hidden state")
HIDDEN = """() => Array.from({ length: rnnvizPlayheads.get("panels").length }, (_, step) =>
  [...rnnvizPlayheads.get("panels").valuesAt("panels", "hidden", step)])"""
TEXT = "Привет, 你好 & <b>\"hi\"</b> 'ok' \\n 👋🏽"


@pytest.fixture(scope="module")
def trace() -> rv.Trace:
    return rv.trace(network(), rv.parse(TEXT, kind="characters", encoding="embedding", size=5))


def network() -> rv.Model:
    return rv.random_model("gru", 5, 6, 2, direction="both", seed=3, init="orthogonal", gain=2)


@pytest.fixture(scope="module")
def app(open_once: Opened) -> Explore:
    choices = "cell=gru&units=6&layers=2&direction=both&seed=3&init=orthogonal&gain=2"
    shown = urlencode(
        {"text": TEXT, "show": write_names(["reset", "update", "candidate", "hidden"])}
    )
    app = open_once(f"{choices}&encoding=embedding&size=5&{shown}")
    app.page.get_by_role("button", name="Share").click()
    expect(app.dialog).to_be_visible()
    return app


def taken(app: Explore, name: str, folder: Path) -> Path:
    """The file that a button of the popover gives."""
    with app.page.expect_download() as waited:
        app.dialog.get_by_role("button", name=name, exact=True).click()
    path = folder / waited.value.suggested_filename
    waited.value.save_as(path)
    expect(app.dialog).to_be_visible()
    return path


def test_the_png_is_the_svg_at_twice_its_size(app: Explore, tmp_path: Path) -> None:
    root = ElementTree.parse(taken(app, "SVG", tmp_path)).getroot()
    with Image.open(taken(app, "PNG", tmp_path)) as picture:
        assert picture.format == "PNG"
        assert picture.size == tuple(2 * int(root.attrib[side]) for side in ("width", "height"))


def test_the_svg_has_a_heatmap_for_every_signal_and_the_cell_beside_them(
    app: Explore, trace: rv.Trace, tmp_path: Path
) -> None:
    root = ElementTree.parse(taken(app, "SVG", tmp_path)).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    names = [text for text in NAMES if text in said(root)]
    assert names == list(NAMES)
    assert sum(1 for element in root.iter() if element.tag.endswith("}image")) >= 4
    n_steps = len(trace.sequence.tokens[0])
    assert f"GRU (paper, 2014): step {n_steps} of {n_steps}, unit 0" in said(root)
    for gate in ("reset", "update", "candidate"):
        value = trace.layers[0].signals[gate][n_steps - 1, 0, 0]
        assert f"{value:.2f}".replace("-", "−") in said_by(root, gate)
    frames = [one for one in root.iter() if one.get("class") == "rnnviz-box"]
    assert len(frames) == len(NAMES)


def said(root: ElementTree.Element) -> str:
    return " ".join(root.itertext())


def said_by(root: ElementTree.Element, node: str) -> str:
    """All that stands at a node of the cell."""
    return " ".join(said(one) for one in root.iter() if one.get("data-node") == node)


def test_the_picture_is_of_the_step_and_the_unit_that_are_shown(
    open_in_tab: Opened, tmp_path: Path
) -> None:
    app = open_in_tab("text=A%20long%20way%20round%20the%20hill&step=7&pick=forget.3&veil=off")
    app.page.get_by_role("button", name="Share").click()
    root = ElementTree.parse(taken(app, "SVG", tmp_path)).getroot()
    assert "LSTM: step 8 of 25, unit 3" in said(root)
    assert "“w”" in said_by(root, "x")


@pytest.mark.parametrize("length", [30, 90])
def test_a_saved_axis_has_every_letter_or_numbers_alone(
    open_in_tab: Opened, tmp_path: Path, length: int
) -> None:
    text = ("the cat sat on the mat and then " * 3)[:length]
    app = open_in_tab(urlencode({"text": text}), viewport={"width": 800, "height": 700})
    app.page.get_by_role("button", name="Share").click()
    root = ElementTree.parse(taken(app, "SVG", tmp_path)).getroot()
    ticks = [said(one) for one in root.iter() if one.get("class") == "xtick"]
    letters = "".join(re.sub(r"[\d\s]", "", tick) for tick in ticks)
    if length == 30:
        assert letters == text.replace(" ", "␣")
    else:
        assert letters == ""
        assert {"1", "90"} <= {tick.strip() for tick in ticks}


def test_the_csv_and_the_parquet_hold_every_number(
    app: Explore, trace: rv.Trace, tmp_path: Path
) -> None:
    wanted = trace.to_frame()
    csv = pd.read_csv(taken(app, "CSV", tmp_path), keep_default_na=False)
    parquet = pd.read_parquet(taken(app, "PARQUET", tmp_path))
    for read in (csv, parquet):
        assert list(read.columns) == list(wanted.columns)
        assert read["token"].tolist() == wanted["token"].tolist()
        for name in ("reset", "update", "candidate", "hidden"):
            np.testing.assert_allclose(read[name], wanted[name], rtol=1e-6)


def test_the_npz_is_the_trace(app: Explore, trace: rv.Trace, tmp_path: Path) -> None:
    loaded = rv.Trace.load(taken(app, "NPZ", tmp_path))
    assert loaded.sequence.tokens == trace.sequence.tokens
    assert len(loaded.layers) == len(trace.layers) == 4
    for mine, theirs in zip(loaded.layers, trace.layers, strict=True):
        for name, values in theirs.signals.items():
            np.testing.assert_array_equal(mine.signals[name], values)


def test_the_python_lines_make_the_same_trace(
    app: Explore, trace: rv.Trace, tmp_path: Path
) -> None:
    script = tmp_path / "same.py"
    script.write_text(app.dialog.get_by_test_id("stCode").last.inner_text(), "utf-8")
    made = runpy.run_path(str(script))["trace"]
    for mine, theirs in zip(made.layers, trace.layers, strict=True):
        np.testing.assert_array_equal(mine.signals["hidden"], theirs.signals["hidden"])


def test_the_link_shown_is_the_address_of_the_page(app: Explore) -> None:
    link = app.dialog.get_by_test_id("stCode").first.inner_text().strip()
    assert choices_in(link) == choices_in(app.page.url)


def test_the_link_says_where_the_cursor_came_to_rest_since_the_page_was_drawn(
    open_page: Opened,
) -> None:
    app = open_page()
    app.slider.fill("5")
    app.expect_address("step=4")
    app.rest()
    app.page.get_by_role("button", name="Share").click()
    expect(app.dialog.get_by_test_id("stCode").first).to_contain_text("step=4")


def test_the_html_steps_in_a_browser_without_a_network(
    app: Explore, trace: rv.Trace, browser: Browser, tmp_path: Path
) -> None:
    path = taken(app, "HTML", tmp_path)
    assert "<title>Untrained network · GRU (paper, 2014)</title>" in path.read_text("utf-8")
    context = browser.new_context(offline=True)
    asked: list[str] = []
    errors: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("weberror", lambda error: errors.append(str(error.error)))
    page = context.new_page()
    page.goto(path.as_uri())
    expect(page.locator(".hm image")).to_have_count(4)
    n_steps = str(len(rv.parse(TEXT).tokens[0]))
    expect(page.locator("[data-part=slider]")).to_have_value(n_steps)
    page.keyboard.press("Home")
    expect(page.locator("[data-part=slider]")).to_have_value("1")
    expect(page.locator("[data-part=token]")).to_have_text("П")
    page.locator("[data-part=forward]").click()
    expect(page.locator("[data-part=token]")).to_have_text("р")
    expect(page.locator(".rnnviz-box")).to_have_count(4)
    # The cell follows the player, and picks as on the page.
    expect(page.locator("text[data-node=x][data-role=token]")).to_have_text("x: “р”")
    update = page.locator("text[data-node=update][data-role=value]")
    for unit in (0, 1):
        value = trace.layers[0].signals["update"][1, 0, unit]
        expect(update).to_contain_text(f"{value:.2f}")
        page.locator("[data-part=below]").click()
    hold_in_the_saved_page(page, trace)
    type_in_the_saved_page(page, trace)
    chart, cell = (page.locator(place).bounding_box() for place in (".svg-container", ".cell"))
    assert chart["x"] + chart["width"] <= cell["x"]
    context.close()
    assert not errors
    assert asked == [path.as_uri()]


def hold_in_the_saved_page(page: Page, trace: rv.Trace) -> None:
    """A gate that is held there changes all that follows, as NumPy has it, and can be let go."""
    gate = page.locator('[data-gate="update"]')
    gate.focus()
    page.keyboard.press("End")
    expect(page.get_by_role("button", name="update gate = 1.00")).to_be_visible()
    held = rv.Clamp("update", 1)
    wanted = rv.trace(network(), trace.sequence, intervene=[held])["hidden"][:, 0]
    np.testing.assert_allclose(page.evaluate(HIDDEN), wanted, atol=1e-6)
    badge = page.locator('[data-release="update"]')
    expect(badge).to_be_visible()
    badge.click()
    expect(badge).to_be_hidden()
    np.testing.assert_allclose(page.evaluate(HIDDEN), trace["hidden"][:, 0], atol=1e-6)


def type_in_the_saved_page(page: Page, trace: rv.Trace) -> None:
    """Another text of letters that the network was given is read there, as NumPy reads it."""
    rows = dict(zip(trace.sequence.tokens[0], trace.sequence.values[:, 0], strict=True))
    text = "тир & 好"
    page.locator("[data-place=text]").fill(text + "z")
    expect(page.locator("[data-place=notice]")).to_have_text(
        "This network does not know z; it is left out."
    )
    expect(page.locator("[data-part=slider]")).to_have_attribute("max", str(len(text)))
    wanted = rv.trace(network(), np.array([rows[letter] for letter in text]))["hidden"][:, 0]
    np.testing.assert_allclose(page.evaluate(HIDDEN), wanted, atol=1e-6)


def choices_in(link: str) -> dict[str, str]:
    """What a link chooses, without its language and the model that an old link leaves out."""
    chosen = dict(parse_qsl(urlsplit(link).query))
    return {name: value for name, value in chosen.items() if name not in ("lang", "model")}
