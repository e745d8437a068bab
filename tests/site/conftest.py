"""One static edition for all tests: to write it takes longer than to read it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from rnnviz.i18n import LANGUAGES
from rnnviz.site.edition import static_edition
from rnnviz.site.files import Files
from rnnviz.site.writer import write_files
from tests.browser.chromium import launch


@pytest.fixture(scope="session")
def edition() -> Files:
    return static_edition(LANGUAGES)


@pytest.fixture(scope="session")
def site(edition: Files, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    write_files(folder, edition)
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = launch(playwright)
        yield launched
        launched.close()


@pytest.fixture
def opened(browser: Browser, site: Path) -> Iterator[Any]:
    """Opens a page of the folder; nothing may be asked of a network, and nothing may fail."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def heard(failed: Request) -> None:
        # A page that is left ends what it still asks for; a file that is missing says so.
        if failed.failure not in ("net::ERR_ABORTED", "failed"):
            errors.append(f"{failed.failure}: {failed.url}")

    def open_page(address: str = "en/read.html", **options: Any) -> Page:
        context = browser.new_context(offline=True, **options)
        contexts.append(context)
        context.set_default_timeout(10_000)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        context.on("request", lambda one: errors.append(one.url) if one.url[:4] == "http" else None)
        context.on("requestfailed", lambda one: errors.append(f"failed: {one.url}"))
        page = context.new_page()
        path, _, rest = address.partition("#")
        page.goto(f"{(site / path).as_uri()}#{rest}")
        expect(page.locator(".hm image").first).to_be_visible()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not errors
