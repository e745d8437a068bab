"""Take the pictures in this folder: `python -m docs.make` (`make pictures`).

Ten minutes with the app, step by step; in both languages every lesson read to its end, every
cell at a step and every view of Understand. `pictures.json` keeps what each page of the ten
minutes is known by, and tests/browser/test_pictures.py fails when one no longer looks like its
picture.
"""

from __future__ import annotations

import csv
import io
import json
import math
import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import torch
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

import rnnviz as rv
from rnnviz.i18n import LANGUAGES
from rnnviz.interventions.serialise import to_text
from rnnviz.interventions.types import Clamp
from rnnviz.lessons.registry import LESSONS, lesson, lesson_code
from rnnviz.ui.understand.registry import INSIGHTS
from tests.browser.chromium import launch, serving

HERE = Path(__file__).parent
WIDE = {"width": 1440, "height": 900}
STILL = 2_500  # ms, until the last movement has ended

PICTURES = HERE / "pictures.json"
# What a page is known by: where its parts stand, its headings, and how many figures it has.
_LANDMARKS = """() => {
    const main = document.querySelector("[data-testid=stMain]");
    const seen = (e) => e.checkVisibility({ visibilityProperty: true });
    const keys = [...main.querySelectorAll("[class*=st-key-]")].filter(seen)
        .flatMap((e) => [...e.classList].filter((name) => name.startsWith("st-key-")))
        .map((name) => name.slice(7).replace(/[-_0-9]*$/, ""));
    const headings = [...main.querySelectorAll("h1, h2, h3, h4")].filter(seen)
        .map((e) => e.textContent.trim());
    return {
        keys: [...new Set(keys)].sort(),
        headings,
        figures: main.querySelectorAll(".js-plotly-plot").length,
    };
}"""

Keep = Callable[[Page, str], None]


def main() -> None:
    """Take them all."""
    taken: dict[str, Any] = {}

    def keep(page: Page, name: str) -> None:
        picture(page, name)
        taken[name] = landmarks(page)

    with serving("app.py") as url, sync_playwright() as playwright:
        browser = launch(playwright)
        for part in WALKS:
            part(browser, url, keep)
        PICTURES.write_text(json.dumps(taken, indent=1, ensure_ascii=False) + "\n", "utf-8")
        for language in LANGUAGES:
            for name in LESSONS:
                read_lesson(browser, url, name, language)
            for cell in rv.CELLS:
                at_a_step(browser, url, cell, language)
            for name in INSIGHTS:
                view(browser, url, name, language)
        browser.close()


def landmarks(page: Page) -> dict[str, Any]:
    """A picture's address, but for files that it names, and what its page is known by."""
    at = urlsplit(page.url)
    files = ("upload", "modelfile")
    query = [(key, value) for key, value in parse_qsl(at.query) if key not in files]
    found: dict[str, Any] = page.evaluate(_LANDMARKS)
    return {"address": f"{at.path}?{urlencode(query)}", **found}


def walk(browser: Browser, url: str, keep: Keep) -> None:
    """A new user's first ten minutes."""
    page = opened(browser, f"{url}/?lang=en")
    page.wait_for_timeout(2_000)  # it plays once by itself
    keep(page, "1-opens")
    page.get_by_test_id("stMain").locator("input[type=text]:visible").first.fill("Lovelace")
    settled(page)
    page.locator('.player [data-part="last"]').click()
    settled(page)
    keep(page, "2-your-name")
    page.locator('.player [data-part="first"]').click()
    for _ in range(3):
        page.locator('.player [data-part="forward"]').click()
    settled(page)
    keep(page, "3-step-on-gru")
    page = opened(browser, f"{url}/?lang=en&model=untrained")
    page.get_by_role("button", name="Upload").click()
    file = {"name": "weather.csv", "mimeType": "text/csv", "buffer": weather()}
    page.locator("input[type=file]").set_input_files([file])
    expect(page.locator(".player [data-part=slider]")).to_have_attribute("max", "90")
    page.keyboard.press("Escape")
    settled(page)
    keep(page, "4-upload-csv")
    page.get_by_role("button", name="Share").click()
    settled(page)
    keep(page, "5-send-the-link")
    link = page.url.replace("lang=en", "lang=zh")
    keep(opened(browser, link, color_scheme="dark"), "6-link-opened")


def models(browser: Browser, url: str, keep: Keep) -> None:
    """A checkpoint of one's own, a published network, and one that learns."""
    page = opened(browser, f"{url}/?lang=en")
    page.locator(".st-key-model_list button").first.click()
    file = {"name": "tagger.pt", "mimeType": "application/octet-stream", "buffer": tagger()}
    page.locator("input[type=file]").set_input_files([file])
    expect(page.get_by_text("the readout's activation is softmax")).to_be_visible(timeout=60_000)
    page.keyboard.press("Escape")
    settled(page)
    keep(page, "7-your-model")
    page = opened(browser, f"{url}/?lang=en&model=zoo:g2p_en&says=hello&part=decoder")
    keep(page, "8-published")
    page = opened(browser, f"{url}/train?lang=en&task=brackets&width=16&rounds=400")
    page.get_by_test_id("stMain").get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("done, 400 updates")).to_be_visible(timeout=180_000)
    settled(page)
    keep(page, "9-trained")


