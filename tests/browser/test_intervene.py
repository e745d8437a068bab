"""Intervening in a browser: a slider held, the difference, undo, and the cell that follows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

import rnnviz as rv
from rnnviz.interventions.serialise import to_text
from rnnviz.interventions.types import Intervention
from tests.browser.conftest import Opened
from tests.browser.explore import Explore

TEXT = "The cat sat on the mat."


def traced(own: Iterable[Intervention]) -> rv.Trace:
    sequence = rv.parse(TEXT)
    model = rv.random_model("lstm", sequence.n_features, 16, seed=7, init="xavier", gain=3)
    return rv.trace(model, sequence, intervene=own)


def unfold(app: Explore) -> None:
    app.main.locator("summary").filter(has_text="More ways to change the run").click()
    expect(app.page.locator(".st-key-intervene")).to_be_visible()
    app.rest()


def done(app: Explore) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(app.chosen.get("do", "[]"))
    return found


def test_a_dragged_slider_holds_its_gate_and_undo_lets_it_go(newcomer: Explore) -> None:
    app = newcomer.open("step=7")
    unfold(app)
    group = app.page.locator(".st-key-intervene")
    slider = group.locator(".st-key-hold_forget").get_by_role("slider")
    slider.focus()
    app.press("End")
    app.expect_address("do=")
    app.rest()
    assert done(app) == [{"do": "clamp", "gate": "forget", "value": 1.0}]
    wanted = traced([rv.Clamp("forget", 1)])
    column = [float(text.replace("−", "-")) for text in app.table()["cell state"]]
    assert column == pytest.approx([float(v) for v in wanted["cell"][7, 0]], abs=5e-4)
    expect(app.main).to_contain_text("Largest change: hidden state of unit")
    chip = app.page.locator(".st-key-done").get_by_role("button", name="forget gate = 1.00")
    expect(chip).to_be_visible()
    app.page.locator(".st-key-done").get_by_role("button", name="Undo").click()
    app.expect_no_address("do=")
    expect(chip).to_have_count(0)


def test_the_difference_is_drawn_around_nothing(newcomer: Explore) -> None:
    own = [rv.Clamp("input", 0, units=2, start=9)]
    app = newcomer.open(urlencode({"do": to_text(own), "step": 3}))
    app.page.get_by_role("radio", name="difference").click()
    app.expect_address("versus=difference")
    app.rest()
    drawn = app.page.evaluate(
        "document.querySelector('.st-key-panels .js-plotly-plot').data"
        ".map(({name, zmin, zmax}) => [name, zmin + zmax])"
    )
    assert {name for name, _ in drawn} <= set(traced(own).layers[0].signals)
    assert "cell" in {name for name, _ in drawn}
    assert {middle for _, middle in drawn} == {0}
    expect(app.page.locator(".st-key-panels")).to_contain_text("with change − original")


def test_the_live_cell_starts_from_the_state_that_was_set(newcomer: Explore) -> None:
    own = [rv.SetState("cell", 2.5, 5), rv.Silence(0)]
    app = newcomer.open(urlencode({"do": to_text(own), "step": 5, "pick": "forget.0"}))
    cell = app.page.locator(".st-key-diagram")
    expect(cell.locator("text[data-node='cell before']").first).to_contain_text("2.50")
    expect(cell.locator("text[data-node='hidden after']").first).to_contain_text("0.00")
    lines = app.page.locator(".st-key-made [data-part=lines] p")
    expect(lines.last).to_contain_text("→ 0")
    expect(lines.first).to_contain_text("·2.50")


def test_the_arithmetic_says_that_a_gate_is_held(newcomer: Explore) -> None:
    own = [rv.Clamp("output", 0.5, start=4)]
    app = newcomer.open(urlencode({"do": to_text(own), "step": 8, "pick": "output.3"}))
    expect(app.page.locator(".st-key-made")).to_contain_text("unit 3, step 9, held")
    expect(app.page.locator(".st-key-made")).to_contain_text("with change 0.500")


def test_a_weight_is_changed_by_its_number(newcomer: Explore) -> None:
    app = newcomer.open()
    unfold(app)
    field = app.page.locator("[class*=st-key-do_new] input")
    field.fill("2.5")
    field.press("Enter")
    app.rest()
    group = app.page.locator(".st-key-intervene")
    group.get_by_role("button", name="Change one weight", exact=True).click()
    app.expect_address("do=")
    assert done(app) == [{"do": "weight", "param": "forget.x", "index": [0, 0], "value": 2.5}]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault_where_it_is_unfolded(open_in_tab: Opened, scheme: str) -> None:
    own = [rv.Clamp("forget", 1, start=4), rv.Clamp("reset", 1)]
    query = urlencode({"do": to_text(own), "do_units": "some", "do_steps": "span"})
    app = open_in_tab(query, color_scheme=scheme)
    unfold(app)
    found = Axe().run(app.page).response
    assert [(one["id"], [n["html"] for n in one["nodes"]]) for one in found["violations"]] == []


def test_a_narrow_page_and_chinese_have_it_too(open_in_tab: Opened) -> None:
    held = to_text([rv.Clamp("forget", 1)])
    app = open_in_tab(urlencode({"lang": "zh", "do": held}), viewport={"width": 390, "height": 844})
    expect(app.page.locator(".st-key-done")).to_contain_text("遗忘门 = 1.00")
    wide = app.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
