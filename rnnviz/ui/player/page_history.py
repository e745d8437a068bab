"""The browser's history, in which the way to another page is one entry."""

from __future__ import annotations

from rnnviz.ui.player.component import component


def page_history() -> None:
    """Let one step back lead to the page before, as it was."""
    component("page_history")(key="page_history")
