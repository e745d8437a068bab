"""Every slide of a lesson in class, small, on one picture: `python -m docs.slides`."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from rnnviz.i18n import LANGUAGES
from rnnviz.lessons.lesson import QuizQuestion
from rnnviz.lessons.registry import LESSONS, lesson
from rnnviz.lessons.slides import slides
from tests.browser.chromium import launch, serving

HERE = Path(__file__).parent
WINDOW = {"width": 1280, "height": 720}
COLUMNS, SIZE, GAP = 4, (480, 270), 8


def main() -> None:
    """Take the slides of all lessons in both languages, as a projector of 1280 × 720 shows them."""
    with serving("app.py") as url, sync_playwright() as playwright:
        browser = launch(playwright)
        for language in LANGUAGES:
            for name in LESSONS:
                page = browser.new_context(viewport=WINDOW).new_page()
                page.goto(f"{url}/learn?lang={language}&lesson={name}&class=1")
                sheet = contact_sheet(slide_pictures(page, name, language))
                sheet.save(HERE / f"slides-{name}-{language}.webp", quality=66, method=6)
                page.context.close()
        browser.close()


def slide_pictures(page: Page, name: str, language: str) -> list[Image.Image]:
    """A picture of every slide, of a question after it was answered."""
    where, pictures = page.locator(".slide-controls output"), []
    for at, slide in enumerate(slides(lesson(name, language).parts), start=1):
        expect(where).to_have_attribute("data-shown", str(at), timeout=30_000)
        if any(isinstance(part, QuizQuestion) for part in slide):
            page.keyboard.press("PageDown")
            expect(page.get_by_test_id("stAlert").first).to_be_visible(timeout=30_000)
        page.wait_for_timeout(1_200)
        pictures.append(Image.open(io.BytesIO(page.screenshot())))
        page.keyboard.press("PageDown")
    return pictures


def contact_sheet(pictures: list[Image.Image]) -> Image.Image:
    """Pictures beside and under each other, in the order of reading."""
    wide, high = SIZE[0] + GAP, SIZE[1] + GAP
    rows = -(-len(pictures) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * wide + GAP, rows * high + GAP), "#d0d4dc")
    for n, picture in enumerate(pictures):
        row, column = divmod(n, COLUMNS)
        small = picture.convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)
        sheet.paste(small, (GAP + column * wide, GAP + row * high))
    return sheet


if __name__ == "__main__":
    main()
