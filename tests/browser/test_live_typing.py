"""A text shows what the network makes of it while it is typed, computed in the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

import rnnviz as rv
from rnnviz.train.presets import preset
from tests.browser.explore import Explore
from tests.browser.live import (
    FRAMES,
    HOLD_MESSAGES,
    NOT_TRIED,
    TRIED,
    assert_numpys,
    by_unit,
    expect_served,
    in_double,
    same,
    trace_name,
    values,
)

# What the page shows, frame by frame, each state once.
WATCH = """() => {
  window.seen = [];
  const look = () => {
    const playhead = rnnvizPlayheads.get("panels");
    const length = playhead.lengthOf("panels");
    if (seen.at(-1) !== length) seen.push(length);
    requestAnimationFrame(look);
  };
  look();
}"""

LENGTH = '(count) => rnnvizPlayheads.get("panels").lengthOf("panels") === count'


def field(app: Explore, name: str) -> Locator:
    """The field of the text, the cursor at its end."""
    found = app.main.locator(f"[class*=st-key-{name}] input").first
    found.click()
    found.press("End")
    return found


@pytest.mark.parametrize(
    ("name", "before", "keys", "after"),
    [
        ("languages_gru", "Schneid", "er", "Schneider"),
        ("languages_gru", "Schneider", "Backspace", "Schneide"),
        ("next_character_gru", "The c", "at", "The cat"),
        ("brackets_lstm", "(()", "))", "(()))"),
    ],
)
def test_a_typed_letter_is_read_at_once(
    newcomer: Explore, name: str, before: str, keys: str, after: str
) -> None:
    app = newcomer.open(f"model=preset:{name}&says={before.replace(' ', '+')}")
    typed = field(app, "says")
    trace = trace_name(app)
    app.page.evaluate(HOLD_MESSAGES)
    if keys == "Backspace":
        typed.press(keys)
    else:
        app.page.keyboard.type(keys)
    # Of several letters each is tried.
    app.page.wait_for_function(LENGTH, arg=len(after))
    app.page.wait_for_function(TRIED)
    app.stands_on(len(after))
    assert app.n_steps == len(after)
    assert_numpys(app, rv.trace(in_double(preset(name).model()), rv.parse(after)))
    tried = by_unit(app)
    expect(app.page.locator(".rnnviz-tried").first).to_be_visible()
    share = app.page.locator('.answer [data-part="share"]').inner_text()
    app.page.evaluate("release()")
    expect_served(app, trace)
    served = by_unit(app)
    shared = tried.keys() & served.keys()
    assert shared
    assert all(same(tried[one], served[one]) for one in shared)
    assert app.page.locator('.answer [data-part="share"]').inner_text() == share
    app.stands_on(len(after))


def test_the_labels_are_those_of_the_typed_text(newcomer: Explore) -> None:
    app = newcomer.open("model=preset:languages_gru&says=Sch")
    field(app, "says")
    app.page.keyboard.type("n")
    expect(app.page.locator(".rnnviz-tried-text")).to_be_visible()
    # Plotly's own, which are of the text before, are not seen.
    expect(app.page.locator(".xaxislayer-above .xtick text").first).not_to_be_visible()
    expect(app.part("where")).to_have_text("step 4 of 4 · ")
    expect(app.part("token")).to_have_text("n")
    app.expect_tokens(list("Schn"))
    expect(app.page.locator(".rnnviz-tried-text")).to_have_count(0)
    expect(app.page.locator(".xaxislayer-above .xtick text").first).to_be_visible()


def test_an_older_answer_of_the_server_is_not_seen(newcomer: Explore) -> None:
    app = newcomer.open("model=preset:languages_gru&says=Sch")
    field(app, "says")
    app.page.evaluate(WATCH)
    for count, letter in enumerate("neiderin", start=4):
        app.page.keyboard.type(letter)
        app.page.wait_for_function(LENGTH, arg=count)
        # Slower than the server's patience: it answers while the next letter is typed.
        app.page.wait_for_timeout(330)
    app.page.wait_for_function(NOT_TRIED)
    app.expect_tokens(list("Schneiderin"))
    assert app.page.evaluate("window.seen") == list(range(3, 12))


def test_a_new_letter_of_an_untrained_network_is_the_servers(newcomer: Explore) -> None:
    app = newcomer.open("cell=gru&text=the+cat")
    field(app, "text")
    trace = trace_name(app)
    app.page.keyboard.type("t")
    app.page.wait_for_function(TRIED)
    tried = values(app)
    expect_served(app, trace)
    assert same(tried["hidden"], values(app)["hidden"])
    trace = trace_name(app)
    app.page.keyboard.type("s")
    app.page.evaluate(FRAMES)
    assert app.page.evaluate(NOT_TRIED)
    expect_served(app, trace)
    app.expect_tokens(list("the␣catts"))


def test_a_text_that_is_taken_back_is_the_servers_again(newcomer: Explore) -> None:
    app = newcomer.open("model=preset:languages_gru&says=Sch")
    before = values(app)
    typed = field(app, "says")
    app.page.evaluate(HOLD_MESSAGES)
    app.page.keyboard.type("n")
    app.page.wait_for_function(TRIED)
    typed.press("Backspace")
    app.page.wait_for_function(NOT_TRIED)
    assert values(app) == before
    app.stands_on(3)
    expect(app.page.locator(".rnnviz-tried")).to_have_count(0)
    app.page.evaluate("release()")
    app.rest()
    assert values(app) == before
