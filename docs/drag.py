"""A hand drags the forget gate of a trained network, as a moving picture: `python -m docs.drag`."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page, sync_playwright

from docs.make import opened
from tests.browser.chromium import launch, serving

TARGET = Path(__file__).parent / "drag.webp"
ADDRESS = "?lang=en&model=preset:brackets_lstm&text=([{}])()&step=6"
WINDOW = {"width": 1440, "height": 760}
WIDTH, FRAME = 1000, 90  # pixels, milliseconds
# A headless browser draws no pointer.
_HAND = """() => {
  const hand = document.createElement("div");
  hand.id = "hand";
  hand.style.cssText = "position: fixed; z-index: 1e6; width: 18px; height: 18px; margin: -9px;"
    + "border: 2px solid white; border-radius: 50%; background: #b3261e; pointer-events: none;";
  document.body.append(hand);
  addEventListener("pointermove", (event) => {
    hand.style.left = `${event.clientX}px`;
    hand.style.top = `${event.clientY}px`;
  }, true);
}"""


def main() -> None:
    """Take and keep the frames."""
    with serving("app.py") as url, sync_playwright() as playwright:
        browser = launch(playwright)
        page = opened(browser, f"{url}/{ADDRESS}", reduced_motion="reduce")
        page.set_viewport_size(WINDOW)
        page.evaluate(_HAND)
        frames = list(dragged(page, page.locator('[data-gate="forget"]')))
        browser.close()
    first, *others = frames
    first.save(TARGET, save_all=True, append_images=others, duration=FRAME, loop=0, quality=60)


def dragged(page: Page, gate: Locator) -> Iterator[Image.Image]:
    """A frame for every place of the hand: it holds the gate lower and lower, then higher."""
    box = gate.bounding_box()
    assert box
    height = box["y"] + box["height"] / 2
    places = [part / 20 for part in chain(range(18, 0, -1), 6 * [1], range(1, 20), 6 * [19])]
    page.mouse.move(box["x"] + box["width"] * places[0], height)
    yield from 6 * [seen(page)]
    page.mouse.down()
    for place in places:
        page.mouse.move(box["x"] + box["width"] * place, height)
        page.wait_for_timeout(60)
        yield seen(page)
    page.mouse.up()


def seen(page: Page) -> Image.Image:
    """The page as it is now, as wide as README shows it."""
    whole = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    return whole.resize(
        (WIDTH, round(whole.height * WIDTH / whole.width)), Image.Resampling.LANCZOS
    )


if __name__ == "__main__":
    main()
