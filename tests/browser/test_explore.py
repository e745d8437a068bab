"""The page at first sight, what typing and choosing do, and where one can go from there."""

from __future__ import annotations

import random

import numpy as np
import pytest
from playwright.sync_api import expect

import rnnviz as rv
from rnnviz.analysis.signal_order import main_signals
from rnnviz.figures.theme import colour
from rnnviz.i18n import word
from tests.browser.conftest import Opened
from tests.browser.explore import Explore, box_of


def headings(cell: str) -> list[str]:
    """The signals of a cell that are shown at first, by the page's words."""
    return [word(f"signal.{name}") for name in main_signals(rv.CELLS[cell])]


TEXT = "The cat sat on the mat."
SIGNALS = headings("lstm")
QUICK = 150  # ms
A_WHILE = 1_000  # ms; the cursor counts as resting long before


def numbers(texts: list[str]) -> list[float]:
    return [float(text.replace("−", "-")) for text in texts]


PLACES = """() => Object.fromEntries(
    ["player", "chart", "diagram", "arithmetic"].map((name) => {
        const { top, bottom } = document.querySelector(`.st-key-${name}`).getBoundingClientRect();
        return [name, { top, bottom }];
    }))"""


def test_the_page_opens_with_a_picture_of_the_memory_and_every_gate(app: Explore) -> None:
    expect(app.heatmaps).to_have_count(len(SIGNALS))
    app.expect_tokens(list(TEXT.replace(" ", "␣")))
    app.stands_on(len(TEXT))
    assert list(app.table()) == ["unit", *SIGNALS]
    expect(app.alert).to_have_count(0)
    expect(app.page).to_have_title("rnnviz")
    expect(app.page.locator("p.hint")).to_be_visible()
    app.lie_still()
    lowest = box_of(app.heatmaps.last)
    assert lowest.top + lowest.height < 900, "every heatmap is seen without scrolling"


def test_every_number_of_the_table_is_what_python_computes(app: Explore) -> None:
    sequence = rv.parse(TEXT, kind="characters")
    step = random.randint(2, len(TEXT) - 1)
    app.slider.fill(str(step))
    for name, cell in rv.CELLS.items():
        model = rv.random_model(name, sequence.n_features, 16, seed=7, init="xavier", gain=3)
        trace = rv.trace(model, sequence)
        app.choose_cell(word(f"cell.{name}"))
        own = main_signals(cell)
        app.expect_headings(headings(name))
        first = f"{trace[own[0]][step - 1, 0, 0]:.4f}".replace("-", "−")
        expect(app.numbers.locator("td").first).to_have_text(first)
        app.stands_on(step)
        shown = app.table()
        assert shown.pop("unit") == [str(unit) for unit in range(16)]
        for signal, texts in zip(own, shown.values(), strict=True):
            wanted = trace[signal][step - 1, 0]
            np.testing.assert_allclose(numbers(texts), wanted, atol=5.1e-5, rtol=0)


def test_the_probabilities_of_the_simple_rnn_stand_under_their_own_names(tab: Explore) -> None:
    app = tab.open("cell=rnn&kind=words&text=red+green+red&units=4&seed=3&step=1")
    sequence = rv.parse("red green red", kind="words")
    trace = rv.trace(rv.random_model("rnn", 2, 4, seed=3, init="xavier", gain=3), sequence)
    shown = app.table(app.outputs)
    assert shown["output"] == list(trace.output_names) == ["red", "green"]
    wanted = trace["probabilities"][1, 0]
    np.testing.assert_allclose(numbers(shown["probabilities"]), wanted, atol=5.1e-5, rtol=0)


def test_typing_changes_the_picture_and_the_address_without_enter(app: Explore) -> None:
    app.text.click()
    app.press("End")
    app.page.keyboard.type("!?")
    app.expect_tokens(list("The␣cat␣sat␣on␣the␣mat.!?"))
    app.expect_address("text=The+cat+sat+on+the+mat.%21%3F")
    app.stands_on(25)


def test_an_empty_text_says_one_sentence_and_typing_brings_the_picture_back(app: Explore) -> None:
    app.text.fill("")
    expect(app.alert).to_have_count(1)
    expect(app.alert).to_contain_text("the text is empty or blank; type something.")
    app.text.fill("ok")
    app.expect_tokens(["o", "k"])
    expect(app.alert).to_have_count(0)
    expect(app.heatmaps).to_have_count(len(SIGNALS))
    app.stands_on(2)


def test_a_link_opens_the_same_picture_for_someone_else(app: Explore, open_page: Opened) -> None:
    app.unfold("View")
    app.pick("Order of units", "by similarity")
    app.expect_address("order=similarity")
    app.text.fill("one two three, one <b>two</b>")
    app.expect_tokens(list("one␣two␣three,␣one␣<b>two</b>"))
    app.cell(word("cell.gru")).click()
    app.expect_headings(headings("gru"))
    app.slider.fill("5")
    app.expect_address("step=4")
    app.expect_tokens(list("one␣two␣three,␣one␣<b>two</b>"))
    other = open_page(app.page.url.partition("?")[2])
    other.stands_on(5)
    assert other.chosen == app.chosen
    assert other.table() == app.table()
    expect(other.text).to_have_value("one two three, one <b>two</b>")
    expect(other.cell("GRU (paper, 2014)")).to_be_checked()
    other.expect_tokens(list("one␣two␣three,␣one␣<b>two</b>"))


