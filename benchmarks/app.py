"""The app against a Streamlit script with one heatmap: start, memory, a change, bytes, sessions.

A heatmap counts as painted after the frame that shows its picture: Plotly draws it as an image in
the page. A change counts from the Enter that ends a typed seed to the frame after which each of
the page's heatmaps is another image than before.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.browser import Sockets, first_painted, machine, resident
from tests.browser.chromium import launch, started

FLOOR = Path(__file__).with_name("app_floor.py")
STARTS = 5
CHANGES = 24
SESSIONS, MODELS = 10, 10
VIEW = {"width": 1440, "height": 900}
PATIENCE = 120_000  # ms
LETTERS = "abcdefghij"
_START = ("start to first heatmap, s", "visit to first heatmap, s", "resident memory, MB")

_HEATMAP = 'document.querySelector(".heatmaplayer image")?.getAttribute("href")'

WATCH_CHANGES = """() => {
  const pictures = () =>
    [...document.querySelectorAll(".heatmaplayer image")].map((i) => i.getAttribute("href"));
  globalThis.changes = [];
  addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    const before = new Set(pictures());
    const observer = new MutationObserver(() => {
      const now = pictures();
      if (now.length !== before.size || now.some((one) => !one || before.has(one))) return;
      observer.disconnect();
      afterPaint(() => changes.push(performance.now() - event.timeStamp));
    });
    const what = { subtree: true, childList: true, attributes: true, attributeFilter: ["href"] };
    observer.observe(document.body, what);
  }, true);
}"""


class Start(NamedTuple):
    """Seconds from the start of the process, and of a visit later on, to paint; megabytes."""

    cold: float
    visit: float
    memory: float


def main(only: str = "") -> None:
    """Print the tables, or of the first one the rows of a change alone."""
    print(f"{machine()}, load {os.getloadavg()[0]:.1f}\n")
    print("| what | one heatmap | app | ratio | bar | |\n|---|---|---|---|---|---|")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        if not only:
            starts(browser, dict.fromkeys(_START, 1.3))
        _changes(browser)
        if only:
            return
        print("\n| units × steps | first visit, MB | a change, MB |\n|---|---|---|")
        with started("app.py") as (url, _):
            for wide, long in ((64, 200), (256, 1_000)):
                first, then = _bytes(browser, address(url, wide, long))
                print(f"| {wide} × {long:,} | {first:.2f} | {then:.2f} |")
        memory = _sessions(browser)
        print(f"\n{SESSIONS} sessions of {MODELS} models each: {memory:,.0f} MB", end="")
        print(f" (bar 2,000 MB, {verdict(memory < 2_000)})")
        browser.close()


def address(url: str, wide: int = 64, long: int = 200) -> str:
    """Address of an LSTM of so many units on a text of so many steps."""
    return f"{url}/?lang=en&units={wide}&text={LETTERS * (long // len(LETTERS))}"


def verdict(is_met: bool) -> str:
    """A word of the tables."""
    return "pass" if is_met else "**short**"


def starts(browser: Browser, bars: Mapping[str, float]) -> None:
    """Print rows of a start; the two in turn, so that what else the machine does falls on both.

    bars  the most that the app may be of the script with one heatmap, by name of a row.
    """
    runs = [(_start(browser, FLOOR), _start(browser, "app.py")) for _ in range(STARTS)]
    for index, name in enumerate(_START):
        if name not in bars:
            continue
        floor, ours = (statistics.median(run[which][index] for run in runs) for which in (0, 1))
        ratio = statistics.median(run[1][index] / run[0][index] for run in runs)
        print(f"| {name} | {floor:.2f} | {ours:.2f} | {ratio:.2f}", end="")
        print(f" | {bars[name]:.2f} | {verdict(ratio <= bars[name])} |")


def _start(browser: Browser, script: str | Path) -> Start:
    begun = time.time()
    with started(script) as (url, process):
        with new_page(browser) as page:
            cold = first_painted(page, address(url), _HEATMAP)[1] / 1_000 - begun
            page.wait_for_timeout(1_500)
            memory = resident(process.pid)
        with new_page(browser) as page:
            visit = first_painted(page, address(url), _HEATMAP)[0] / 1_000
    return Start(cold, visit, memory)


@contextmanager
def new_page(browser: Browser) -> Iterator[Page]:
    """A page of its own context, which is closed with it."""
    context = browser.new_context(viewport=VIEW, locale="en-GB")
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


@contextmanager
def side_by_side(browser: Browser, watch: str) -> Iterator[tuple[Page, Page]]:
    """Pages of one heatmap and of the app, both painted and at rest.

    watch  script that runs on each.
    """
    with (
        started(FLOOR) as (floor, _),
        started("app.py") as (ours, _),
        new_page(browser) as plain,
        new_page(browser) as page,
    ):
        for one, url in ((plain, floor), (page, ours)):
            first_painted(one, address(url), _HEATMAP)
            settle(one)
            one.evaluate(watch)
        yield plain, page


def _changes(browser: Browser) -> None:
    with side_by_side(browser, WATCH_CHANGES) as (plain, page):
        for seed in range(100, 100 + CHANGES + 3):
            _change(plain, seed)
            _change(page, seed)
        times = [one.evaluate("changes")[3:] for one in (plain, page)]
    for name, bar, of in (("median", 250, statistics.median), ("p95", None, _late)):
        floor_ms, ours_ms = map(of, times)
        line = f"| a change of the seed to repaint, 6 × 64 × 200, ms, {name} | {floor_ms:.0f}"
        judged = f"{bar} ms | {verdict(ours_ms <= bar)}" if bar else " | "
        print(f"{line} | {ours_ms:.0f} | {ours_ms / floor_ms:.2f} | {judged} |")


def _late(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def settle(page: Page) -> None:
    """Wait until the page is at rest."""
    page.wait_for_timeout(3_000)


def _change(page: Page, seed: int) -> None:
    before = page.evaluate("changes.length")
    type_seed(page, seed)
    page.wait_for_function("before => changes.length > before", arg=before)
    rest(page)


def type_seed(page: Page, seed: int) -> None:
    """Type a seed and end it with Enter; the app has its field among what experts choose."""
    field, drawer = page.locator(".st-key-seed input"), page.locator(".st-key-expert button")
    if not field.is_visible():
        drawer.first.click()
        field.wait_for()
        page.wait_for_timeout(500)
    field.fill(str(seed))
    field.press("Enter")


def rest(page: Page) -> None:
    """Wait until the script of the page has run."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_timeout(400)


