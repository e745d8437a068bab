"""A waiting process that forks a child for every call (Linux).

It has one thread and has imported what the calls so far needed, so that a child begins at once. It
is sent names of modules to import and two ends: of the socket on which the child gets its call, and
of the pipe that takes its exit status. A child whose status nobody waits for any more is killed.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import socket
import struct
import sys
from contextlib import suppress

from rnnviz.bounded.call import answer_call

STATUS = struct.Struct("<i")
_MAX_MESSAGE = 4_096


class ForkServer:
    """Children by process id, each with the pipe for its exit status."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.statuses: dict[int, int] = {}
        self.ended, woken = os.pipe()
        os.set_blocking(self.ended, False)
        os.set_blocking(woken, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)

    def serve(self, idle_s: float | None) -> None:
        """Fork for every call until nobody can send one any more, or none came for so long."""
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        poll.register(self.ended, select.POLLIN)
        while True:
            # A status pipe shows only that nobody reads it.
            for status in self.statuses.values():
                poll.register(status, 0)
            events = dict(poll.poll(None if idle_s is None else idle_s * 1_000))
            if not events and not self.statuses:
                return
            for status in self.statuses.values():
                poll.unregister(status)
            if self.ended in events:
                os.read(self.ended, 4_096)
            self._kill_unwanted(events)
            self._reap()
            if self.control.fileno() in events and not self._accept():
                return

    def _accept(self) -> bool:
        message, fds, _, _ = socket.recv_fds(self.control, _MAX_MESSAGE, 2)
        if not message:
            return False
        _import(json.loads(message))
        if fds:
            connection, status = fds
            child = os.fork()
            if child == 0:
                self._become_child(connection)
            os.close(connection)
            self.statuses[child] = status
        return True

    def _become_child(self, connection: int) -> None:
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for fd in (self.control.detach(), self.ended, *self.statuses.values()):
                os.close(fd)
            with socket.socket(fileno=connection) as stream, stream.makefile("rb") as file:
                answer_call(file, stream.sendall)
            code = 0
        finally:
            os._exit(code)

    def _kill_unwanted(self, events: dict[int, int]) -> None:
        for child, status in self.statuses.items():
            if status in events:
                os.kill(child, signal.SIGKILL)

    def _reap(self) -> None:
        for child in list(self.statuses):
            found, status = os.waitpid(child, os.WNOHANG)
            if found:
                pipe = self.statuses.pop(child)
                with suppress(BrokenPipeError):
                    os.write(pipe, STATUS.pack(os.waitstatus_to_exitcode(status)))
                os.close(pipe)

    def kill_children(self) -> None:
        """Kill every child: nobody waits for it."""
        for child in self.statuses:
            os.kill(child, signal.SIGKILL)


def _import(names: list[str]) -> None:
    new = [name for name in names if name not in sys.modules]
    for name in new:
        # What is not installed, the call finds out.
        with suppress(ImportError):
            importlib.import_module(name)
    if new:
        gc.collect()
        # A child that never looks at an old object copies none of their pages.
        gc.freeze()


def wait_for_calls(control: int, idle_s: float | None) -> None:
    """Serve on an inherited socket until its other end is closed, or no call came for so long."""
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    server = ForkServer(socket.socket(fileno=control))
    try:
        server.serve(idle_s)
    finally:
        server.kill_children()


def answer_once() -> None:
    """Answer one call from stdin on stdout."""
    out = sys.stdout.buffer

    def write(data: bytes | memoryview) -> None:
        out.write(data)
        out.flush()

    answer_call(sys.stdin.buffer, write)
