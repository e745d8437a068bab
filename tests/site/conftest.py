"""One static edition for all tests: to write it takes longer than to read it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from rnnviz.i18n import LANGUAGES
from rnnviz.site.edition import shell_files, static_edition
from rnnviz.site.files import Files
from rnnviz.site.read import read_files
from rnnviz.site.writer import LIST, write_files
from rnnviz.ui.player.read_page import page_script
from tests.browser.chromium import launched

Opened = Callable[..., Page]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written_once(tmp_path_factory, "site", lambda: static_edition(LANGUAGES))


@pytest.fixture(scope="session")
def edition(site: Path) -> Files:
    paths = json.loads((site / LIST).read_text("utf-8"))
    return {path: (site / path).read_bytes() for path in paths}


@pytest.fixture(scope="session")
def read_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Read page alone: the lessons take most of the time of an edition."""
    return written_once(
        tmp_path_factory, "read_site", lambda: {**shell_files(LANGUAGES), **read_files(LANGUAGES)}
    )


def written_once(
    factory: pytest.TempPathFactory, name: str, make: Callable[[], Files], seconds: float = 300
) -> Path:
    """Folder with files that one worker of a run makes, while the others wait for it."""
    own = factory.getbasetemp()
    room = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder, lock = room / name, room / f"{name}.lock"
    end = time.monotonic() + seconds
    while not folder.exists():
        assert time.monotonic() < end, f"{folder} is not written"
        try:
            lock.touch(exist_ok=False)
        except FileExistsError:
            time.sleep(0.1)
            continue
        try:
            if not folder.exists():
                write_files(room / f"{name}.new", make())
                (room / f"{name}.new").rename(folder)
        finally:
            lock.unlink()
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def script_page(browser: Browser) -> Iterator[Page]:
    """An empty page with the script of the Read page, for what it computes."""
    opened = browser.new_page()
    opened.add_script_tag(content=page_script())
    yield opened
    opened.close()


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
            page.locator(".hm image").first.wait_for()
            return page

        yield opened_read
