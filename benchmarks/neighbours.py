"""A session's choice while another session works hard, beside the same choice while it rests.

One session types another seed again and again. Beside it another one records a million steps,
trains, orders 256 units, uploads a model of 200 MB, or opens the heaviest view of Understand; quiet
and busy times take turns.
"""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import time
import urllib.request
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect

from benchmarks.browser import machine
from benchmarks.timing import head, progress, row, verdict
from tests.browser.chromium import started

ROUNDS, SECONDS, PAUSE = 6, 4.0, 0.25
STEPS, UNITS, MEGABYTES = 1_000_000, 256, 200
BAR = 2.0
_PATIENCE = 120.0
# A file is given without a browser.
_OPEN = ("--server.enableXsrfProtection", "false", "--server.enableCORS", "false")
_LOST = f"held-{'0' * 32}~"
_UNTRAINED = {"model": "untrained", "text": "The cat sat on the mat."}


@dataclass
class Visitor:
    """A session on a page, and the number and fragment of its widgets by their keys."""

    url: str
    page: str = ""
    query: dict[str, Any] = field(default_factory=dict)
    widgets: dict[str, tuple[str, str]] = field(default_factory=dict)
    errors: int = 0
    session: str = ""
    _socket: ClientConnection | None = None

    async def __aenter__(self) -> Visitor:
        stream = self.url.replace("http", "ws", 1) + "/_stcore/stream"
        self._socket = await connect(stream, subprotocols=["streamlit"], max_size=None)  # type: ignore[list-item]
        await self.run()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._socket is not None
        await self._socket.close()

    async def run(self, key: str = "", **value: Any) -> None:
        """Ask for a run, with a new value of a widget, and read until it has finished."""
        from streamlit.proto.BackMsg_pb2 import BackMsg

        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_name = urlencode(self.query), self.page
        if key:
            state = asked.widget_states.widgets.add()
            state.id, asked.fragment_id = self.widgets[key]
            for name, one in value.items():
                _set(state, name, one)
        await self._send(message)
        await self._read("script_finished")

    async def upload(self, key: str, name: str, data: bytes) -> None:
        """Give a file to an uploader, as the browser does."""
        from streamlit.proto.BackMsg_pb2 import BackMsg
        from streamlit.proto.Common_pb2 import FileUploaderState

        message = BackMsg()
        message.file_urls_request.request_id = "1"
        message.file_urls_request.file_names.append(name)
        message.file_urls_request.session_id = self.session
        await self._send(message)
        urls = (await self._read("file_urls_response")).file_urls_response.file_urls[0]
        await asyncio.to_thread(_put, self.url + urls.upload_url, name, data)
        state = FileUploaderState()
        told = state.uploaded_file_info.add(name=name, size=len(data), file_id=urls.file_id)
        told.file_urls.CopyFrom(urls)
        await self.run(key, file_uploader_state_value=state)

    async def wait(self) -> None:
        """Read what comes of itself, as an open page does."""
        while True:
            await self._read("script_finished")

    async def _send(self, message: Any) -> None:
        assert self._socket is not None
        await self._socket.send(message.SerializeToString())

    async def _read(self, last: str) -> Any:
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        assert self._socket is not None
        async with asyncio.timeout(_PATIENCE):
            while True:
                message = ForwardMsg.FromString(await self._socket.recv())
                kind = message.WhichOneof("type")
                if kind == "new_session":
                    self.session = message.new_session.initialize.session_id
                if kind == "delta":
                    self._look(message.delta)
                if kind == last:
                    return message

    def _look(self, delta: Any) -> None:
        element = delta.new_element
        kind = element.WhichOneof("type")
        self.errors += kind == "exception"
        told = getattr(element, kind) if kind else None
        if hasattr(told, "id"):
            self.widgets[told.id.rpartition("-")[2]] = told.id, delta.fragment_id


def _set(state: Any, name: str, value: Any) -> None:
    if hasattr(value, "CopyFrom") or hasattr(value, "uploaded_file_info"):
        getattr(state, name).CopyFrom(value)
    else:
        setattr(state, name, value)


def _put(url: str, name: str, data: bytes) -> None:
    mark = "rnnviz-benchmark"
    lead = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    body = f"{lead}Content-Type: application/octet-stream\r\n\r\n".encode()
    body += data + f"\r\n--{mark}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={mark}"}
    urllib.request.urlopen(urllib.request.Request(url, body, kind, method="PUT"))


# What a busy session does, from the server's address and a number that no other one had.
Work = Callable[[str, int], Awaitable[None]]


