"""A process for one call: forked by a waiting one, or started where there is no fork."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from importlib.util import find_spec
from threading import Timer
from typing import IO, Any, Protocol, cast

from rnnviz.bounded.call import BoundedCall, ProcessCall, Write, send_call
from rnnviz.bounded.messages import Reader, bytes_in, unpack_answer
from rnnviz.bounded.server import STATUS
from rnnviz.bounded.streams import file_reader, socket_reader

_BOOTSTRAP = "import sys; sys.path[:] = {path!r}; from rnnviz.bounded import server; {code}"
# One thread, since a thread's stack counts as memory; memory as the system gives it, since others
# reserve gigabytes; no plugins, which are code from a folder.
_ENVIRONMENT = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "HDF5_PLUGIN_PRELOAD": "::",
    "MKL_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


class Process(Protocol):
    """A process that runs one call."""

    def ask(self, call: BoundedCall) -> Any:
        """Its answer, see `answer_call`.

        Raises EOFError when it ends without one, TimeoutError when it is late, TooLargeError, and
        whatever a damaged answer may raise.
        """

    def begin(self, call: ProcessCall) -> tuple[Reader, Write]:
        """Send it a call; how to read from it and write to it. Raises OSError when it has ended."""

    def end(self) -> None:
        """End it while another thread reads from it, who then comes to the end."""

    def exit_code(self) -> int | None:
        """How it ended, negative for a signal; None when nobody knows."""

    def close(self) -> None:
        """End it, unless it has ended."""


class ForkedProcess:
    """A child of a waiting process. Raises OSError where that has ended."""

    def __init__(self, server: WaitingProcess, modules: tuple[str, ...]) -> None:
        self._stream, child = socket.socketpair()
        self._status, status = os.pipe()
        try:
            server.send(modules, (child.fileno(), status))
        except OSError:
            self.close()
            raise
        finally:
            child.close()
            os.close(status)

    def ask(self, call: BoundedCall) -> Any:
        """Its answer."""
        deadline = time.monotonic() + call.limits.wall_s
        self._stream.settimeout(call.limits.wall_s)
        try:
            send_call(call, self._stream.sendall)
            files = bytes_in(call.arguments)
            read = socket_reader(self._stream, deadline)
            return unpack_answer(read, call.limits.result_bytes, files)
        except ConnectionError as error:
            raise EOFError from error

    def begin(self, call: ProcessCall) -> tuple[Reader, Write]:
        """Send the call; how to read and write."""
        send_call(call, self._stream.sendall)
        return socket_reader(self._stream), self._stream.sendall

    def end(self) -> None:
        """End the stream; the child is killed when this is closed."""
        # It may have ended by itself.
        with suppress(OSError):
            self._stream.shutdown(socket.SHUT_RDWR)

    def exit_code(self) -> int | None:
        """How it ended; None where the waiting process ended before it could tell."""
        message = os.read(self._status, STATUS.size)
        return STATUS.unpack(message)[0] if len(message) == STATUS.size else None

    def close(self) -> None:
        """End it: the waiting process kills a child whose status nobody reads."""
        self._stream.close()
        os.close(self._status)


class WaitingProcess:
    """The process that waits for calls and forks, started once.

    idle_s  seconds without a call after which it ends by itself; None for never.
    """

    def __init__(self, idle_s: float | None = None) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        fd = theirs.fileno()
        self._control = ours
        self._process = _start(f"server.wait_for_calls({fd}, {idle_s})", pass_fds=(fd,))
        theirs.close()

    @property
    def process_id(self) -> int:
        """Its number in the system."""
        return self._process.pid

    def send(self, modules: tuple[str, ...], fds: tuple[int, ...] = ()) -> None:
        """Ask for modules to be imported, and with two ends for a child.

        Raises OSError when the process has ended.
        """
        socket.send_fds(self._control, [json.dumps(modules).encode()], fds)

    def forget(self) -> None:
        """Forget it in a copy of this program, whose child it is not."""
        self._control.close()
        self._process.returncode = 0

    def stop(self) -> None:
        """End it, its children with it."""
        self._control.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class StartedProcess:
    """A process that starts anew for its call, where there is no safe fork."""

    def __init__(self) -> None:
        self._process = _start(
            "server.answer_once()", stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._is_late = False

    def ask(self, call: BoundedCall) -> Any:
        """Its answer."""
        timer = Timer(call.limits.wall_s, self._stop)
        timer.start()
        read = file_reader(cast(IO[bytes], self._process.stdout))
        try:
            with suppress(BrokenPipeError):
                self.begin(call)
            return unpack_answer(read, call.limits.result_bytes, bytes_in(call.arguments))
        except EOFError as error:
            raise TimeoutError if self._is_late else error from error
        finally:
            timer.cancel()

    def begin(self, call: ProcessCall) -> tuple[Reader, Write]:
        """Send the call; how to read and write."""
        send_call(call, self._write)
        return file_reader(cast(IO[bytes], self._process.stdout)), self._write

    def _write(self, data: bytes | memoryview) -> None:
        stdin = cast(IO[bytes], self._process.stdin)
        stdin.write(data)
        stdin.flush()

    def end(self) -> None:
        """Kill it."""
        self._process.kill()

    def exit_code(self) -> int | None:
        """How it ended."""
        return self._process.wait()

    def close(self) -> None:
        """End it."""
        self._process.kill()
        with suppress(BrokenPipeError):
            self._process.communicate()

    def _stop(self) -> None:
        self._is_late = True
        self._process.kill()


def _start(code: str, **options: Any) -> subprocess.Popen[bytes]:
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL} | options
    process: Any = subprocess.Popen(
        # -P: the folder that this program runs in is on its own path only if it is on ours.
        [sys.executable, "-P", "-c", _BOOTSTRAP.format(path=sys.path, code=code)],
        env={"KERAS_BACKEND": _keras_backend(), **os.environ, **_ENVIRONMENT},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        **options,
    )
    return cast("subprocess.Popen[bytes]", process)


def _keras_backend() -> str:
    return "torch" if find_spec("tensorflow") is None else "tensorflow"
