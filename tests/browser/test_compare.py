"""Compare: every comparison opens with a picture, and one player moves all of its runs."""

from __future__ import annotations

import re
from itertools import pairwise
from urllib.parse import urlencode

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

import rnnviz as rv
from rnnviz.i18n import word
from rnnviz.interventions.serialise import to_text
from rnnviz.train.presets import preset
from tests.browser.conftest import WIDE, Opened
from tests.browser.explore import Explore, box_of
from tests.browser.test_chinese import left_over

HEATMAPS = {
    "cells": [1, 6, 4],
    "inputs": [7, 7],
    "training": [7, 7],
    "intervened": [6, 6],
    "backends": [6, 6],
}
TEXT = "The cat sat on the mat."
CELLS = ("rnn", "lstm", "gru")


@pytest.fixture
def compare(tab: Explore) -> Opened:
    """Opens the page by a link; one tab for all, whatever its size was before."""

    def opened(query: str = "") -> Explore:
        tab.page.set_viewport_size(WIDE)
        tab.page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        language = "" if "lang=" in query else "lang=en&"
        tab.page.goto(f"{tab.url}/compare?{language}model=untrained&{query}")
        stages(tab).first.wait_for(state="attached")
        tab.rest()
        return tab

    return opened


def stages(app: Explore) -> Locator:
    return app.page.locator(".rnnviz-overlay")


def charts(app: Explore) -> Locator:
    return app.page.locator("[class*=st-key-run_] .js-plotly-plot")


def heatmaps(app: Explore) -> list[int]:
    """How many each run shows."""
    return [chart.locator(".hm image").count() for chart in charts(app).all()]


def cursors(app: Explore) -> list[float]:
    """How far right in its own chart each run's cursor stands, a share of the chart's width."""
    found = []
    for chart in charts(app).all():
        axis = box_of(chart.locator(".hm image").first)
        cursor = box_of(chart.locator(".rnnviz-cursor"))
        found.append((cursor.left + cursor.width / 2 - axis.left) / axis.width)
    return found


@pytest.mark.parametrize("what", HEATMAPS)
def test_every_comparison_opens_with_a_picture_of_all_its_runs(compare: Opened, what: str) -> None:
    app = compare(f"compare={what}")
    expect(stages(app)).to_have_count(len(HEATMAPS[what]))
    expect(charts(app)).to_have_count(len(HEATMAPS[what]))
    expect(app.page.locator(".hm image")).to_have_count(sum(HEATMAPS[what]))
    assert heatmaps(app) == HEATMAPS[what]
    table = ".st-key-cell_table table" if what == "cells" else ".jump-table table"
    expect(app.page.locator(table).first).to_be_visible()
    expect(app.alert).to_have_count(0)


def test_a_step_of_the_player_is_a_step_of_every_run(compare: Opened) -> None:
    app = compare("compare=cells")
    app.part("first").click()
    for _ in range(4):
        app.part("forward").click()
    app.stands_on(5)
    assert cursors(app) == pytest.approx([4.5 / 23] * 3, abs=0.01)
    app.expect_address("step=4")
    sizes = [f"{np.abs(traced(cell)['hidden'][4, 0]).mean():.3g}" for cell in CELLS]
    said = app.main.get_by_text(re.compile("Step 5 “c”, mean size"))
    expect(said).to_contain_text(re.compile(".*".join(map(re.escape, sizes))))
    expect(app.page.locator(".rnnviz-unit-box").filter(visible=True)).to_have_count(0)
    app.part("mask").click()
    for mask in app.future_mask.all():
        expect(mask).to_be_hidden()


def test_a_row_of_the_table_goes_where_the_runs_differ_most(compare: Opened) -> None:
    app = compare("compare=inputs")
    row = app.page.locator(".jump-table tbody tr").first
    step = re.search(r"step (\d+)", row.inner_text())
    assert step
    row.get_by_role("button").click()
    app.stands_on(int(step[1]))
    names = {word(f"signal.{name}", "en"): name for name in ("cell", "hidden", "candidate")}
    app.expect_address(f"pick={names[row.get_by_role('button').inner_text()]}")


def test_two_back_ends_differ_by_rounding_and_no_more(compare: Opened) -> None:
    app = compare("compare=backends&sides=difference")
    expect(app.page.locator(".hm image")).to_have_count(6)
    said = app.main.get_by_text("The largest difference of all numbers is").inner_text()
    largest = float(said.split(" is ")[1].rstrip(".").replace("−", "-"))
    assert 0 < largest < 1e-5


