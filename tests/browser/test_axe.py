"""axe-core over the page: nothing that we bring, nor Streamlit on it, is at fault."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Opened


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru", "gru_reset_after"])
def test_axe_finds_no_fault_in_any_tab(open_page: Opened, cell: str, scheme: str) -> None:
    app = open_page(f"lang=en&cell={cell}&step=5", color_scheme=scheme)
    for tab in app.main.get_by_role("tab").all():
        tab.click()
        app.rest()
        found: dict[str, Any] = Axe().run(app.page).response
        assert len(found["passes"]) > 30
        faults = [(one["id"], [n["html"] for n in one["nodes"]]) for one in found["violations"]]
        assert faults == []
