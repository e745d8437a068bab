"""The player in a browser: a widget's model on both sides, and a saved output without a kernel."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

import rnnviz as rv
from rnnviz.notebook.plotly_source import packed_plotly
from tests.browser.chromium import launched
from tests.witnesses import normal

# A model as anywidget gives it to a widget's module; what is saved goes to `saved`.
HOST = """<!doctype html><meta charset="utf-8"><div id="el"></div><script>
const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const given = GIVEN, heard = [], saved = [];
const state = { ...given.state, page: bytes(given.page), arithmetic: new Uint8Array() };
const model = {
  get: (name) => state[name],
  set: (name, value) => (state[name] = value),
  save_changes: () => saved.push({ step: state.step, unit: state.unit, signal: state.signal }),
  on: (name, callback) => heard.push([name, callback]),
  off: () => {},
  send: (message) => tell("msg:custom", message, [bytes(given.plotly)]),
};
const tell = (name, ...said) =>
  heard.forEach(([one, callback]) => one === name && callback(...said));
const fromPython = (name, value) => { state[name] = value; tell(`change:${name}`); };
const module = new Blob([given.esm], { type: "text/javascript" });
import(URL.createObjectURL(module)).then(async (widget) => {
  widget.default.initialize({ model });
  await widget.default.render({ model, el: document.querySelector("#el") });
});
</script>"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(offline=True, viewport={"width": 1000, "height": 900})
    wrong: list[str] = []
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    yield context.new_page()
    context.close()
    assert not wrong


@pytest.fixture(scope="module")
def trace() -> rv.Trace:
    return rv.trace(rv.random_model("lstm", n_inputs=3, n_units=5, seed=2), normal(8, 3, seed=1))


@pytest.fixture(scope="module")
def player(trace: rv.Trace) -> Any:
    return rv.show(trace)


def opened(page: Page, html: str, folder: Path) -> Any:
    path = folder / "page.html"
    path.write_text(html, "utf-8")
    page.goto(path.as_uri())
    frame = page.frame_locator("iframe")
    expect(frame.locator(".hm image").first).to_be_visible(timeout=30_000)
    return frame


def test_what_is_picked_comes_back_to_python(page: Page, player: Any, tmp_path: Path) -> None:
    given = {
        "esm": player._esm,
        "page": base64.b64encode(player.page).decode(),
        "plotly": base64.b64encode(packed_plotly()).decode(),
        "state": {n: getattr(player, n) for n in ("name", "plotly", "step", "unit", "signal")},
    }
    host = HOST.replace("GIVEN", json.dumps(given).replace("</", "<\\/"))
    frame = opened(page, host, tmp_path)
    frame.locator("[data-part=back]").click()
    frame.locator("[data-part=below]").click()
    page.wait_for_function("saved.some(({ step, unit }) => step === 6 && unit === 1)")
    last = page.evaluate("saved.at(-1)")
    player.step, player.unit, player.signal = last["step"], last["unit"], last["signal"]
    assert (player.step, player.unit, player.signal) == (6, 1, "cell")
    page.evaluate("fromPython('step', 2)")
    expect(frame.locator("[data-part=slider]")).to_have_value("3")
    page.evaluate("fromPython('unit', 4)")
    expect(frame.locator("[data-part=unit]")).to_contain_text("4")


def test_a_saved_output_steps_without_a_kernel_and_a_network(
    page: Page, player: Any, trace: rv.Trace, tmp_path: Path
) -> None:
    kept = player._repr_mimebundle_()[0]["text/html"]
    frame = opened(page, f"<!doctype html><meta charset=utf-8>{kept}", tmp_path)
    frame.locator("[data-part=back]").click()
    expect(frame.locator("[data-part=slider]")).to_have_value("7")
    value = f"{trace['forget'][6, 0, 0]:.2f}"
    shown = frame.locator("text[data-node=forget][data-role=value]")
    expect(shown).to_contain_text(value)
    expect(frame.locator("[data-place=arithmetic] [data-part=number]")).to_contain_text("cell")
