"""A long sequence on the page: recorded, seen whole, zoomed down to steps, and found again."""

from __future__ import annotations

import random
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opened
from tests.browser.explore import Explore, box_of
from tests.browser.test_upload import choose

N_CHARACTERS = 30_000
SPIKE = 123_456
TEXT = "".join(random.Random(0).choices("abcdefghij \n", k=N_CHARACTERS))
# Of the chart that is shown: its axis' range, and a panel's least and most with where the most is.
SPREAD = """() => {
  const { data } = document.querySelector('.st-key-panels .js-plotly-plot');
  const hidden = data.find((one) => one.name === 'hidden');
  const { x0, dx, _length: columns } = hidden;
  const rows = document.querySelector('.st-key-panels .js-plotly-plot').calcdata
    .flat().find((one) => one.trace?.name === 'hidden').z;
  return [...rows].map((row) => {
    const steps = [...row];
    const usual = steps[0];
    const far = steps.map((value) => Math.abs(value - usual));
    const most = Math.max(...far);
    return { most, at: x0 + dx * far.indexOf(most), dx };
  });
}"""


def where(app: Explore) -> tuple[int, int, int]:
    """First and last step shown, and how many there are."""
    said = app.page.locator(".minimap .where").text_content() or ""
    first, last, count = (int(n.replace(",", "")) for n in re.findall(r"[\d,]+", said))
    return first, last, count


def expect_where(app: Explore, said: str) -> None:
    expect(app.page.locator(".minimap .where")).to_have_text(said)
    app.rest()


def tool(app: Explore, name: str) -> None:
    app.page.locator(f".minimap [data-part={name}]").click()


def drag(app: Explore, start: float, stop: float) -> None:
    """Over the first heatmap, from one part of its width to another."""
    box = box_of(app.page.locator(".st-key-panels .js-plotly-plot .nsewdrag").first)
    y = box.top + box.height / 2
    app.page.mouse.move(box.left + start * box.width, y)
    app.page.mouse.down()
    app.page.mouse.move(box.left + (start + stop) / 2 * box.width, y, steps=4)
    app.page.mouse.move(box.left + stop * box.width, y, steps=4)
    app.page.mouse.up()


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("long") / "book.txt"
    path.write_text(TEXT, "utf-8")
    return path


@pytest.fixture
def reader(app: Explore, book: Path) -> Explore:
    """The app with a book of 30,000 characters, all of it shown."""
    choose(app, book)
    expect_where(app, "Steps 1–30,000 of 30,000")
    app.press("Escape")
    expect(app.main).to_contain_text("30,000 characters")
    return app


def test_a_book_is_shown_whole_and_zoomed_by_dragging_down_to_its_characters(
    reader: Explore,
) -> None:
    expect(reader.slider).to_have_count(0)
    drag(reader, 0.2, 0.4)
    reader.expect_address("from=")
    first, last, _ = where(reader)
    assert first == pytest.approx(6_000, abs=200)
    assert last == pytest.approx(12_000, abs=200)
    reader.rest()
    drag(reader, 0.5, 0.6)
    expect(reader.slider).to_be_visible()
    reader.rest()
    first, last, _ = where(reader)
    assert first == pytest.approx(9_000, abs=200)
    assert last - first < 1_000

    slider = reader.slider
    assert (slider.get_attribute("min"), slider.get_attribute("max")) == (str(first), str(last))
    reader.part("first").click()
    reader.part("forward").click()
    expect(reader.part("where")).to_have_text(f"step {first + 1:,} of 30,000 · ")
    token = {" ": "␣", "\n": "⏎"}.get(TEXT[first], TEXT[first])
    expect(reader.part("token")).to_have_text(token)
    expect(reader.main.locator(".st-key-arithmetic")).to_contain_text(f"step {first + 1}")
    reader.expect_address(f"step={first}")


def test_the_browsers_way_back_undoes_a_zoom_and_so_does_the_button(reader: Explore) -> None:
    tool(reader, "closer")
    expect_where(reader, "Steps 11,251–18,750 of 30,000")
    reader.expect_address("from=11250")
    tool(reader, "later")
    expect_where(reader, "Steps 15,001–22,500 of 30,000")
    reader.expect_address("from=15000")
    reader.page.go_back()
    expect_where(reader, "Steps 11,251–18,750 of 30,000")
    tool(reader, "undo")
    expect_where(reader, "Steps 1–30,000 of 30,000")
    reader.expect_no_address("from=")


