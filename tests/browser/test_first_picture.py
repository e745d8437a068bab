"""Plotly is on its way before the app is asked for a figure, and comes once."""

from __future__ import annotations

from tests.browser.conftest import Opened

STARTED = """() => {
  const all = performance.getEntriesByType("resource");
  const began = (part) => all.filter((one) => one.name.includes(part)).map((one) => one.startTime);
  return [began("/PlotlyChart."), began("/_stcore/host-config")];
}"""


def test_plotly_is_fetched_once_before_the_app_is_asked(open_page: Opened) -> None:
    page = open_page("model=untrained&text=abc").page
    page.wait_for_selector(".heatmaplayer image")
    (plotly,), (asked, *_) = page.evaluate(STARTED)
    assert plotly < asked
