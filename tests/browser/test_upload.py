"""Files, given through the file chooser as people do."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Opened
from tests.browser.explore import Explore

WEATHER = """date,temperature,rain,sky
2024-01-01,1.5,0,clear
2024-01-02,2.5,3.25,rain
2024-01-03,,1.5,rain
2024-01-04,-0.5,,snow
2024-01-05,0.25,0,clear
"""
DATES = [f"2024-01-0{day}" for day in range(1, 6)]


def choose(app: Explore, path: Path) -> None:
    """Give a file through the chooser that the upload's button opens."""
    app.page.get_by_role("button", name="Upload").first.click()
    with app.page.expect_file_chooser() as waited:
        app.dialog.get_by_role("button", name="Upload", exact=True).click()
    waited.value.set_files(path)


def picture(app: Explore) -> list[str]:
    """The pixels of every heatmap."""
    app.rest()
    pixels: list[str] = app.heatmaps.evaluate_all(
        "images => images.map((image) => image.getAttribute('href'))"
    )
    return pixels


def pick_and_see(app: Explore, label: str, option: str) -> None:
    """Choose in the drawer and wait until the picture is another one."""
    before = picture(app)[0]
    app.pick(label, option)
    expect(app.heatmaps.first).not_to_have_attribute("href", before)


def click_and_see(app: Explore, column: str) -> None:
    """Click a column and wait until the picture is another one."""
    before = picture(app)[0]
    app.main.get_by_role("button", name=column, exact=True).click()
    expect(app.heatmaps.first).not_to_have_attribute("href", before)


def png() -> bytes:
    """A picture of one black pixel."""
    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    chunks = (b"IHDR", head), (b"IDAT", zlib.compress(b"\0\0")), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def test_a_table_of_dates_numbers_categories_and_gaps_is_drawn_and_travels_in_the_link(
    app: Explore, open_page: Opened, tmp_path: Path
) -> None:
    path = tmp_path / "weather, 北京.csv"
    path.write_text(WEATHER, "utf-8")
    choose(app, path)
    app.expect_tokens(DATES)
    app.stands_on(len(DATES))
    expect(app.main).to_contain_text("weather, 北京.csv")
    expect(app.main).to_contain_text("5 rows, 4 columns")

    app.press("Escape")
    click_and_see(app, "sky")
    click_and_see(app, "rain")
    app.open_drawer()
    expect(app.dialog).to_contain_text("Missing values: temperature 1")
    pick_and_see(app, "Scaling", "from 0 to 1")
    app.expect_address("scale=minmax")
    assert app.chosen["columns"] == '["temperature","sky"]'
    app.rest()

    other = open_page(app.page.url.partition("?")[2])
    other.expect_tokens(DATES)
    assert other.chosen == app.chosen
    assert other.table() == app.table()
    expect(other.main).to_contain_text("weather, 北京.csv")


def test_a_file_that_is_not_what_it_is_called_changes_nothing_but_a_sentence(
    app: Explore, tmp_path: Path
) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(png())
    table, drawn = app.table(), picture(app)
    choose(app, path)
    expect(app.alert).to_have_count(1)
    expect(app.alert).to_contain_text("table.csv")
    expect(app.crash).to_have_count(0)
    assert (app.table(), picture(app)) == (table, drawn)
    app.press("Escape")
    app.text.fill("and on")
    app.expect_tokens(list("and␣on"))
    expect(app.alert).to_have_count(0)


def test_a_text_file_goes_into_the_text_field(app: Explore, tmp_path: Path) -> None:
    path = tmp_path / "poem.txt"
    path.write_text("床前", "gb18030")
    choose(app, path)
    expect(app.text).to_have_value("床前")
    app.expect_tokens(["床", "前"])


def test_what_a_table_leaves_open_is_asked_and_the_answer_changes_the_picture(
    app: Explore, tmp_path: Path
) -> None:
    table = "day;price\n01/02/2024;1,234\n02/02/2024;2,345\n03/02/2024;0,456\n"
    (tmp_path / "open.csv").write_text(table)
    choose(app, tmp_path / "open.csv")
    order = app.main.get_by_role("combobox", name="read with the day first")
    expect(order).to_be_visible()
    app.expect_tokens(["2024-02-01", "2024-02-02", "2024-02-03"])
    order.click()
    app.page.get_by_role("option", name="month first").click()
    app.expect_tokens(["2024-01-02", "2024-02-02", "2024-03-02"])
    expect(app.main.get_by_role("combobox", name="read with the month first")).to_be_visible()
    app.expect_address("reading=")


def test_every_column_that_is_nearly_of_numbers_can_be_taken(app: Explore, tmp_path: Path) -> None:
    rows = "\n".join(f"{i / 2},{i},{i}" for i in range(1, 9))
    (tmp_path / "nearly.csv").write_text(f"value,rain,step\nbroken,trace,0\n{rows}\n")
    choose(app, tmp_path / "nearly.csv")
    for column, cell in (("value", "broken"), ("rain", "trace")):
        app.main.get_by_role("combobox", name=f"“{column}”").click()
        app.page.get_by_role("option", name=f"“{cell}” is a missing value").click()
        expect(app.main.get_by_role("combobox", name=column, exact=True)).to_be_visible()
    app.expect_address("trace")
    app.press("Escape")
    app.open_drawer()
    expect(app.dialog.get_by_text("value 1, rain 1")).to_be_visible()


def test_ways_on_from_a_refusal_are_read_whole(open_page: Opened, tmp_path: Path) -> None:
    app = open_page("model=preset:brackets_lstm")
    path = tmp_path / "weather.csv"
    path.write_text(WEATHER)
    choose(app, path)
    way = app.main.get_by_role("button", name="Read it with an untrained network")
    expect(way).to_be_visible()
    app.rest()
    is_cut = "all => all.some((one) => one.scrollWidth > one.clientWidth + 1)"
    assert not way.locator("div, span, p").evaluate_all(is_cut)
