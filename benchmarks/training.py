"""Does a training in one session keep another waiting? Choice to repaint, with and without it."""

from __future__ import annotations

import statistics
import time
from datetime import date

from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import launch, serving

ROUNDS = 12
TASK = "task=brackets&rounds=5000&width=64"
PATIENCE = 60_000


def main() -> None:
    """Print the median and the slowest milliseconds, alone and beside two trainings."""
    print(date.today())
    with serving("app.py", None) as url, sync_playwright() as playwright:
        browser = launch(playwright)
        reader = browser.new_page(viewport={"width": 1440, "height": 900})
        _open(reader, f"{url}/?lang=en")
        _print("alone", _repaints(reader))
        trainers = [_training(browser.new_page(), url) for _ in range(2)]
        _print("beside two trainings", _repaints(reader))
        for trainer in trainers:
            trainer.get_by_role("button", name="Stop").click()
        browser.close()


def _print(title: str, times: list[float]) -> None:
    print(f"{title}: median {statistics.median(times):.0f} ms, slowest {max(times):.0f} ms")


def _open(page: Page, address: str) -> None:
    page.goto(address, timeout=PATIENCE)
    page.wait_for_selector(".heatmaplayer image", timeout=PATIENCE)


def _training(page: Page, url: str) -> Page:
    _open(page, f"{url}/train?lang=en&{TASK}")
    page.get_by_test_id("stMain").get_by_role("button", name="Train", exact=True).click()
    page.get_by_text("s left").wait_for(timeout=PATIENCE)
    return page


def _repaints(page: Page) -> list[float]:
    """Milliseconds from a click on another cell to its first heatmap."""
    cells = ["GRU", "LSTM"] * (ROUNDS // 2)
    return [_repaint(page, cell) for cell in cells]


def _repaint(page: Page, cell: str) -> float:
    image = page.locator(".st-key-panels .hm image").first
    before = image.get_attribute("href")
    start = time.perf_counter()
    page.get_by_role("radio", name=cell, exact=True).click()
    page.wait_for_function(
        "before => document.querySelector('.st-key-panels .hm image')"
        "?.getAttribute('href') !== before",
        arg=before,
        timeout=PATIENCE,
    )
    return 1000 * (time.perf_counter() - start)
