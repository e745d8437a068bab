"""Every lesson against Explore: a visit to a server just started, until its first figure.

A lesson that asks before it shows anything is visited by a link that carries the answer.
"""

from __future__ import annotations

import json
import statistics
from urllib.parse import urlencode

from playwright.sync_api import Browser, sync_playwright

from benchmarks.browser import first_painted, machine
from rnnviz.lessons.lesson import Figure, Live
from rnnviz.lessons.registry import LESSONS, lesson
from tests.browser.chromium import launch, started

ROUNDS = 9
PATIENCE = 120_000  # ms
_DRAWN = 'document.querySelector(".js-plotly-plot .main-svg")'


def main() -> None:
    """Print the table."""
    print(f"{machine()}\n\n| page | first figure, s | of Explore's | |\n|---|---|---|---|")
    pages = ["/?lang=en", *map(_address, LESSONS)]
    with sync_playwright() as playwright:
        browser = launch(playwright)
        rounds = [[_first(browser, page) for page in pages] for _ in range(ROUNDS)]
        browser.close()
    for place, name in enumerate(("Explore", *LESSONS)):
        seconds = statistics.median(times[place] for times in rounds)
        ratio = statistics.median(times[place] / times[0] for times in rounds)
        print(f"| {name} | {seconds:.2f} | {ratio:.2f} | {'pass' if ratio <= 1 else '**short**'} |")


def _address(name: str) -> str:
    one = lesson(name, "en")
    before = next(n for n in range(len(one.questions) + 1) if _has_figure(one.shown(n)))
    guess = {"guess": json.dumps(["0"] * before)} if before else {}
    return f"/learn?{urlencode({'lang': 'en', 'lesson': name, **guess})}"


def _has_figure(parts: tuple[object, ...]) -> bool:
    return any(isinstance(part, Figure | Live) for part in parts)


def _first(browser: Browser, page: str) -> float:
    with started("app.py") as (url, _):
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.set_default_timeout(PATIENCE)
        seconds = first_painted(context.new_page(), f"{url}{page}", _DRAWN)[0] / 1_000
        context.close()
    return seconds
