"""Sliders of a weight, a state and the strength of all weights show what they do as they move."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from playwright.sync_api import expect

import rnnviz as rv
from rnnviz.i18n import word
from rnnviz.interventions.serialise import from_text, to_text
from tests.browser.explore import Explore
from tests.browser.live import (
    COUNT_MESSAGES,
    FRAMES,
    assert_numpys,
    by_unit,
    drag_slider,
    expect_served,
    in_double,
    same,
    trace_name,
)

TEXT = "the cat"


def unfold(app: Explore) -> None:
    app.main.locator("summary").filter(has_text=word("do", "en")).click()
    app.rest()


def network(cell: str, gain: float = 3) -> rv.Model:
    return rv.random_model(cell, len({*TEXT}), 16, seed=7, init="xavier", gain=gain)


def expect_numpys(app: Explore, model: rv.Model, changes: list[Any]) -> None:
    traced = rv.trace(in_double(model), rv.parse(TEXT), intervene=changes)
    assert_numpys(app, traced)


def expect_same_at_rest(app: Explore) -> None:
    tried, trace = by_unit(app), trace_name(app)
    app.page.mouse.up()
    expect_served(app, trace)
    served = by_unit(app)
    assert all(same(tried[one], numbers) for one, numbers in served.items())


def test_a_weight_is_dragged(newcomer: Explore) -> None:
    app = newcomer.open(urlencode({"cell": "lstm", "text": TEXT}))
    unfold(app)
    app.page.evaluate(COUNT_MESSAGES)
    value = drag_slider(app, "set_weight", 60)
    assert app.page.evaluate("window.sent") == 0
    model = network("lstm")
    param = next(iter(model.layers[0].weights))
    # A weight is kept in the model's own type.
    expect_numpys(app, model, [rv.ChangeWeight(param, (0, 0), float(np.float32(value)))])
    expect_same_at_rest(app)
    app.expect_address("do=")


@pytest.mark.parametrize("step", [0, 3])
def test_a_state_is_dragged(newcomer: Explore, step: int) -> None:
    app = newcomer.open(urlencode({"cell": "lstm", "text": TEXT, "step": step}))
    unfold(app)
    app.page.evaluate(COUNT_MESSAGES)
    value = drag_slider(app, "set_state", -60)
    assert app.page.evaluate("window.sent") == 0
    expect_numpys(app, network("lstm"), [rv.SetState("cell", value, step)])
    before = app.page.locator("text[data-node='cell before']").first
    expect(before).to_contain_text(f"{value:.2f}".replace("-", "−"))
    expect_same_at_rest(app)
    app.expect_address("do=")


@pytest.mark.parametrize(("cell", "state", "step"), [("lstm", "cell", 0), ("gru", "hidden", 3)])
def test_what_is_added_to_a_state_is_dragged(
    newcomer: Explore, cell: str, state: str, step: int
) -> None:
    held = rv.Clamp({"lstm": "forget", "gru": "update"}[cell], 0.75, units=2)
    before = rv.AddToState(state, -0.5, step)
    text = to_text([before, held])
    app = newcomer.open(urlencode({"cell": cell, "text": TEXT, "step": step, "do": text}))
    unfold(app)
    app.page.evaluate(COUNT_MESSAGES)
    slider = app.page.locator(".st-key-add_state").get_by_role("slider")
    assert float(slider.input_value()) == before.value
    value = drag_slider(app, "add_state", 50)
    assert app.page.evaluate("window.sent") == 0
    assert value > 0
    expect_numpys(app, network(cell), [held, rv.AddToState(state, value, step)])
    expect_same_at_rest(app)
    app.expect_address("do=")
    app.rest()
    assert from_text(app.chosen["do"]) == (held, rv.AddToState(state, value, step))


@pytest.mark.parametrize("cell", ["lstm", "rnn"])
def test_the_strength_of_the_weights_is_dragged(newcomer: Explore, cell: str) -> None:
    app = newcomer.open(urlencode({"cell": cell, "text": TEXT}))
    app.open_drawer()
    app.page.evaluate(COUNT_MESSAGES)
    at = drag_slider(app, "gain_slider", 70)
    assert app.page.evaluate("window.sent") == 0
    gain = (1, 2, 3, 5, 10)[int(at)]
    assert gain > 3
    expect_numpys(app, network(cell, gain=gain), [])
    expect_same_at_rest(app)
    app.expect_address(f"gain={gain}")


@pytest.mark.parametrize(
    ("choice", "options"),
    [
        ({"cell": "lstm", "layers": 2, "direction": "both"}, {"n_layers": 2, "direction": "both"}),
        ({"cell": "rnn", "init": "identity"}, {"init": "identity"}),
        ({"cell": "gru", "init": "forget_bias", "gain": 5}, {"init": "forget_bias", "gain": 5}),
    ],
)
def test_a_seed_is_typed(
    newcomer: Explore, choice: dict[str, Any], options: dict[str, Any]
) -> None:
    app = newcomer.open(urlencode({"text": TEXT, **choice}))
    app.open_drawer()
    field = app.page.locator(".st-key-seed input")
    expect(app.page.locator("[data-sliders~=seed]")).to_be_attached()
    app.page.wait_for_function("() => rnnvizLiveNetworks.has('panels')")
    app.page.evaluate(COUNT_MESSAGES)
    field.fill("123456")
    expect(app.page.locator(".rnnviz-tried").first).to_be_visible()
    app.page.evaluate(FRAMES)
    assert app.page.evaluate("window.sent") == 0
    drawn = {"init": "xavier", "gain": 3} | options
    expect_numpys(app, rv.random_model(choice["cell"], 6, 16, seed=123456, **drawn), [])
    # A number that is no seed shows the network as it is.
    field.fill("-1")
    expect(app.page.locator(".rnnviz-tried")).to_have_count(0)
    field.fill("123456")
    expect(app.page.locator(".rnnviz-tried").first).to_be_visible()
    app.page.evaluate(FRAMES)
    tried, trace = by_unit(app), trace_name(app)
    field.press("Enter")
    expect_served(app, trace)
    assert all(same(tried[one], numbers) for one, numbers in by_unit(app).items())
    app.expect_address("seed=123456")


def test_a_changed_weight_stays_while_a_gate_is_dragged(newcomer: Explore) -> None:
    changes = [rv.ChangeWeight("forget.h", (2, 1), 2.5)]
    app = newcomer.open(urlencode({"cell": "lstm", "text": TEXT, "do": to_text(changes)}))
    unfold(app)
    value = drag_slider(app, "hold_output", -40)
    expect_numpys(app, network("lstm"), [*changes, rv.Clamp("output", value)])
    app.page.mouse.up()
