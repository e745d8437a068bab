"""The pictures in docs show the app as it is: their pages still have the parts that they had."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from docs import make
from docs.make import HERE, PICTURES, WALKS, Keep, landmarks
from rnnviz.i18n import LANGUAGES
from rnnviz.ui.understand.registry import INSIGHTS
from tests.browser.conftest import Server

TAKEN: dict[str, Any] = json.loads(PICTURES.read_text("utf-8"))


def test_every_picture_of_the_walk_is_there_and_known() -> None:
    pictures = {path.stem for path in HERE.glob("[0-9]*-*.png")}
    assert pictures == set(TAKEN)


def test_every_view_of_understand_has_its_pictures() -> None:
    shown = re.findall(r"\((view-.*\.webp)\)", (HERE / "understand.md").read_text("utf-8"))
    assert shown == [f"view-{name}-{each}.webp" for name in INSIGHTS for each in LANGUAGES]
    assert {path.name for path in HERE.glob("view-*")} == set(shown)


@pytest.mark.parametrize("walk", WALKS)
def test_a_page_still_looks_like_its_picture(
    walk: Any, browser: Browser, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is drawn need not lie still to be counted; the cursor rests after 400 ms.
    monkeypatch.setattr(make, "STILL", 900)
    seen: dict[str, Any] = {}

    def keep(page: Page, name: str) -> None:
        seen[name] = landmarks(page)

    kept: Keep = keep
    before = browser.contexts
    walk(browser, server.url, kept)
    # Pages that are left open go on playing.
    for context in browser.contexts:
        if context not in before:
            context.close()
    assert seen
    for name, found in seen.items():
        # The address is where to look; it may be written a moment after the picture.
        assert found | {"address": ""} == TAKEN[name] | {"address": ""}, name
