"""Every lesson against Explore: a visit to a server just started, until its first figure."""

from __future__ import annotations

import statistics

from playwright.sync_api import Browser, sync_playwright

from benchmarks.browser import machine
from rnnviz.lessons.shelf import LESSONS
from tests.browser.chromium import launch, started

ROUNDS = 3
PATIENCE = 120_000  # ms
# What a chart or a live cell is once it is drawn.
_DRAWN = ".js-plotly-plot .main-svg"
_PAGES = ("/?lang=en", *(f"/learn?lang=en&lesson={lesson}" for lesson in LESSONS))


def main() -> None:
    """Print the table."""
    print(f"{machine()}\n\n| page | first figure, s | of Explore's | |\n|---|---|---|---|")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        rounds = [[_first(browser, page) for page in _PAGES] for _ in range(ROUNDS)]
        browser.close()
    for place, name in enumerate(("Explore", *LESSONS)):
        seconds = statistics.median(times[place] for times in rounds)
        ratio = statistics.median(times[place] / times[0] for times in rounds)
        print(f"| {name} | {seconds:.2f} | {ratio:.2f} | {'pass' if ratio <= 1 else '**short**'} |")


def _first(browser: Browser, page: str) -> float:
    with started("app.py") as (url, _):
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        tab = context.new_page()
        tab.goto(f"{url}{page}")
        tab.wait_for_selector(_DRAWN, timeout=PATIENCE)
        seconds = float(tab.evaluate("performance.now()")) / 1_000
        context.close()
    return seconds
