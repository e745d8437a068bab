"""The reader's answers in the browser, where they outlive a reload."""

from __future__ import annotations

from collections.abc import Callable

from rnnviz.ui.player.component import component
from rnnviz.ui.player.packet import pack


def progress_store(*, key: str, text: str, is_loaded: bool, on_stored: Callable[[], None]) -> None:
    """Keep a text in the browser.

    `on_stored` is called with what the browser already holds, in `st.session_state[key]["stored"]`,
    while it `is_loaded` no more than once, and when another tab changes it.
    """
    header = {"text": text, "is_loaded": is_loaded}
    component("progress_store")(data=pack(header), key=key, on_stored_change=on_stored)