def test_a_step_is_gone_to_by_its_number(reader: Explore) -> None:
    reader.page.locator(".minimap [data-part=go]").fill("12345")
    reader.page.keyboard.press("Enter")
    reader.stands_on(12_345)
    expect_where(reader, "Steps 11,846–12,845 of 30,000")


def test_the_ribbon_is_clicked_and_keys_zoom_and_move(reader: Explore) -> None:
    tool(reader, "closer")
    expect_where(reader, "Steps 11,251–18,750 of 30,000")
    strip = box_of(reader.page.locator(".minimap .strip"))
    reader.page.mouse.click(strip.left + 0.25 * strip.width, strip.top + strip.height / 2)
    reader.expect_address("from=3")
    reader.rest()
    first, last, _ = where(reader)
    assert (first + last) / 2 == pytest.approx(7_500, abs=40)
    reader.press("-")
    expect_where(reader, "Steps 1–30,000 of 30,000")
    reader.press("+")
    expect_where(reader, "Steps 11,251–18,750 of 30,000")
    reader.press("Shift+ArrowLeft")
    expect_where(reader, "Steps 7,501–15,000 of 30,000")


def test_one_step_that_stands_out_is_seen_in_the_whole(newcomer: Explore, tmp_path: Path) -> None:
    values = np.zeros((200_000, 1))
    values[SPIKE] = 50.0
    np.save(tmp_path / "spike.npy", values)
    app = newcomer.open("cell=rnn")
    choose(app, tmp_path / "spike.npy")
    expect_where(app, "Steps 1–200,000 of 200,000")
    found = max(app.page.evaluate(SPREAD), key=lambda row: row["most"])
    assert found["most"] > 0.5
    assert found["at"] == pytest.approx(SPIKE + 1, abs=found["dx"])


@pytest.mark.parametrize(
    "window", ["from=-5&to=99999999", "from=abc&to=%00", "from=29999&to=3", "to=1e9&from=9" * 40]
)
def test_a_window_that_there_is_not_shows_one_that_there_is(newcomer: Explore, window: str) -> None:
    app = newcomer.open(f"text={'ab' * 600}&{window}")
    expect(app.page.locator(".minimap .where")).to_be_visible()
    app.rest()
    expect(app.crash).to_have_count(0)
    first, last, count = where(app)
    assert 1 <= first < last <= count == 1_200


def test_a_recording_shows_how_far_it_is_stops_and_begins_again(app: Explore) -> None:
    # So many that a hand is quicker than the recording.
    app.page.goto(f"{app.url}/?units=64")
    app.rest()
    app.main.get_by_role("button", name="Samples").click()
    app.dialog.get_by_role("button", name="An hour of heartbeats").click()
    progress = app.main.get_by_test_id("stProgress")
    expect(progress).to_contain_text("of 360,000 steps")
    # Never another text's picture under this one's name.
    expect(app.page.locator(".st-key-skeleton")).to_be_visible()
    app.main.get_by_role("button", name="Stop").click()
    expect(progress).to_contain_text("Stopped")
    app.main.get_by_role("button", name="Record again").click()
    expect(app.main.get_by_role("button", name="Stop")).to_be_visible()
    app.main.get_by_role("button", name="Stop").click()
    expect(progress).to_contain_text("Stopped")


def test_a_phone_shows_all_of_it_without_scrolling_sideways(open_in_tab: Opened) -> None:
    query = f"text={'ab' * 600}"
    app = open_in_tab(query, viewport={"width": 390, "height": 844})
    expect(app.page.locator(".minimap .where")).to_have_text("Steps 1–1,200 of 1,200")
    app.rest()
    assert app.page.evaluate("document.documentElement.scrollWidth") == 390
    for part in ("strip", "whole", "undo", "go"):
        box = box_of(app.page.locator(f".minimap [data-part={part}]"))
        assert box.left >= 0
        assert box.right <= 390
