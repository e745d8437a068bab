"""The page of a report in Chromium, opened from its file with the network off."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

import rnnviz as rv
from tests.site.reading import NUMBERS
from tests.witnesses import normal


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_report_opens_from_its_file_and_its_player_steps(
    browser: Browser, tmp_path: Path, scheme: str
) -> None:
    model, values = rv.random_model("lstm", 2, 5, 2, dtype=float), normal(400, 2)
    found = rv.report(model, values, tmp_path / "report.html")
    context = browser.new_context(offline=True, color_scheme=scheme)
    wrong: list[str] = []
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on("console", lambda said: wrong.append(said.text))
    page = context.new_page()
    page.goto((tmp_path / "report.html").as_uri())
    expect(page.locator(".st-key-panels .hm image").first).to_be_visible()
    for name in ("cell", "forget"):
        start, stop = found.profile.start, found.profile.stop
        shown = page.evaluate(NUMBERS, name)
        whole = rv.trace(model, values).layers[1].signals[name][start:stop, 0]
        np.testing.assert_allclose(shown, whole, rtol=1e-11, atol=1e-12)
    peak = int(np.argmax(found.profile.values[start:stop]))
    token = page.locator("[data-part=token]").first
    expect(token).to_have_text(str(start + peak + 1))
    page.keyboard.press("Home")
    expect(token).to_have_text(str(start + 1))
    page.keyboard.press("ArrowRight")
    expect(token).to_have_text(str(start + 2))
    expect(page.locator("[data-place=asked]")).to_be_hidden()
    expect(page.locator("[data-place=compared]")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator(".stepped")).to_be_hidden()
    expect(page.locator(".printed svg").first).to_be_visible()
    context.close()
    assert not wrong
