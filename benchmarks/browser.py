"""What the benchmarks of pages share: bytes of the WebSocket, the moment of a paint, memory."""

from __future__ import annotations

import platform
from datetime import date
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

# Calls back after the frame that shows what is in the page now was handed to the screen.
AFTER_PAINT = """globalThis.afterPaint = (act) => requestAnimationFrame(() => {
  const channel = new MessageChannel();
  channel.port1.onmessage = act;
  channel.port2.postMessage(0);
});"""

_WATCH = (
    AFTER_PAINT
    + """(() => {
  const look = () => %s
    ? afterPaint(() => (globalThis.painted = [performance.now(), Date.now()]))
    : requestAnimationFrame(look);
  requestAnimationFrame(look);
})()"""
)


def first_painted(page: Page, address: str, seen: str) -> list[float]:
    """When this JavaScript first holds and is on the screen: ms since the visit began, since 1970.

    The page itself keeps the time: who asks it from outside asks ever more seldom.
    """
    page.add_init_script(_WATCH % seen)
    page.goto(address)
    page.wait_for_function("globalThis.painted")
    return list(page.evaluate("painted"))


class Sockets:
    """Counts what crosses a page's WebSocket: bytes received, messages sent."""

    def __init__(self, page: Page) -> None:
        self.received = 0
        self.sent = 0
        page.on("websocket", self._watch)

    def _watch(self, socket: Any) -> None:
        socket.on("framereceived", lambda frame: self._count(frame))
        socket.on("framesent", lambda _: self._tell())

    def _count(self, frame: bytes | str) -> None:
        self.received += len(frame)

    def _tell(self) -> None:
        self.sent += 1


def resident(pid: int) -> float:
    """Megabytes of a process that are in memory, as Linux counts them."""
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith("VmRSS:"))
    return int(kilobytes) / 1000


def machine() -> str:
    """Date, machine and versions, in one line."""
    import plotly
    import streamlit

    versions = f"Streamlit {streamlit.__version__}, plotly {plotly.__version__}"
    return f"{date.today()}, {platform.machine()}, Python {platform.python_version()}, {versions}"
