"""Exactly so many bytes from a socket or a file."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import IO

from rnnviz.bounded.messages import Reader


def socket_reader(stream: socket.socket, deadline: float | None = None) -> Reader:
    """Reader of a socket. Raises EOFError at its end, TimeoutError after time.monotonic()."""

    def fill(part: memoryview) -> int:
        if deadline is not None:
            stream.settimeout(max(deadline - time.monotonic(), 0.001))
        return stream.recv_into(part)

    return _reader(fill)


def file_reader(stream: IO[bytes]) -> Reader:
    """Reader of a file opened in binary. Raises EOFError at its end."""
    return _reader(stream.readinto)  # type: ignore[attr-defined]


def _reader(fill: Callable[[memoryview], int]) -> Reader:
    def read(n_bytes: int) -> bytearray:
        data = bytearray(n_bytes)
        view = memoryview(data)
        while view.nbytes:
            came = fill(view)
            if not came:
                raise EOFError
            view = view[came:]
        return data

    return read
