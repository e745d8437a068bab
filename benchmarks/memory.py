"""Memory of a server after many visitors came and went."""

from __future__ import annotations

import asyncio
import time

from benchmarks.app import address
from benchmarks.browser import resident
from benchmarks.timing import progress, row, verdict
from tests.browser.chromium import ROOT, started
from tests.visitor import visiting

FIRST, ALL = 20, 300
_AT_ONCE, _CHOICES = 10, 3
# Seconds that Streamlit keeps a page whose connection broke; by default two minutes.
_KEPT = 5


def come_and_go(count: int = ALL) -> None:
    """Print the row: memory after so many have gone, of that after the first twenty."""
    first, after = memory_after(FIRST, count)
    what = f"memory after {count} came and went ({first:.0f} to {after:.0f} MB)"
    print(row(what, f"{after / first:.2f}", "1.1", verdict(after <= 1.1 * first)))


def memory_after(*counts: int) -> list[float]:
    """Megabytes of a server after so many visitors have come and gone."""
    found, gone = [], 0
    with started(ROOT / "app.py", None, "--server.disconnectedSessionTTL", str(_KEPT)) as (url, it):
        for count in counts:
            progress(f"{count} sessions come and go")
            while gone < count:
                asyncio.run(_come(url, gone))
                gone += _AT_ONCE
            time.sleep(4 * _KEPT)
            found.append(resident(it.pid))
    return found


async def _come(url: str, number: int) -> None:
    """Ten visitors who open the page, choose and leave."""
    await asyncio.gather(*(_visit(url, number + i) for i in range(_AT_ONCE)))


async def _visit(url: str, number: int) -> None:
    async with visiting(address(url)) as visitor:
        for choice in range(_CHOICES):
            await visitor.run(10 * number + choice)