def test_back_in_the_browser_undoes_the_last_choice_and_forward_does_it_again(
    app: Explore,
) -> None:
    app.cell(word("cell.rnn")).click()
    app.expect_headings(headings("rnn"))
    app.expect_address("cell=rnn")
    app.rest()
    app.page.go_back()
    app.expect_headings(SIGNALS)
    app.rest()
    expect(app.cell(word("cell.lstm"))).to_be_checked()
    app.expect_no_address("cell=")
    app.page.go_forward()
    app.expect_headings(headings("rnn"))
    app.rest()
    expect(app.cell(word("cell.rnn"))).to_be_checked()


def test_of_quick_clicks_on_the_cells_the_last_one_wins(app: Explore) -> None:
    for name in ("gru", "rnn", "lstm", "gru_reset_after", "gru"):
        app.cell(word(f"cell.{name}")).click()
        app.page.wait_for_timeout(QUICK)
    app.expect_headings(headings("gru"))
    app.rest()
    app.expect_address("cell=gru")
    expect(app.cell(word("cell.gru"))).to_be_checked()
    for name in ("rnn", "gru"):
        app.cell(word(f"cell.{name}")).click()
    app.rest()
    app.page.wait_for_timeout(A_WHILE)
    app.expect_headings(headings("gru"))
    app.cell(word("cell.rnn")).dblclick()
    app.expect_headings(headings("rnn"))
    app.rest()
    expect(app.cell(word("cell.rnn"))).to_be_checked()


def test_start_over_is_whole_and_undone_by_one_back(newcomer: Explore) -> None:
    app = newcomer.open("cell=gru&step=3&veil=off")
    app.lie_still()
    app.page.mouse.click(*app.at(9, unit=6, units=16, panel=1))
    app.expect_address("pick=reset.6")
    app.expect_address("step=8")
    app.rest()
    app.start_over()
    app.expect_headings(SIGNALS)
    app.page.wait_for_timeout(A_WHILE)
    assert app.chosen == {"lang": "en", "model": "untrained"}
    app.stands_on(len(TEXT))
    expect(app.part("mask")).to_have_attribute("aria-pressed", "true")
    app.page.go_back()
    app.expect_headings(headings("gru"))
    app.stands_on(9)
    app.page.wait_for_timeout(A_WHILE)
    wanted = {"cell": "gru", "step": "8", "veil": "off", "pick": "reset.6"}
    assert app.chosen == {"lang": "en", "model": "untrained"} | wanted


def test_the_server_is_asked_when_something_was_chosen_and_only_then(open_page: Opened) -> None:
    app = open_page()
    asked: list[object] = []
    heard = asked.append
    app.page.on("websocket", lambda socket: socket.on("framesent", lambda sent: heard(sent)))
    app.open()
    app.page.wait_for_timeout(A_WHILE)
    assert len(asked) == 1
    app.cell(word("cell.rnn")).click()
    app.expect_headings(headings("rnn"))
    app.page.wait_for_timeout(A_WHILE)
    assert len(asked) == 2


def test_in_the_dark_the_letters_are_light(open_in_tab: Opened) -> None:
    app = open_in_tab(color_scheme="dark")
    ink = tuple(int(colour("ink", dark=True)[i : i + 2], 16) for i in (1, 3, 5))
    expect(app.page.locator(".xtick text").first).to_have_css("fill", f"rgb{ink}")
    expect(app.heatmaps).to_have_count(len(SIGNALS))


def test_a_phone_shows_everything_without_scrolling_sideways(open_page: Opened) -> None:
    app = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    overflow = "document.querySelector('[data-testid=stMain]')"
    assert app.page.evaluate(f"{overflow}.scrollWidth - {overflow}.clientWidth") <= 0
    assert app.page.evaluate("document.documentElement.scrollWidth") <= 390
    boxes = [box_of(app.part(part)) for part in ("back", "play", "forward", "slider", "mask")]
    assert all(0 <= box.left < box.right <= 390 for box in boxes)
    assert max(box.top for box in boxes) < min(box.top + box.height for box in boxes), "one row"
    expect(app.heatmaps).to_have_count(len(SIGNALS))
    app.part("back").tap()
    app.stands_on(22)
    app.page.touchscreen.tap(*app.at(10))
    app.stands_on(10)
    app.cell(word("cell.gru")).tap()
    app.expect_headings(headings("gru"))


def test_the_list_of_pages_on_a_phone_closes_by_its_button(open_in_tab: Opened) -> None:
    app = open_in_tab("lang=zh", viewport={"width": 390, "height": 844})
    language = app.page.locator(".st-key-language")
    app.page.get_by_test_id("stExpandSidebarButton").click()
    expect(language).to_be_hidden()
    app.sidebar.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    expect(language).to_be_visible()
    expect(app.sidebar).to_have_attribute("data-collapsed", "true")