def test_the_difference_of_two_inputs_begins_where_they_part(compare: Opened) -> None:
    app = compare("compare=inputs")
    app.main.get_by_text("Difference", exact=True).click()
    expect(charts(app)).to_have_count(1)
    expect(charts(app).locator(".annotation-text").first).to_contain_text("Input 2 − Input 1")
    app.rest()
    app.expect_address("sides=difference")
    app.part("first").click()
    for _ in range(5):
        app.part("forward").click()
    expect(app.part("token")).to_have_text("X | Y")


def test_the_moment_of_a_training_can_be_moved_and_is_in_the_link(compare: Opened) -> None:
    app = compare("compare=training")
    app.main.get_by_role("slider", name="First moment").focus()
    app.page.keyboard.press("ArrowRight")
    step = preset("brackets_lstm").kept[1].step
    expect(charts(app).first.locator(".annotation-text").first).to_have_text(
        f"after {step} updates"
    )
    app.expect_address("earlier=1")


def test_fewer_than_two_cells_is_said_and_what_is_chosen_stays(compare: Opened) -> None:
    app = compare(urlencode({"compare": "cells", "cells": '["gru"]'}))
    expect(app.alert).to_contain_text("Choose two or three network types.")
    expect(charts(app)).to_have_count(1)


def test_cells_that_share_nothing_are_still_seen_side_by_side(compare: Opened) -> None:
    cells = '["lstm_projected","slstm"]'
    chosen = {"compare": "cells", "cells": cells, "sides": "difference", "units": "1"}
    app = compare(urlencode(chosen))
    expect(charts(app)).not_to_have_count(0)
    expect(app.crash).to_have_count(0)


def test_a_text_that_the_model_cannot_read_leaves_the_last_picture(compare: Opened) -> None:
    app = compare("compare=inputs")
    app.main.get_by_role("textbox", name="Input 2").fill("acbdaY?")
    expect(app.alert).to_contain_text("?")
    expect(charts(app)).to_have_count(2)
    app.main.get_by_role("textbox", name="Input 2").fill("acbda")
    expect(app.alert).to_have_count(0)


def test_a_run_opens_in_read_as_it_stands_here(compare: Opened) -> None:
    app = compare("compare=cells&text=abcab&units=5")
    app.page.get_by_role("link", name="Open GRU (paper, 2014) in Read").click()
    app.expect_address("cell=gru")
    expect(app.heatmaps).to_have_count(3)
    app.expect_tokens(list("abcab"))


def test_the_page_is_chinese_where_the_reader_is(compare: Opened) -> None:
    app = compare("lang=zh&compare=inputs")
    expect(charts(app).first.locator(".annotation-text").first).to_have_text("输入 1")
    assert left_over(app) == set()


@pytest.mark.parametrize("what", HEATMAPS)
def test_on_a_phone_runs_stand_under_each_other_and_nothing_is_wider(
    compare: Opened, what: str
) -> None:
    app = compare(f"compare={what}")
    app.page.set_viewport_size({"width": 390, "height": 844})
    expect(charts(app)).to_have_count(len(HEATMAPS[what]))
    app.page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
    boxes = [box_of(chart) for chart in charts(app).all()]
    assert all(above.top + above.height <= below.top for above, below in pairwise(boxes))
    assert all(box.right <= 390 for box in boxes)


def test_on_a_phone_nothing_of_the_table_or_the_titles_is_cut(compare: Opened) -> None:
    app = compare("compare=training")
    app.page.set_viewport_size({"width": 390, "height": 844})
    app.page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
    expect(app.page.locator(".jump-table table")).to_be_visible()
    app.lie_still()
    for one in (".jump-table", ".st-key-compare [role=radiogroup]"):
        is_whole = "e => e.scrollWidth <= e.clientWidth"
        assert app.page.locator(one).first.evaluate(is_whole), one
    ends = "all => all.map((one) => one.getBoundingClientRect().right)"
    assert max(app.page.locator(".annotation-text").evaluate_all(ends)) <= 390


@pytest.mark.parametrize("what", HEATMAPS)
def test_a_hostile_link_shows_what_there_is(compare: Opened, what: str) -> None:
    nonsense = {
        "compare": what,
        "cells": '["__import__","rnn","rnn","gru","lstm","mgu"]',
        "reader": "file:/etc/passwd",
        "course": "<script>alert(1)</script>",
        "earlier": "63",
        "later": "-9",
        "sides": "up",
        "subject": "<b>",
        "do": '[{"do":"clamp","gate":"__class__","value":1e999}]',
        "one": "<img src=x onerror=alert(1)>",
        "two": "acbd",
        "pick": "hidden.99999",
        "step": "1e9",
    }
    app = compare(urlencode(nonsense))
    expect(app.crash).to_have_count(0)
    assert app.page.locator("[src=x]").count() == 0