def _bytes(browser: Browser, address: str) -> tuple[float, float]:
    """Megabytes received with the first picture, and with a change of the seed."""
    with new_page(browser) as page:
        sockets = Sockets(page)
        first_painted(page, address, _HEATMAP)
        settle(page)
        first = sockets.received
        page.evaluate(WATCH_CHANGES)
        type_seed(page, 1)
        page.wait_for_function("changes.length")
        page.wait_for_timeout(3_000)
        return first / 1e6, (sockets.received - first) / 1e6


def _sessions(browser: Browser) -> float:
    """Megabytes of a server with all sessions open, each model of 256 units over 1,000 steps.

    The browser is kept from drawing: what counts is what the server holds.
    """
    with started("app.py") as (url, process), new_page(browser) as page:
        page.context.route("**/PlotlyChart*.js", lambda route: route.abort())
        tabs = [page, *(page.context.new_page() for _ in range(SESSIONS - 1))]
        for number, tab in enumerate(tabs):
            tab.goto(address(url, 256, 1_000) + f"&seed={1_000 * (number + 1)}")
            tab.wait_for_selector(".st-key-reset, .st-key-diagram", state="attached")
            settle(tab)
        for model in range(1, MODELS):
            for number, tab in enumerate(tabs):
                tab.bring_to_front()
                type_seed(tab, 1_000 * (number + 1) + model)
                tab.wait_for_timeout(300)
                rest(tab)
        return resident(process.pid)
