"""A running app, a browser, and pages that must stay without errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage

from tests.browser.chromium import launched, serving
from tests.browser.explore import PATIENCE, Explore

WIDE = {"width": 1440, "height": 900}

Opened = Callable[..., Explore]


@dataclass(frozen=True)
class Server:
    """The app as its users reach it, and what it has logged."""

    url: str
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text("utf-8", errors="replace")


@dataclass(frozen=True)
class Profile:
    """A context of the browser, and what has gone wrong in it."""

    context: BrowserContext
    errors: list[str]


# Of the package, not of the session: Playwright keeps an event loop running while it lives, which
# tests elsewhere need not meet.
@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with serving("app.py", log) as url:
        yield Server(url, log)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def open_page(browser: Browser, server: Server) -> Iterator[Opened]:
    """Opens the app in a context of its own: `open_page("cell=gru", viewport=…)`."""
    with _opening(browser, server) as opened:
        yield opened


@pytest.fixture(scope="module")
def open_once(browser: Browser, server: Server) -> Iterator[Opened]:
    """The same for what a whole module looks at; an opening costs seconds."""
    with _opening(browser, server) as opened:
        yield opened


@pytest.fixture(scope="package")
def profile(browser: Browser) -> Iterator[Profile]:
    """A context for the tabs of all modules, in which the app's scripts are loaded once."""
    errors: list[str] = []
    context = _context(browser, errors)
    yield Profile(context, errors)
    context.close()


@pytest.fixture(scope="module")
def tab(profile: Profile, server: Server) -> Iterator[Explore]:
    """One tab for all the tests of a module, at the app's address before the app is opened."""
    before = len(server.said)
    profile.errors.clear()
    page = profile.context.new_page()
    page.goto(f"{server.url}/_stcore/health")
    yield Explore(page, server.url)
    page.close()
    assert not profile.errors
    assert "Traceback" not in server.said[before:]


@pytest.fixture
def newcomer(tab: Explore) -> Explore:
    """The module's tab of someone who was never here, for a test that opens the app itself."""
    return _never_here(tab)


@pytest.fixture
def open_in_tab(tab: Explore) -> Opened:
    """Opens the app in the module's tab for someone who was never here: `open_in_tab("cell=gru")`.

    A context of its own takes three times as long.
    """

    def opened(
        query: str = "", *, viewport: Any = WIDE, color_scheme: Literal["dark", "light"] = "light"
    ) -> Explore:
        return _never_here(tab, viewport, color_scheme).open(query)

    return opened


@pytest.fixture
def app(open_in_tab: Opened) -> Explore:
    """The app as someone finds it who follows no link and was never here."""
    return open_in_tab()


def _never_here(tab: Explore, viewport: Any = WIDE, color_scheme: Any = "light") -> Explore:
    tab.page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
    tab.page.set_viewport_size(viewport)
    tab.page.emulate_media(color_scheme=color_scheme)
    return tab


@contextmanager
def _opening(browser: Browser, server: Server) -> Iterator[Opened]:
    """Neither the browser nor the server may complain before this ends."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []
    before = len(server.said)

    def opened(query: str = "", **options: Any) -> Explore:
        contexts.append(context := _context(browser, errors, **options))
        return Explore(context.new_page(), server.url).open(query)

    yield opened
    for context in contexts:
        context.close()
    assert not errors
    assert "Traceback" not in server.said[before:]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A failed test shows what the server had to say."""
    report = yield
    served = getattr(item, "funcargs", {}).get("server")
    if report.failed and served:
        report.sections.append(("Streamlit's log, its end", served.said[-3000:]))
    return report


def _context(browser: Browser, errors: list[str], **options: Any) -> BrowserContext:
    """A context, and what goes wrong in it."""
    context = browser.new_context(**{"viewport": WIDE, "locale": "en-GB"} | options)

    def heard(message: ConsoleMessage) -> None:
        url = message.location.get("url", "")
        # Streamlit looks for its own server under the address of a page first.
        if message.type == "error" and "/_stcore/" not in url:
            errors.append(f"{message.text} ({url})")

    context.set_default_timeout(PATIENCE)
    context.on("console", heard)
    context.on("weberror", lambda error: errors.append(str(error.error)))
    context.on("dialog", lambda dialog: errors.append(f"dialog: {dialog.message}"))
    return context
