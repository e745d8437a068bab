"""Functions that a bounded process runs in the tests."""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from rnnviz.bounded.call import WorkStopped
from rnnviz.core.arrays import Array
from rnnviz.errors import InputError


def double(values: Array) -> Array:
    return values * 2


def part_of(data: bytes, start: int, stop: int) -> Array:
    return np.frombuffer(data, np.uint8)[start:stop]


def process_id() -> int:
    return os.getpid()


def echo(value: Any) -> Any:
    return value


def compute_for_ever() -> None:
    while True:
        pass


def wait_for_ever() -> None:
    time.sleep(1_000)


def wait(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def take_memory(n_bytes: int) -> int:
    return len(bytearray(n_bytes))


def return_zeros(n_bytes: int) -> Array:
    return np.zeros(n_bytes, np.uint8)


def refuse(name: str) -> None:
    raise InputError("“{name}” is of {kind}.", name=name, kind=np.dtype("f8"))


def fail() -> None:
    raise KeyError("a mistake of ours")


def read_null() -> None:
    ctypes.string_at(0)


def abort() -> None:
    os.abort()


def leave() -> None:
    os._exit(0)


def kill_waiting_process() -> None:
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(0.2)


def kill_waiting_process_and_leave() -> None:
    kill_waiting_process()
    leave()


def write_file(path: str) -> str:
    try:
        Path(path).write_text("x")
    except OSError as error:
        return type(error).__name__
    return "written"


def open_sockets(count: int) -> int:
    held = []
    try:
        for _ in range(count):
            held.append(socket.socket())  # noqa: PERF401
    except OSError:
        return len(held)
    return len(held)


class Harm:
    """What a process that was taken over may answer with."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("echo harm > /tmp/rnnviz-harm",)


def answer_with_harm() -> Harm:
    return Harm()


class Recursive:
    """A value that cannot be pickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        raise pickle.PicklingError("no")


def answer_with_what_cannot_be_pickled() -> Recursive:
    return Recursive()


def niceness() -> int:
    return os.nice(0)


def own_number(name: str) -> str:
    return Path(f"/proc/self/{name}").read_text()


def libraries_threads() -> list[str | None]:
    return [os.environ.get(f"{name}_NUM_THREADS") for name in ("OMP", "MKL", "OPENBLAS")]


def break_down(*given: object, **named: object) -> None:
    raise RuntimeError("out of memory at 0x7f")


def ended_by_the_system(*given: object, **named: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def tell_until_stopped(path: str, progress: Callable[[float], object]) -> None:
    """Tell for ever, and write a file when it is ended."""
    try:
        while True:
            progress(0.5)
            time.sleep(0.01)
    except WorkStopped:
        Path(path).write_text("stopped")
        raise


def write_and_wait(path: str) -> None:
    """Write the process's number into a file and wait for ever."""
    Path(path).write_text(str(os.getpid()))
    time.sleep(1_000)


class Counted:
    """A value with a method."""

    def __init__(self, start: int) -> None:
        self.start = start

    def plus(self, number: int) -> int:
        return self.start + number


def tell_half_and_break(key: str, progress: Callable[[float], object]) -> None:
    """Tell that a half is done, and fail."""
    progress(0.5)
    raise ValueError(key)