async def _record(url: str, number: int) -> None:
    letters = random.Random(number).choices("abcdefgh ", k=STEPS)
    lost = _UNTRAINED | {"upload": f"{_LOST}a.txt", "units": 64}
    async with Visitor(url, query=lost) as one:
        await one.upload("uploader", "a.txt", "".join(letters).encode())
        await one.wait()


async def _train(url: str, number: int) -> None:
    plan = {"rounds": 5_000, "width": 128, "start": number}
    async with Visitor(url, "train", plan) as one:
        await one.run("train_begin", trigger_value=True)
        try:
            await one.wait()
        finally:
            await one.run("train_stop", trigger_value=True)


async def _order(url: str, number: int) -> None:
    text = "".join(random.Random(number).choices("abcdefgh ", k=1_000))
    chosen = {"units": UNITS, "order": "similarity", "text": text, "seed": number}
    async with Visitor(url, query=_UNTRAINED | chosen) as one:
        while True:
            await one.run("seed", double_value=next(_numbers))
            await asyncio.sleep(PAUSE)


async def _understand(url: str, number: int) -> None:
    text = "".join(random.Random(number).choices("abcdefgh ", k=1_000))
    chosen = {"units": UNITS, "text": text, "seed": number, "understand": "how_far_back"}
    async with Visitor(url, "understand", _UNTRAINED | chosen) as one:
        await one.wait()


def _upload_of(data: bytearray) -> Work:
    async def upload(url: str, number: int) -> None:
        # Another file each time, of which the last number is changed.
        data[-4:] = number.to_bytes(3, "little") + b"\x3c"
        async with Visitor(url, query={"modelfile": f"{_LOST}a.safetensors"}) as one:
            await one.upload("model_uploader", "a.safetensors", bytes(data))

    return upload


def _large_model(folder: str) -> bytearray:
    """A file of an LSTM that takes so many megabytes."""
    import torch
    from safetensors.torch import save_file

    units = int((MEGABYTES * 1e6 / 16) ** 0.5) - 60
    path = Path(folder) / "a.safetensors"
    save_file(torch.nn.LSTM(16, units).state_dict(), path)
    return bytearray(path.read_bytes())


def main() -> None:
    """Print a row for each kind of work: medians quiet and beside it, and their ratio."""
    print(f"{machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print(head("beside", "quiet, ms", "busy, ms", "worst, ms", "ratio", "bar", "load", ""))
    with TemporaryDirectory() as folder, started("app.py", None, *_OPEN) as (url, _):
        works: dict[str, Work] = {
            f"recording {STEPS:,} steps": _record,
            "training": _train,
            f"ordering {UNITS} units": _order,
            "Understand: how far back": _understand,
            f"upload of {MEGABYTES} MB": _upload_of(_large_model(folder)),
        }
        asyncio.run(_all(url, works))


async def _all(url: str, works: dict[str, Work]) -> None:
    async with Visitor(url, query=_UNTRAINED) as one:
        for name, work in works.items():
            quiet: list[float] = []
            busy: list[float] = []
            for turn in range(ROUNDS):
                progress(f"{name}, turn {turn + 1}")
                quiet += await _choices(one)
                busy += await _beside(one, url, work)
            _print(name, quiet, busy)
        if one.errors:
            raise RuntimeError("A page showed a traceback.")


def _print(name: str, quiet: list[float], busy: list[float]) -> None:
    times = [1e3 * statistics.median(taken) for taken in (quiet, busy)]
    ratio = times[1] / times[0]
    figures = (*(f"{one:.0f}" for one in times), f"{1e3 * max(busy):.0f}", f"{ratio:.2f}")
    load = f"{os.getloadavg()[0]:.1f}"
    print(row(name, *figures, f"{BAR:.0f}", load, verdict(ratio <= BAR)), flush=True)


_numbers = iter(range(1_000, 10**6))


async def _beside(one: Visitor, url: str, work: Work) -> list[float]:
    """Seconds of choices while another session works, again when it is done."""

    async def again() -> None:
        while True:
            await work(url, next(_numbers))

    task = asyncio.create_task(again())
    await asyncio.sleep(1.0)
    taken = await _choices(one)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    # What was begun ends.
    await asyncio.sleep(2.0)
    return taken


async def _choices(one: Visitor) -> list[float]:
    """Seconds that each choice of another seed takes, for so many seconds."""
    taken, end = [], time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        sent = time.perf_counter()
        await one.run("seed", double_value=next(_numbers))
        taken.append(time.perf_counter() - sent)
        await asyncio.sleep(PAUSE)
    return taken
