"""One static edition for all tests: to write it takes longer than to read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from rnnviz.i18n import LANGUAGES
from rnnviz.site.edition import shell_files, static_edition
from rnnviz.site.files import Files
from rnnviz.site.read import read_files
from rnnviz.site.writer import write_files
from tests.browser.chromium import launched

Opened = Callable[..., Page]


@pytest.fixture(scope="session")
def edition() -> Files:
    return static_edition(LANGUAGES)


@pytest.fixture(scope="session")
def site(edition: Files, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    write_files(folder, edition)
    return folder


@pytest.fixture(scope="session")
def read_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Read page alone: the lessons take most of the time of an edition."""
    folder = tmp_path_factory.mktemp("read_site")
    write_files(folder, {**shell_files(LANGUAGES), **read_files(LANGUAGES)})
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def open_page(browser: Browser, site: Path) -> Iterator[Opened]:
    """Opens a file of the edition; nothing but its files may be asked for, and nothing may fail."""
    with opening_files_of(site, browser) as opened:
        yield opened


@contextmanager
def opening_files_of(site: Path, browser: Browser) -> Iterator[Opened]:
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def opened(address: str, **options: Any) -> Page:
        context = browser.new_context(**{"offline": True, "reduced_motion": "reduce"} | options)
        contexts.append(context)
        context.set_default_timeout(30_000)
        context.on("request", lambda one: None if is_inside(one.url) else wrong.append(one.url))
        context.on("weberror", lambda error: wrong.append(str(error.error)))
        # A file that is not there is an error of the console too.
        context.on("console", lambda said: wrong.append(said.text) if said.type == "error" else 0)
        page = context.new_page()
        path, _, rest = address.partition("#")
        page.goto(f"{(site / path).as_uri()}#{rest}" if rest else (site / path).as_uri())
        return page

    def is_inside(url: str) -> bool:
        return url.startswith((site.as_uri(), "data:", "blob:"))

    yield opened
    for context in contexts:
        context.close()
    assert not wrong


@pytest.fixture
def opened(browser: Browser, read_site: Path) -> Iterator[Opened]:
    """Opens the Read page, with its heatmaps drawn."""
    with opening_files_of(read_site, browser) as open_file:

        def opened_read(address: str = "en/read.html", **options: Any) -> Page:
            page = open_file(address, **{"reduced_motion": "no-preference"} | options)
            expect(page.locator(".hm image").first).to_be_visible()
            return page

        yield opened_read
