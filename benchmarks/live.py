"""A gate that is dragged in a real Chromium, and choices against a script with one heatmap.

Each row is one network on one text. A try is the time from a new value to the first frame that
shows it in all heatmaps, the drawing and the answer; beside it, in the same page and interleaved,
the time from letting go to the trace that the server sends. Messages are counted while the hand
moves.
"""

from __future__ import annotations

import statistics
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.browser import AFTER_PAINT, Sockets, machine
from benchmarks.live_choices import print_choices
from tests.browser.chromium import launch, serving

APP = Path(__file__).parents[1] / "app.py"
ROUNDS, TRIES = 7, 20
_TEXT = "The+cat+sat+on+the+mat.+"
RUNS = {
    "LSTM 16 × 23": f"model=untrained&cell=lstm&units=16&text={_TEXT[:-1]}",
    "LSTM 64 × 192": f"model=untrained&cell=lstm&units=64&text={_TEXT * 8}",
    "GRU of surnames 48 × 9": "model=preset:languages_gru&text=Schneider",
}

TRY = (
    AFTER_PAINT
    + """globalThis.tryValue = (value) => new Promise((done) => {
  const network = [...rnnvizLiveNetworks.values()][0];
  const gate = Object.keys(network.layers[0].activations)[0];
  const start = performance.now();
  network.tryOut({ do: "clamp", gate, value });
  afterPaint(() => done(performance.now() - start));
});
globalThis.watchServer = () => {
  const trace = () => rnnvizPlayheads.get("panels").traces.get("panels").trace;
  const before = trace();
  globalThis.served = 0;
  addEventListener("pointerup", () => {
    const start = performance.now();
    const done = () => (served = performance.now() - start);
    const look = () => (trace() === before ? requestAnimationFrame(look) : afterPaint(done));
    look();
  }, { once: true, capture: true });
};"""
)


def main() -> None:
    """Print the tables: one row a network, then one a choice."""
    print(machine())
    print(
        "network | heatmaps | try ms, median, p95 | server ms, median | ratio"
        " | messages in the tries"
    )
    with serving(APP, None) as url, sync_playwright() as playwright:
        browser = launch(playwright)
        for name, query in RUNS.items():
            print(_row(browser.new_page(viewport={"width": 1440, "height": 900}), url, name, query))
        print_choices(browser)
        browser.close()


def _row(page: Page, url: str, name: str, query: str) -> str:
    sockets = Sockets(page)
    page.goto(f"{url}/?lang=en&{query}", timeout=180_000)
    page.wait_for_selector(".heatmaplayer image", timeout=180_000)
    page.wait_for_function("globalThis.rnnvizLiveNetworks?.size", timeout=60_000)
    page.wait_for_timeout(4_000)
    page.evaluate(f"() => {{ {TRY} }}")
    tries: list[float] = []
    served: list[float] = []
    messages = 0
    for n in range(ROUNDS):
        before = sockets.sent
        tries += [page.evaluate(f"tryValue({i / TRIES})") for i in range(TRIES)]
        messages += sockets.sent - before
        served.append(_drag(page, 0.2 + 0.5 * (n % 2)))
        page.wait_for_timeout(1_500)
    median, answer = statistics.median(tries), statistics.median(served)
    late = statistics.quantiles(tries, n=20)[-1]
    drawn = page.locator(".st-key-panels .hm image").count()
    page.close()
    return (
        f"{name} | {drawn} | {median:.1f}, {late:.1f} | {answer:.0f} | {answer / median:.0f}"
        f" | {messages}"
    )


def _drag(page: Page, to: float) -> float:
    """Milliseconds from letting go of a dragged gate to the server's numbers on the screen."""
    page.evaluate("watchServer()")
    frame = page.locator("[data-gate] rect").first
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    assert box is not None
    height = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, height)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * (to + 0.1), height)
    page.mouse.move(box["x"] + box["width"] * to, height)
    page.mouse.up()
    page.wait_for_function("globalThis.served", timeout=60_000)
    return float(page.evaluate("served"))
