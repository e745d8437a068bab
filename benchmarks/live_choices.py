"""Choices in the app against a change in a Streamlit script that shows one heatmap.

All are made in turn, six heatmaps of 64 units over 200 steps. A choice counts from its event, a key
or a click, to the frame after which every heatmap is another one, which the page computed or the
server sent.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable

from playwright.sync_api import Browser, Page

from benchmarks.app import rest, side_by_side, starts, type_seed, verdict

ROUNDS = 15
_HEATMAP = 'document.querySelector(".heatmaplayer image")?.getAttribute("href")'
_WATCH = """() => {
  const pictures = () =>
    [...document.querySelectorAll(".heatmaplayer image")].map((i) => i.getAttribute("href"));
  const tried = () => globalThis.rnnvizPlayheads?.get("panels").triedOf("panels");
  globalThis.expectChoice = (name) => {
    globalThis.took = 0;
    const before = [new Set(pictures()), tried()];
    const isNew = () => {
      const now = pictures();
      const isOther = now.length && !now.some((one) => before[0].has(one));
      return isOther || (tried() && tried() !== before[1]);
    };
    const begin = (event) => {
      if (event.type === "keydown" && event.key !== "Enter") return;
      removeEventListener(name, begin, true);
      const done = () => (globalThis.took = performance.now() - event.timeStamp);
      const look = () => (isNew() ? afterPaint(done) : requestAnimationFrame(look));
      look();
    };
    addEventListener(name, begin, true);
  };
}"""


def print_choices(browser: Browser) -> None:
    """Print the table: choices, then a start and the memory after it."""
    print(f"\nload {os.getloadavg()[0]:.1f}\n")
    print("| what | one heatmap | app | ratio | bar | |\n|---|---|---|---|---|---|")
    with side_by_side(browser, _WATCH) as (plain, page):
        times = _times(plain, page)
    bare = statistics.median(times.pop("one heatmap"))
    for name, took in times.items():
        ms = statistics.median(took)
        print(f"| {name}, ms | {bare:.0f} | {ms:.0f} | {ms / bare:.2f} | 100 ms", end="")
        print(f" | {verdict(ms <= 100)} |")
    starts(browser, {"start to first heatmap, s": 1.1, "resident memory, MB": 1.2})


def _times(plain: Page, page: Page) -> dict[str, list[float]]:
    """Milliseconds of each choice, that of the one heatmap beside every other."""
    choices: dict[str, tuple[str, Callable[[int], None]]] = {
        "a seed is typed": ("input", lambda number: type_seed(page, 100 + 10 * number)),
        "the die is thrown": ("click", lambda _: page.locator(".st-key-die button").first.click()),
        "another cell is chosen": ("click", lambda number: _choose(page, number)),
    }
    found: dict[str, list[float]] = {name: [] for name in ("one heatmap", *choices)}
    seeds = 0
    for name, (event, act) in choices.items():
        for number in range(ROUNDS + 1):
            seeds += 1
            bare = _took(plain, "keydown", lambda seed: type_seed(plain, seed), seeds)
            took = _took(page, event, act, number)
            # A first time loads what the others find loaded.
            if number:
                found["one heatmap"].append(bare)
                found[name].append(took)
    return found


def _choose(page: Page, number: int) -> None:
    cell = ("LSTM", "GRU (PyTorch)")[number % 2 == 0]
    page.locator(".st-key-network").get_by_role("radio", name=cell, exact=True).click()


def _took(page: Page, event: str, act: Callable[[int], None], number: int) -> float:
    page.evaluate("name => expectChoice(name)", event)
    act(number)
    page.wait_for_function("globalThis.took")
    took = float(page.evaluate("took"))
    rest(page)
    return took
