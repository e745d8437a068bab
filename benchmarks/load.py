"""Many visitors at once, by a client that speaks Streamlit's protocol, beside a bare script.

A choice counts from the message that asks for a run to the one that says that it has ended. Two
ways of choosing: a seed typed every two seconds, each of which reaches Python; and a hand that
drags, of which the page shows every value itself and tells the server the last one, here every
ten seconds. The bare script shows one heatmap, with the settings that Streamlit has by itself, and
once with those of the app, which leave out a collection of all garbage after every run. The servers
run at once and are measured in turn.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from websockets.exceptions import WebSocketException

from benchmarks.app import FLOOR, address
from benchmarks.browser import machine, resident
from benchmarks.memory import come_and_go
from benchmarks.timing import head, progress, row, verdict
from tests.browser.chromium import ROOT, started
from tests.deploy.proxy import proxied_by_nginx
from tests.visitor import Visitor, visiting

# Scripts, and whether they have the app's settings.
PROGRAMS = {"one heatmap": (FLOOR, False), "app": (ROOT / "app.py", True)}
WITH_OUR_SETTINGS = "one heatmap, the app's settings"
# Sessions, and seconds between two messages of each.
TYPED, RESTING = (10, 30, 60), (100, 200)
EVERY, REST = 2.0, 10.0
SECONDS = {EVERY: 12.0, REST: 20.0}
SHARED = 60
_AT_ONCE = 10
_BROKEN = (OSError, TimeoutError, WebSocketException)
_HEAD = ("sessions", "each chooses every", "processes", "program", "p50, ms", "p95, ms")
_TABLE = (*_HEAD, "CPU a choice, ms", "MB a session", "errors")


@dataclass
class Crowd:
    """Visitors of one server, of one process or more, which grow in number.

    url   of the server.
    pids  its processes.
    """

    url: str
    pids: tuple[int, ...]
    errors: int = 0
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)
    _visitors: list[Visitor] = field(default_factory=list)
    _alone: float = 0.0

    async def grow(self, count: int) -> None:
        """Have so many visitors with an open page, ten of them opening theirs at once."""
        self._alone = self._alone or self._resident()
        for first in range(self.n_visitors, count, _AT_ONCE):
            missing = min(_AT_ONCE, count - first)
            await asyncio.gather(*(self._enter() for _ in range(missing)))

    async def choose(self, every: float) -> Load:
        """What the server does while each chooses so often."""
        taken: list[float] = []
        before = self._processor_time()
        end = time.perf_counter() + SECONDS[every]
        await asyncio.gather(*(self._choose(n, every, end, taken) for n in range(self.n_visitors)))
        used = self._processor_time() - before
        memory = (self._resident() - self._alone) / max(1, self.n_visitors)
        errors = self.errors + sum(one.errors for one in self._visitors)
        return Load(taken or [end] * 2, used / max(1, len(taken)), memory, errors)

    async def leave(self) -> None:
        """Close every page."""
        await self._open.aclose()

    @property
    def n_visitors(self) -> int:
        """Visitors that are there."""
        return len(self._visitors)

    async def _enter(self) -> None:
        try:
            one = await self._open.enter_async_context(visiting(address(self.url)))
        except _BROKEN:
            self.errors += 1
        else:
            self._visitors.append(one)

    async def _choose(self, number: int, every: float, end: float, taken: list[float]) -> None:
        # Not all at the same moment.
        await asyncio.sleep(every * (number * 0.618 % 1))
        seed = time.monotonic_ns() // 1_000_000 % 1_000_000 + 1_000 * number
        try:
            while (sent := time.perf_counter()) < end:
                seed += 1
                await self._visitors[number].run(seed)
                taken.append(time.perf_counter() - sent)
                await asyncio.sleep(max(0.0, every - taken[-1]))
        except _BROKEN:
            self.errors += 1

    def _resident(self) -> float:
        return sum(map(resident, self.pids))

    def _processor_time(self) -> float:
        return sum(map(_seconds_used, self.pids))


@dataclass(frozen=True)
class Load:
    """What a server did: seconds a choice, their processor time, megabytes a session, errors."""

    taken: list[float]
    cpu: float
    memory: float
    errors: int

    @property
    def median(self) -> float:
        """Milliseconds."""
        return statistics.median(self.taken) * 1e3

    @property
    def late(self) -> float:
        """Milliseconds that one choice in twenty exceeds."""
        return statistics.quantiles(self.taken, n=20)[-1] * 1e3

    @property
    def cells(self) -> tuple[str, ...]:
        """Cells of a table."""
        figures = f"{self.median:.0f}", f"{self.late:.0f}", f"{self.cpu * 1e3:.0f}"
        return *figures, f"{self.memory:.1f}", str(self.errors)


def main() -> None:
    """Print the table of sessions, the bars, and the memory after many came and went."""
    print(f"{machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print(head(*_TABLE))
    alone = asyncio.run(_one_process())
    shared = asyncio.run(_two_processes())
    print("\n" + head("what", "figure", "bar", ""))
    _print_bars(alone, shared)
    come_and_go()


def _print_bars(alone: dict[tuple[int, str], Load], shared: dict[str, Load]) -> None:
    ratio = statistics.median(alone[n, "app"].cpu / alone[n, "one heatmap"].cpu for n in TYPED)
    print(row("CPU a choice, of the script's", f"{ratio:.2f}", "1.0", verdict(ratio <= 1)))
    for what, load, bar in (
        ("p95 at 30 sessions that type", alone[30, "app"], 500),
        ("p95 at 60 that type, two processes", shared["app"], 500),
        ("p95 at 100 sessions that drag", alone[100, "app"], 250),
    ):
        print(row(what, f"{load.late:.0f} ms", f"{bar} ms", verdict(load.late <= bar)))
    errors = alone[200, "app"].errors
    print(row("errors at 200 sessions", errors, 0, verdict(not errors)))


async def _one_process() -> dict[tuple[int, str], Load]:
    found = {}
    steps = [(count, EVERY) for count in TYPED] + [(count, REST) for count in RESTING]
    with ExitStack() as stack:
        crowds = {name: stack.enter_context(_crowd(*what, 1)) for name, what in PROGRAMS.items()}
        for count, every in steps:
            for name, crowd in crowds.items():
                found[count, name] = await _measured(crowd, count, every, name)
        other = stack.enter_context(_crowd(FLOOR, True, 1))
        await _measured(other, TYPED[0], EVERY, WITH_OUR_SETTINGS)
        await other.leave()
        await asyncio.gather(*(crowd.leave() for crowd in crowds.values()))
    return found


async def _two_processes() -> dict[str, Load]:
    found = {}
    for name, what in PROGRAMS.items():
        with _crowd(*what, 2) as crowd:
            found[name] = await _measured(crowd, SHARED, EVERY, name)
            await crowd.leave()
    return found


async def _measured(crowd: Crowd, count: int, every: float, name: str) -> Load:
    progress(f"{count} sessions, {name}")
    await crowd.grow(count)
    await asyncio.sleep(1)
    load = await crowd.choose(every)
    print(row(count, f"{every:.0f} s", len(crowd.pids), name, *load.cells), flush=True)
    return load


@contextmanager
def _crowd(script: Path, has_our_settings: bool, processes: int) -> Iterator[Crowd]:
    """A server without visitors; several processes stand behind the proxy of deploy/."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        where = ROOT if has_our_settings else folder
        servers = [stack.enter_context(started(script, folder=where)) for _ in range(processes)]
        urls, pids = [url for url, _ in servers], tuple(one.pid for _, one in servers)
        if processes == 1:
            yield Crowd(urls[0], pids)
            return
        port = stack.enter_context(proxied_by_nginx(folder, *urls))
        yield Crowd(f"http://localhost:{port}", pids)


def _seconds_used(pid: int) -> float:
    """Seconds of user and system together, of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
