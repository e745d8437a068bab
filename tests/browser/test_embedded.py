"""A lesson within another page's frame: the content alone, and it works there."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from rnnviz.i18n import word
from rnnviz.lessons.registry import lesson
from tests.browser.conftest import Opened


def test_a_lesson_in_a_frame_is_the_lesson_alone_and_works(open_page: Opened) -> None:
    app = open_page("")
    source = f"{app.url}/learn?embed=true&lang=en&mix=5&lesson=gru"
    frame = f'<iframe title="lesson" src="{source}" width="900" height="800"></iframe>'
    host = f"<!doctype html><html lang=en><title>Host</title><body>{frame}</body></html>"
    at = f"{app.url}/host.html"
    app.page.route(at, lambda route: route.fulfill(body=host, content_type="text/html"))
    app.page.goto(at)
    inside = app.page.frame_locator("iframe")
    one = lesson("gru", "en")
    expect(inside.get_by_role("heading", name=one.title, exact=True)).to_be_visible()
    asked = inside.locator(f".st-key-question_{one.questions[0].name}")
    asked.locator("[role=radiogroup] label").first.click()
    asked.get_by_role("button", name=word("learn.reveal")).click()
    expect(asked.get_by_test_id("stAlert").first).to_be_visible()
    for outside in ("stToolbar", "stTopNavLink", "stTopNavLinkContainer", "stLogo"):
        expect(inside.get_by_test_id(outside).filter(visible=True)).to_have_count(0)
    expect(inside.locator(".st-key-language")).to_have_count(0)
    for name in ("learn.all", "learn.teacher"):
        expect(inside.get_by_text(word(name), exact=True)).to_have_count(0)
    # What was answered is written into the address, which stays that of a frame.
    app.page.frames[1].wait_for_url(re.compile("guess="), wait_until="commit")
    assert "embed=true" in app.page.frames[1].url