def traced(cell: str, *own: rv.Clamp) -> rv.Trace:
    sequence = rv.parse(TEXT)
    model = rv.random_model(cell, sequence.n_features, 16, seed=7, init="xavier", gain=3)
    return rv.trace(model, sequence, intervene=own)


def test_the_number_under_the_pointer_is_that_of_the_run_under_it(compare: Opened) -> None:
    app = compare("compare=cells")
    for index, cell in enumerate(CELLS):
        # What all runs have stands first.
        box = box_of(charts(app).nth(index).locator(".hm image").first)
        app.page.mouse.move(box.left + box.width * 6.5 / 23, box.top + box.height * 5.5 / 16)
        value = f"{traced(cell)['hidden'][6, 0, 5]:.4f}".replace("-", "−")
        label = charts(app).nth(index).locator(".rnnviz-tooltip")
        expect(label).to_have_text(f"hidden state {value}unit 5step 7")


def test_cells_with_the_same_weights_are_said_to_have_them(compare: Opened) -> None:
    both = {"compare": "cells", "cells": '["gru","gru_reset_after"]', "init": "pytorch"}
    app = compare(urlencode(both))
    expect(app.main.get_by_text("have the same weights")).to_be_visible()
    # A unit of one is a unit of the other: they are compared unit by unit.
    expect(app.page.locator(".jump-table table")).to_be_visible()
    app = compare(urlencode({"compare": "cells", "cells": '["gru","lstm"]'}))
    expect(app.main.get_by_text("have the same weights")).to_have_count(0)


def test_without_a_change_an_example_is_shown_and_opens_in_read(compare: Opened) -> None:
    app = compare("compare=intervened&pick=forget.0")
    expect(app.main.get_by_text("an example is shown: forget gate = 1.00")).to_be_visible()
    expect(app.main.get_by_text(re.compile("forget gate, unit 0, step 23"))).to_contain_text(
        f"original {traced('lstm')['forget'][22, 0, 0]:.3f} · with change 1.00"
    )
    app.page.get_by_role("link", name="Open with change in Read").click()
    app.expect_address("do=")
    assert "clamp" in app.chosen["do"]
    expect(app.page.locator(".st-key-done").get_by_role("button").first).to_be_visible()


def test_a_changed_run_goes_from_read_to_its_place_beside_the_untouched_one(
    tab: Explore,
) -> None:
    tab.page.set_viewport_size(WIDE)
    own = rv.Clamp("input", 0.25, start=9)
    tab.open(urlencode({"lang": "en", "do": to_text([own]), "step": 12, "pick": "cell.3"}))
    tab.page.get_by_role("button", name="side by side").click()
    tab.expect_address("compare=intervened")
    assert tab.chosen["do"] == to_text([own])
    expect(charts(tab)).to_have_count(2)
    tab.rest()
    before, after = (
        f"{abs(float(trace['cell'][12, 0, 3])):.3g}"
        for trace in (traced("lstm"), traced("lstm", own))
    )
    said = tab.main.get_by_text(re.compile("cell state, unit 3, step 13"))
    expect(said).to_contain_text(before)
    expect(said).to_contain_text(after)
    tab.page.locator(".st-key-done").get_by_role("button", name="Remove all").click()
    expect(tab.main.get_by_text("an example is shown")).to_be_visible()


def test_compare_with_leads_from_read_to_the_answers_before_and_after_training(
    tab: Explore,
) -> None:
    tab.page.set_viewport_size(WIDE)
    tab.open("lang=en&model=preset:languages_gru&says=Schneider")
    tab.page.locator(".st-key-compare_with button").first.click()
    tab.page.locator(".st-key-with_untrained button").click()
    tab.expect_address("/compare")
    tab.expect_address("course=languages_gru")
    expect(charts(tab)).to_have_count(2)
    tab.rest()
    tab.lie_still()
    for chart in charts(tab).all():
        expect(chart.locator(".annotation-text").nth(1)).to_contain_text("the network's answer")
        answers = box_of(chart.locator(".hm image").first)
        assert answers.top + answers.height < WIDE["height"]


def test_a_change_that_does_not_fit_is_said_in_a_sentence(compare: Opened) -> None:
    own = to_text([rv.Clamp("forget", 1, start=900)])
    app = compare(urlencode({"compare": "intervened", "do": own}))
    expect(app.main.get_by_text("None of the changes in the link")).to_have_count(1)
    expect(charts(app)).to_have_count(2)
    expect(app.crash).to_have_count(0)