def test_no_tool_bar_lies_over_a_title(app: Explore) -> None:
    app.expect_headings(SIGNALS)
    app.heatmaps.first.hover(force=True)
    assert app.page.locator(".modebar").count() == 0


def test_on_a_phone_no_title_ends_beyond_its_chart(open_in_tab: Opened) -> None:
    phone = {"width": 390, "height": 844}
    for model in ("languages_gru&says=Schneider", "next_character_lstm"):
        app = open_in_tab(f"lang=en&model=preset:{model}", viewport=phone)
        chart = box_of(app.page.locator(".st-key-panels .js-plotly-plot"))
        titles = app.page.locator('.st-key-panels .annotation-text[data-unformatted^="<b"]')
        places = [box_of(one) for one in titles.all()]
        assert len(places) >= 4
        assert all(chart.left <= one.left and one.right <= chart.right for one in places)
        # They begin at one line.
        assert max(one.left for one in places) - min(one.left for one in places) < 1


def test_the_player_is_not_far_for_the_keyboard(open_in_tab: Opened) -> None:
    # Seven pages, two languages, and what chooses the model and its input stand before it.
    for model in ("model=preset:languages_gru", "model=untrained", "model=untrained&layers=2"):
        app = open_in_tab(model)
        assert "First step (Home)" in [app.tab() for _ in range(18)], model


def test_with_the_keyboard_alone_one_reaches_the_text_the_samples_and_the_player(
    app: Explore,
) -> None:
    wanted = ["Text", "Samples", "Upload", "First step (Home)", "Play (space)", "Step", "Share"]
    reached = [app.tab() for _ in range(40)]
    places = [reached.index(name) for name in wanted]
    assert places == sorted(places)
    app.leave()
    while app.tab() != "Samples":
        pass
    app.press("Enter")
    expect(app.page.get_by_role("button", name="Nested brackets")).to_be_visible()
    while app.tab() != "Nested brackets":
        pass
    app.press("Enter")
    app.expect_address("text=")
    app.press("Escape")
    while app.tab() != "Step back (←)":
        pass
    app.rest()
    last = app.n_steps
    app.press("Enter")
    app.stands_on(last - 1)
    app.press("ArrowLeft")
    app.stands_on(last - 2)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "model",
    [
        *(f"preset:{name}" for name in ("languages_gru", "brackets_lstm", "next_character_lstm")),
        "untrained",
    ],
)
def test_heatmaps_drawing_and_arithmetic_are_seen_together(
    open_in_tab: Opened, model: str, language: str
) -> None:
    for width, height in ((1440, 900), (1280, 720)):
        viewport = {"width": width, "height": height}
        app = open_in_tab(f"model={model}&step=3&lang={language}", viewport=viewport)
        app.lie_still()
        seen = app.page.evaluate(PLACES)
        assert seen["player"]["bottom"] < 230
        assert seen["chart"]["top"] < 0.55 * height
        assert seen["diagram"]["bottom"] < height
        assert seen["arithmetic"]["top"] + 40 < height, "its first line"
        assert app.page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_list_of_models_is_seen_whole(app: Explore) -> None:
    app.models.click()
    expect(app.dialog.get_by_role("button", name="Upload", exact=True)).to_be_visible()
    app.lie_still()
    sizes = app.dialog.evaluate("body => [body.scrollHeight, body.clientHeight]")
    assert sizes[0] <= sizes[1] + 1


def test_back_leaves_the_app_that_was_only_opened(open_page: Opened) -> None:
    app = open_page()
    for address in ("", "?model=untrained&text=abc"):
        app.page.goto("about:blank")
        app.page.goto(f"{app.url}/{address}")
        expect(app.heatmaps.first).to_be_visible()
        app.rest()
        app.page.go_back()
        assert app.page.url == "about:blank"


def test_back_to_the_bare_address_shows_what_it_opens_with(open_in_tab: Opened) -> None:
    app = open_in_tab()
    app.page.goto(f"{app.url}/")
    expect(app.heatmaps.first).to_be_visible()
    app.rest()
    app.text.fill("Nakamura")
    app.expect_address("says=Nakamura")
    app.rest()
    app.page.go_back()
    app.expect_no_address("says=")
    expect(app.page.locator("input[value=Nakamura]")).to_have_count(0)
    expect(app.text).to_have_value("")


def test_a_list_stays_open_right_after_its_group_was_unfolded(app: Explore) -> None:
    app.open_drawer()
    app.dialog.locator("summary").filter(has_text=word("group.view")).click()
    # At once, as a hand that knows the way: not waiting until the drawer lies still.
    orders = app.dialog.get_by_role("combobox", name=word("order"))
    orders.evaluate("list => list.scrollIntoView({ block: 'center' })")
    app.page.wait_for_timeout(50)
    orders.click(force=True)
    app.page.wait_for_timeout(A_WHILE)
    expect(app.page.get_by_role("listbox")).to_be_visible()
