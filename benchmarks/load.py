"""Many visitors at once, by a client that speaks Streamlit's protocol, beside a bare script.

Every session types another seed each two seconds; a choice counts from the message that is sent to
the one that says that the script has finished. The bare script shows one heatmap.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from benchmarks.app import FLOOR, address
from benchmarks.browser import machine, resident
from benchmarks.timing import head, progress, row, verdict
from tests.browser.chromium import started

SESSIONS = (10, 30, 60, 100, 200)
EVERY, SECONDS = 2.0, 15.0
_PATIENCE = 120.0
COME_AND_GO = 300


@dataclass
class Session:
    """A visitor: one connection, the seed's widget, and how long its choices took."""

    number: int
    url: str
    taken: list[float] = field(default_factory=list)
    errors: int = 0
    _widget: str = ""
    _fragment: str = ""

    async def visit(self, begins: asyncio.Event, seconds: float) -> None:
        """Open the page, wait for all, and choose for so many seconds."""
        place, _, query = self.url.partition("/?")
        stream = place.replace("http", "ws", 1) + "/_stcore/stream"
        try:
            async with connect(stream, subprotocols=["streamlit"], max_size=None) as socket:  # type: ignore[list-item]
                await self._run(socket, query, None)
                await begins.wait()
                await self._choose(socket, query, time.perf_counter() + seconds)
        except (OSError, TimeoutError, WebSocketException):
            self.errors += 1

    async def _choose(self, socket: ClientConnection, query: str, end: float) -> None:
        # Not all at the same moment.
        await asyncio.sleep(EVERY * (self.number * 0.618 % 1))
        seed = 1000 * self.number
        while time.perf_counter() < end:
            seed += 1
            sent = time.perf_counter()
            await self._run(socket, query, seed)
            took = time.perf_counter() - sent
            self.taken.append(took)
            await asyncio.sleep(max(0.0, EVERY - took))

    async def _run(self, socket: ClientConnection, query: str, seed: int | None) -> None:
        """Ask for a run and read what comes until it has finished."""
        await socket.send(self._asked(query, seed))
        async with asyncio.timeout(_PATIENCE):
            while not self._is_last(await socket.recv()):
                pass

    def _asked(self, query: str, seed: int | None) -> bytes:
        from streamlit.proto.BackMsg_pb2 import BackMsg

        message = BackMsg()
        message.rerun_script.query_string = query
        if seed is not None:
            message.rerun_script.fragment_id = self._fragment
            state = message.rerun_script.widget_states.widgets.add()
            state.id, state.double_value = self._widget, seed
        return message.SerializeToString()

    def _is_last(self, data: Any) -> bool:
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        message = ForwardMsg.FromString(data)
        if message.WhichOneof("type") == "delta":
            self._look(message.delta)
        return message.WhichOneof("type") == "script_finished"

    def _look(self, delta: Any) -> None:
        element = delta.new_element
        self.errors += element.WhichOneof("type") == "exception"
        if element.WhichOneof("type") == "number_input" and element.number_input.id.endswith(
            "-seed"
        ):
            self._widget, self._fragment = element.number_input.id, delta.fragment_id


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


def main(only: str = "") -> None:
    """Print the table of sessions, and the memory after many came and went."""
    print(f"{machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print(
        head(
            "sessions",
            "program",
            "p50, ms",
            "p95, ms",
            "CPU a choice, ms",
            "MB a session",
            "errors",
        )
    )
    found: dict[tuple[int, str], Load] = {}
    programs = {"one heatmap": FLOOR, "app": Path("app.py")}
    for count in SESSIONS:
        for name, script in programs.items():
            progress(f"{count} sessions, {name}")
            load = found[count, name] = measured(script, count)
            figures = (load.median, load.late, load.cpu * 1e3, load.memory)
            print(
                row(
                    count,
                    name,
                    *(f"{one:.0f}" for one in figures[:3]),
                    f"{figures[3]:.1f}",
                    load.errors,
                )
            )
    ratio = statistics.median(found[n, "app"].cpu / found[n, "one heatmap"].cpu for n in SESSIONS)
    print("\n" + head("what", "figure", "bar", ""))
    print(row("CPU a choice, of the script's", f"{ratio:.2f}", "1.0", verdict(ratio <= 1)))
    late = found[30, "app"].late / 1e3
    print(row("p95 at 30 sessions", f"{late:.2f} s", "0.5 s", verdict(late <= 0.5)))
    errors = found[200, "app"].errors
    print(row("errors at 200 sessions", errors, 0, verdict(not errors)))
    before, after = _come_and_go(programs["app"])
    print(
        row(
            "memory after 300 came and went",
            f"{after / before:.2f}",
            "1.1",
            verdict(after <= 1.1 * before),
        )
    )


def measured(script: Path, count: int) -> Load:
    """Load of so many sessions on a server of its own."""
    with started(script, None, *_QUIET) as (url, process):
        alone = resident(process.pid)
        sessions = [Session(number, address(url)) for number in range(count)]
        cpu = asyncio.run(_visits(sessions, process.pid))
        taken = [took for one in sessions for took in one.taken]
        memory = (resident(process.pid) - alone) / count
        errors = sum(one.errors for one in sessions)
        return Load(taken or [_PATIENCE] * 2, cpu / max(1, len(taken)), memory, errors)


_QUIET = ("--server.enableXsrfProtection", "false", "--server.enableCORS", "false")


async def _visits(sessions: list[Session], pid: int) -> float:
    """Processor seconds of the server while all choose; they open the page ten at a time."""
    begins, tasks = asyncio.Event(), []
    for number, one in enumerate(sessions):
        tasks.append(asyncio.create_task(one.visit(begins, SECONDS)))
        if number % 10 == 9:
            await asyncio.sleep(1.0)
    while not all(one._widget or task.done() for one, task in zip(sessions, tasks, strict=True)):
        await asyncio.sleep(0.2)
    await asyncio.sleep(1.0)
    start = _processor_time(pid)
    begins.set()
    await asyncio.gather(*tasks)
    return _processor_time(pid) - start


def _come_and_go(script: Path) -> tuple[float, float]:
    """Megabytes of a server after ten sessions have gone, and after three hundred."""
    memory = []
    with started(script, None, *_QUIET) as (url, process):
        for count in (10, COME_AND_GO - 10):
            progress(f"{count} sessions come and go")
            for first in range(0, count, 10):
                sessions = [Session(first + i, address(url)) for i in range(10)]
                asyncio.run(_come(sessions))
            time.sleep(5)
            memory.append(resident(process.pid))
    return memory[0], memory[1]


async def _come(sessions: list[Session]) -> None:
    begins = asyncio.Event()
    begins.set()
    await asyncio.gather(*(one.visit(begins, EVERY) for one in sessions))


def _processor_time(pid: int) -> float:
    """Seconds of user and system together, of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
