"""axe-core over the page: nothing that we bring, nor Streamlit on it, is at fault."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import Opened
from tests.browser.explore import Explore


# Colours are of the scheme and what there is of the cell: each is there twice or once.
@pytest.mark.parametrize(
    ("cell", "scheme"),
    [("rnn", "light"), ("lstm", "dark"), ("gru", "light"), ("gru_reset_after", "dark")],
)
def test_axe_finds_no_fault_in_any_tab(open_in_tab: Opened, cell: str, scheme: str) -> None:
    app = open_in_tab(f"lang=en&cell={cell}&step=5", color_scheme=scheme)
    for tab in app.main.get_by_role("tab").all():
        tab.click()
        app.rest()
        assert faults(app) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault_in_a_comparison(open_in_tab: Opened, scheme: str) -> None:
    app = open_in_tab("lang=en&compare=inputs&step=5", color_scheme=scheme)
    app.page.get_by_role("link", name="Compare").click()
    expect(app.page.locator(".rnnviz-overlay")).to_have_count(2)
    expect(app.page.locator(".jump-table table")).to_be_visible()
    app.rest()
    assert faults(app) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", ["compare?compare=cells&", "train?"])
def test_axe_finds_no_fault_in_what_is_chosen(newcomer: Explore, page: str, scheme: str) -> None:
    """Tags of a list and the button that begins, whose ground is the theme's first colour."""
    app = newcomer
    app.page.emulate_media(color_scheme=scheme)
    app.page.goto(f"{app.url}/{page}lang=en&model=untrained")
    expect(app.page.locator(".rnnviz-overlay").first).to_be_visible()
    app.rest()
    assert faults(app) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("finding", ["flip_flop_cube", "saturated_gates"])
def test_axe_finds_no_fault_in_a_finding(newcomer: Explore, finding: str, scheme: str) -> None:
    """One that holds and one that does not."""
    app = newcomer
    app.page.emulate_media(color_scheme=scheme)
    app.page.goto(f"{app.url}/reproduce?lang=en&finding={finding}")
    expect(app.page.locator(".js-plotly-plot").first).to_be_visible()
    expect(app.page.get_by_text("Measured in")).to_be_visible()
    app.rest()
    assert faults(app) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault_in_a_scan(newcomer: Explore, scheme: str) -> None:
    """The network that writes on Alice, over the book."""
    app = newcomer
    app.page.emulate_media(color_scheme=scheme)
    shown = "scan=sample&scan_signal=cell&scan_unit=73&model=preset:next_character_lstm"
    app.page.goto(f"{app.url}/corpus?lang=en&{shown}")
    expect(app.page.locator(".js-plotly-plot")).to_have_count(3, timeout=60_000)
    expect(app.page.locator(".context-lines")).to_have_count(3)
    app.rest()
    assert faults(app) == []


def faults(app: Explore) -> list[tuple[str, list[str]]]:
    """What axe has against the page, and where."""
    found: dict[str, Any] = Axe().run(app.page).response
    assert len(found["passes"]) > 30
    return [(one["id"], [n["html"] for n in one["nodes"]]) for one in found["violations"]]