def runs(browser: Browser, url: str, keep: Keep) -> None:
    """An hour of heartbeats, runs beside each other, a gate that is held, a lesson in class."""
    page = opened(browser, f"{url}/?lang=en&model=untrained")
    page.get_by_role("button", name="Samples").click()
    page.get_by_role("button", name="An hour of heartbeats").click()
    expect(page.locator(".minimap .where")).to_contain_text("of 360,000", timeout=180_000)
    settled(page)
    keep(page, "10-an-hour-of-heartbeats")
    keep(opened(browser, f"{url}/compare?lang=en"), "11-compare")
    held = to_text([Clamp("forget", 0.0, start=11, stop=12)])
    chosen = {"lang": "en", "model": "untrained", "do": held, "versus": "difference", "step": 14}
    keep(opened(browser, f"{url}/?{urlencode(chosen)}"), "12-intervene")
    page = opened(browser, f"{url}/learn?lang=en&lesson=gru&class=1&slide=3")
    keep(page, "13-in-class")


def questions(browser: Browser, url: str, keep: Keep) -> None:
    """What a network has learned, in both languages, and a published finding measured again."""
    asked = "understand=memory&model=preset:brackets_lstm"
    for number, language in enumerate(LANGUAGES, start=14):
        page = opened(browser, f"{url}/understand?lang={language}&{asked}")
        keep(page, f"{number}-understand-{language}")
    page = opened(browser, f"{url}/reproduce?lang=en&finding=flip_flop_cube")
    expect(page.get_by_text("holds here")).to_be_visible(timeout=60_000)
    settled(page)
    keep(page, "16-reproduce")


WALKS = (walk, models, runs, questions)

# Networks on which a view has the most to say; the others are of the one that counts brackets.
SHOWN_ON = {
    "trajectories": "flip_flop_gru",
    "fixed_points": "flip_flop_gru",
    "phase": "choices_gru",
    "coloured_text": "next_character_lstm",
    "write": "next_character_lstm",
    "inputs": "languages_gru",
    "written_answer": "languages_gru",
}


def view(browser: Browser, url: str, name: str, language: str) -> None:
    """A view of Understand, wide and light beside narrow and dark."""
    model = SHOWN_ON.get(name, "brackets_lstm")
    query = urlencode({"lang": language, "understand": name, "model": f"preset:{model}"})
    address = f"{url}/understand?{query}"
    shots = []
    for width, height, scheme in ((1280, 900, "light"), (390, 900, "dark")):
        size = {"width": width, "height": height}
        page = browser.new_context(viewport=size, color_scheme=scheme).new_page()
        page.goto(address)
        page.wait_for_selector(".player", timeout=60_000)
        settled(page)
        shots.append(Image.open(io.BytesIO(page.screenshot())))
        page.context.close()
    sheet = Image.new("RGB", (sum(one.width for one in shots), 900))
    for one, left in zip(shots, (0, 1280), strict=True):
        sheet.paste(one, (left, 0))
    sheet.save(HERE / f"view-{name}-{language}.webp", quality=72, method=6)


def read_lesson(browser: Browser, url: str, name: str, language: str) -> None:
    """A lesson from its title to its sources, its questions answered."""
    questions = lesson(name, language).questions
    guesses = json.dumps([str(lesson_code(name).answers[one.name]()) for one in questions])
    query = urlencode({"lang": language, "lesson": name, "guess": guesses})
    page = browser.new_context(viewport={"width": 1000, "height": 900}).new_page()
    page.goto(f"{url}/learn?{query}")
    page.wait_for_selector(".js-plotly-plot .main-svg", timeout=60_000)
    settled(page)
    height = page.get_by_test_id("stMainBlockContainer").bounding_box()["height"]
    page.set_viewport_size({"width": 1000, "height": round(height) + 80})
    settled(page)
    seen = Image.open(io.BytesIO(page.screenshot()))
    seen.save(HERE / f"lesson-{name}-{language}.webp", quality=72, method=6)
    page.context.close()


def tagger() -> bytes:
    """A checkpoint as people have them: embedding, two levels in both directions, a head."""
    torch.manual_seed(0)
    parts = {
        "embed": torch.nn.Embedding(30, 8),
        "rnn": torch.nn.LSTM(8, 24, 2, bidirectional=True),
        "fc": torch.nn.Linear(48, 5),
    }
    stream = io.BytesIO()
    torch.save(torch.nn.ModuleDict(parts).state_dict(), stream)
    return stream.getvalue()


def at_a_step(browser: Browser, url: str, cell: str, language: str) -> None:
    """One cell in the middle of a sentence."""
    chosen = {"model": "untrained", "cell": cell, "step": 10, "order": "similarity"}
    query = urlencode({"lang": language, **chosen})
    page = opened(browser, f"{url}/?{query}")
    picture(page, f"cell-{cell}-{language}")
    page.context.close()


def opened(browser: Browser, address: str, **options: str) -> Page:
    """A new visitor's page, settled."""
    page = browser.new_context(viewport=WIDE, **options).new_page()
    page.goto(address)
    page.wait_for_selector(".js-plotly-plot .main-svg")
    settled(page)
    return page


def settled(page: Page) -> None:
    """Wait until the cursor has rested, the server answered and the page is still."""
    page.wait_for_timeout(STILL)
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=60_000)


def picture(page: Page, name: str) -> None:
    """Keep what is seen."""
    page.screenshot(path=HERE / f"{name}.png")


def weather() -> bytes:
    """Ninety days of a made-up spring, with three gaps."""
    draw = random.Random(4)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["date", "temperature", "rain", "wind"])
    for day in range(90):
        warmth = 8 + 0.13 * day + 4 * math.sin(day / 3) + draw.gauss(0, 1)
        temperature = "" if day in (20, 21, 55) else f"{warmth:.1f}"
        rain = f"{max(0, draw.gauss(1, 3)):.1f}"
        when = date(2024, 3, 1) + timedelta(days=day)
        table.writerow([when, temperature, rain, draw.choice("NESW")])
    return text.getvalue().encode()


if __name__ == "__main__":
    main()
