"""Another cell is shown by the page itself, as the server then shows it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from playwright.sync_api import expect

import rnnviz as rv
from rnnviz.i18n import word
from rnnviz.interventions.serialise import to_text
from tests.browser.explore import Explore, box_of
from tests.browser.live import (
    FRAMES,
    HOLD_MESSAGES,
    TRACE,
    assert_numpys,
    by_unit,
    expect_served,
    in_double,
    same,
    trace_name,
    values,
)

TEXT = "the cat"
TAUGHT = ("rnn", "lstm", "gru", "gru_reset_after")
PLACES = """(selector) => [...document.querySelectorAll(selector)].map((one) => {
  const { top, height } = one.getBoundingClientRect();
  const frame = one.closest(".svg-container").getBoundingClientRect();
  return [top - frame.top, height];
}).sort(([one], [other]) => one - other)"""
SERVED = ".st-key-panels .heatmaplayer image"
TITLES = """(selector) => [...document.querySelectorAll(selector)]
  .map((one) => one.textContent.trim()).filter((text) => /[a-z]{3}/.test(text))"""


def opened(app: Explore, **choices: Any) -> Explore:
    """An untrained LSTM whose page knows other cells, and tells the server nothing yet."""
    app.open(urlencode({"cell": "lstm", "text": TEXT, **choices}))
    ready = "() => rnnvizLiveCells.has('panels') && rnnvizLiveNetworks.has('panels')"
    app.page.wait_for_function("() => globalThis.rnnvizLiveCells && globalThis.rnnvizLiveNetworks")
    app.page.wait_for_function(ready)
    app.lie_still()
    return app


def choose(app: Explore, cell: str) -> None:
    name = word(f"cell.{cell}", "en")
    app.page.locator(".st-key-network").get_by_role("radio", name=name, exact=True).click()


def expect_numpys(
    app: Explore, cell: str, n_units: int = 16, text: str = TEXT, layer: int = 0, **options: Any
) -> None:
    """The page shows this random network on the text, in numbers, without the server."""
    expect(app.page.locator(".rnnviz-sheet")).to_be_visible()
    app.page.evaluate(FRAMES)
    drawn = {"seed": 7, "init": "xavier", "gain": 3} | options
    model = rv.random_model(cell, len({*text}), n_units, **drawn)
    assert_numpys(app, rv.trace(in_double(model), rv.parse(text)), layer)


def expect_same_at_rest(app: Explore) -> None:
    """What the server then sends are the numbers that the page has shown."""
    shown, trace = by_unit(app), trace_name(app)
    app.page.evaluate("release()")
    expect_served(app, trace)
    expect(app.page.locator(".rnnviz-sheet")).to_have_count(0)
    served = by_unit(app)
    assert served.keys() == shown.keys()
    assert all(same(shown[one], numbers) for one, numbers in served.items())


@pytest.mark.parametrize(
    ("cell", "gate", "choices"),
    [
        ("gru_reset_after", "reset", {}),
        ("gru", "reset", {"init": "forget_bias", "gain": 5, "seed": 3, "units": 11}),
        ("rnn", "hidden", {"seed": 5}),
        ("rnn", "hidden", {"text": "sphinx of black quartz"}),
    ],
)
def test_another_cell_is_shown_before_the_server_hears(
    newcomer: Explore, cell: str, gate: str, choices: dict[str, Any]
) -> None:
    app = opened(newcomer, **choices)
    app.page.evaluate(HOLD_MESSAGES)
    choose(app, cell)
    choices = {**choices}
    n_units, text = choices.pop("units", 16), choices.pop("text", TEXT)
    expect_numpys(app, cell, n_units, text, **choices)
    expect(app.page.locator(f"[data-gate='{gate}']").first).to_be_visible()
    painted = app.page.evaluate(PLACES, ".rnnviz-tried")
    titles = app.page.evaluate(TITLES, ".rnnviz-sheet > span")
    expect_same_at_rest(app)
    # Where it was painted the server's heatmaps stand, under the same words.
    app.rest()
    app.lie_still()
    expect(app.page.locator(SERVED)).to_have_count(len(painted))
    np.testing.assert_allclose(painted, app.page.evaluate(PLACES, SERVED), atol=1)
    assert titles == app.page.evaluate(TITLES, ".st-key-panels .annotation-text")


def test_a_cell_of_more_panels_moves_what_stands_below(newcomer: Explore) -> None:
    app = opened(newcomer, cell="gru")
    app.page.evaluate(HOLD_MESSAGES)
    below = app.page.locator(".st-key-show_more")
    before = box_of(below)
    choose(app, "lstm")
    expect_numpys(app, "lstm")
    after, sheet = box_of(below), box_of(app.page.locator(".rnnviz-sheet"))
    assert after.top > before.top
    assert after.top >= sheet.top + sheet.height
    expect_same_at_rest(app)


def test_the_cell_that_the_server_knows_is_shown_again(newcomer: Explore) -> None:
    app = opened(newcomer)
    before, trace = values(app), trace_name(app)
    app.page.evaluate(HOLD_MESSAGES)
    choose(app, "gru")
    expect_numpys(app, "gru")
    choose(app, "lstm")
    app.page.wait_for_function(f"(before) => ({TRACE})() === before", arg=trace)
    expect(app.page.locator(".rnnviz-sheet")).to_have_count(0)
    assert values(app) == before
    expect(app.page.locator("[data-gate='forget']").first).to_be_visible()
    app.page.evaluate("release()")
    app.rest()
    assert values(app) == before


def test_a_seed_that_is_still_typed_is_that_of_another_cell(newcomer: Explore) -> None:
    app = opened(newcomer)
    app.open_drawer()
    app.page.evaluate(HOLD_MESSAGES)
    app.page.locator(".st-key-seed input").fill("123456")
    expect(app.page.locator(".rnnviz-tried").first).to_be_visible()
    app.page.locator(".st-key-network").get_by_role("radio").nth(2).dispatch_event("click")
    expect_numpys(app, "gru", seed=123456)
    app.page.evaluate("release()")


def test_another_number_of_units_is_shown_while_it_is_typed(newcomer: Explore) -> None:
    app = opened(newcomer)
    app.page.locator(".st-key-network_size button").first.click()
    field = app.page.locator(".st-key-units input")
    expect(app.page.locator("[data-sliders~=units]")).to_be_attached()
    app.page.evaluate(HOLD_MESSAGES)
    field.fill("9")
    expect_numpys(app, "lstm", 9)
    # The page draws no more weights than a hand can wait for.
    field.fill("120")
    expect(app.page.locator(".rnnviz-sheet")).to_have_count(0)
    assert len(values(app)["cell"]) == 16 * len(TEXT)
    field.fill("9")
    expect_numpys(app, "lstm", 9)
    field.press("Enter")
    expect_same_at_rest(app)


def test_every_cell_of_the_list_is_shown_at_once(newcomer: Explore) -> None:
    app = opened(newcomer)
    app.page.locator(".st-key-network_size button").first.click()
    app.page.evaluate(HOLD_MESSAGES)
    for cell in [name for name in rv.CELLS if name not in TAUGHT]:
        app.page.locator("[class*=st-key-others] input").click()
        name = word(f"cell.{cell}", "en")
        app.page.get_by_role("option", name=name, exact=True).click()
        expect_numpys(app, cell)
    expect_same_at_rest(app)


@pytest.mark.parametrize("init", ["forget_bias", "orthogonal", "chrono"])
def test_another_initialisation_is_shown_at_once(newcomer: Explore, init: str) -> None:
    app = opened(newcomer)
    app.open_drawer()
    field = app.page.locator(".st-key-init input")
    field.click()
    app.page.evaluate(HOLD_MESSAGES)
    app.page.get_by_role("option", name=word(f"init.{init}", "en"), exact=True).hover()
    field.press("Enter")
    expect_numpys(app, "lstm", init=init)
    expect_same_at_rest(app)


def test_another_activation_is_shown_at_once_and_kept_in_another_size(newcomer: Explore) -> None:
    app = opened(newcomer, cell="rnn", gain=1)
    app.open_drawer()
    field = app.page.locator(".st-key-activation input")
    field.click()
    app.page.evaluate(HOLD_MESSAGES)
    app.page.get_by_role("option", name=word("activation.relu", "en"), exact=True).click()
    expect_numpys(app, "rnn", activation="relu", gain=1)
    expect_same_at_rest(app)
    app.page.locator(".st-key-network_size button").first.click()
    expect(app.page.locator("[data-sliders~=units]")).to_be_attached()
    app.page.evaluate(HOLD_MESSAGES)
    app.page.locator(".st-key-units input").fill("9")
    expect_numpys(app, "rnn", 9, activation="relu", gain=1)
    app.page.evaluate("release()")


@pytest.mark.parametrize(("direction", "layer"), [("forward", 1), ("both", 3), ("backward", 2)])
def test_of_a_stack_the_layer_that_is_looked_at_is_shown_at_once(
    newcomer: Explore, direction: str, layer: int
) -> None:
    stack = {"layers": 3, "layer": layer, "init": "orthogonal", "direction": direction}
    app = opened(newcomer, **stack, units=6, order="index")
    app.page.evaluate(HOLD_MESSAGES)
    choose(app, "gru")
    drawn = {"init": "orthogonal", "direction": direction, "n_layers": 3}
    expect_numpys(app, "gru", 6, layer=layer, **drawn)
    below = {"forward": "h¹→", "both": "h¹→, h¹←", "backward": "h²←"}[direction]
    expect(app.main).to_contain_text(below)
    painted = app.page.evaluate(PLACES, ".rnnviz-tried")
    titles = app.page.evaluate(TITLES, ".rnnviz-sheet > span")
    expect_same_at_rest(app)
    expect(app.page.locator(SERVED)).to_have_count(len(painted))
    np.testing.assert_allclose(painted, app.page.evaluate(PLACES, SERVED), atol=1)
    assert titles == app.page.evaluate(TITLES, ".st-key-panels .annotation-text")


def test_a_layer_that_is_taken_away_is_no_longer_shown(newcomer: Explore) -> None:
    app = opened(newcomer, layers=2, layer=1)
    app.page.locator(".st-key-network_size button").first.click()
    field = app.page.locator(".st-key-layers input")
    expect(app.page.locator("[data-sliders~=layers]")).to_be_attached()
    app.page.evaluate(HOLD_MESSAGES)
    field.fill("1")
    expect_numpys(app, "lstm")
    field.press("Enter")
    expect_same_at_rest(app)


def test_a_gate_of_another_cell_is_dragged_before_the_server_hears(newcomer: Explore) -> None:
    app = opened(newcomer)
    app.page.evaluate(HOLD_MESSAGES)
    choose(app, "gru")
    expect_numpys(app, "gru")
    app.page.evaluate(
        "() => rnnvizLiveNetworks.get('panels').tryOut({ do: 'clamp', gate: 'reset', value: 0.25 })"
    )
    app.page.evaluate(FRAMES)
    assert {*values(app)["reset"]} == {0.25}
    expect(app.page.locator(".rnnviz-sheet")).to_be_visible()
    app.page.evaluate("release()")


def test_where_a_gate_is_held_the_server_shows_another_cell(newcomer: Explore) -> None:
    held = to_text([rv.Clamp("output", 0.5)])
    app = opened(newcomer, do=held)
    before = trace_name(app)
    app.page.evaluate(HOLD_MESSAGES)
    choose(app, "gru")
    app.page.evaluate(FRAMES)
    assert trace_name(app) == before
    app.page.evaluate("release()")
    expect_served(app, before)
