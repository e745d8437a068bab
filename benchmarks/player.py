"""Stepping and playing in a real Chromium: frames, latency, bytes, messages, leaks.

Each figure is read in the browser: frames from requestAnimationFrame while it plays 60 steps a
second, latency from a key press to the first frame that shows the step, bytes and messages from
the page's WebSocket, heap and listeners from the browser after its garbage collection.
"""

from __future__ import annotations

import statistics
from pathlib import Path

from playwright.sync_api import CDPSession, Page, sync_playwright

from benchmarks.browser import AFTER_PAINT, Sockets, machine
from tests.browser.chromium import launch, serving

APP = Path(__file__).with_name("player_app.py")
SIZES = ((64, 200), (256, 1_000), (512, 5_000))
SECONDS = 4
PRESSES = 60
RERUNS = 50

FRAMES = """(seconds) => new Promise((done) => {
  const playhead = rnnvizPlayheads.get("panels");
  let frames = 0, steps = 0;
  const leave = playhead.subscribe(() => steps++);
  const start = performance.now();
  const tick = (now) => {
    frames++;
    if (now - start < seconds * 1000) return requestAnimationFrame(tick);
    leave();
    done([frames / seconds, steps / seconds]);
  };
  requestAnimationFrame(tick);
})"""

WATCH_KEYS = f"""() => {{
  {AFTER_PAINT}
  globalThis.painted = [];
  addEventListener("keydown", (event) => {{
    afterPaint(() => painted.push(performance.now() - event.timeStamp));
  }}, true);
}}"""


def main() -> None:
    """Print the table for the three sizes, one row each."""
    print(machine())
    print(
        "units × steps | frames/s | steps/s | key to paint ms, median, p95 | MB sent"
        " | messages in 100 steps | heap MB before, after | listeners before, after"
    )
    large = ("--server.maxMessageSize", "400")
    with serving(APP, None, *large) as url, sync_playwright() as playwright:
        for wide, long in SIZES:
            browser = launch(playwright)
            print(_row(browser.new_page(viewport={"width": 1440, "height": 900}), url, wide, long))
            browser.close()


def _row(page: Page, url: str, wide: int, long: int) -> str:
    sockets = Sockets(page)
    page.goto(f"{url}/?lang=en&wide={wide}&long={long}&step=0", timeout=180_000)
    page.wait_for_selector(".heatmaplayer image", timeout=180_000)
    page.wait_for_selector(".rnnviz-box", state="attached", timeout=60_000)
    page.wait_for_timeout(3_000)
    sent = sockets.received / 1e6
    frames, steps = _play(page)
    median, late = _keys(page)
    messages = _quiet(page, sockets)
    before, after = _soak(page)
    return (
        f"{wide} × {long} | {frames:.0f} | {steps:.0f} | {median:.1f}, {late:.1f} | {sent:.2f}"
        f" | {messages} | {before[0]:.1f}, {after[0]:.1f} | {before[1]}, {after[1]}"
    )


def _play(page: Page) -> tuple[float, float]:
    page.locator('.player [data-part="speed"]').select_option("60")
    page.locator('.player [data-part="loop"]').click()
    page.locator('.player [data-part="play"]').click()
    frames, steps = page.evaluate(FRAMES, SECONDS)
    page.locator('.player [data-part="play"]').click()
    page.wait_for_timeout(1_000)
    return frames, steps


def _keys(page: Page) -> tuple[float, float]:
    page.evaluate(WATCH_KEYS)
    page.keyboard.press("Home")
    for _ in range(PRESSES):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(20)
    painted = page.evaluate("painted")
    return statistics.median(painted), statistics.quantiles(painted, n=20)[-1]


def _quiet(page: Page, sockets: Sockets) -> int:
    """Messages to the server while a hundred steps go by without a rest."""
    page.wait_for_timeout(1_500)
    before = sockets.sent
    page.evaluate("""async () => {
      const playhead = rnnvizPlayheads.get("panels");
      for (let step = 0; step < 100; step++) {
        playhead.seek(step % playhead.length);
        await new Promise(requestAnimationFrame);
      }
    }""")
    return sockets.sent - before


def _soak(page: Page) -> tuple[tuple[float, int], tuple[float, int]]:
    session = page.context.new_cdp_session(page)
    _wander(page)
    before = _weight(session)
    for _ in range(RERUNS):
        page.locator(".st-key-again button").click()
        page.wait_for_timeout(120)
        _wander(page)
    page.wait_for_timeout(1_500)
    return before, _weight(session)


def _wander(page: Page) -> None:
    page.evaluate("""() => {
      const playhead = rnnvizPlayheads.get("panels");
      for (let step = 0; step < 20; step++) playhead.seek((step * 7) % playhead.length);
    }""")


def _weight(session: CDPSession) -> tuple[float, int]:
    session.send("HeapProfiler.enable")
    session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")["usedSize"] / 1e6
    return heap, session.send("Memory.getDOMCounters")["jsEventListeners"]
