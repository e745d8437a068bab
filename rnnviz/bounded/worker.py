"""Run a function of ours in a worker, a process of its own, so that no other session waits for it.

It runs at low priority, on one thread, within limits on time and memory. It tells how far it is,
and ends when nobody wants its result any more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any, TypeVar

from rnnviz.bounded import run
from rnnviz.bounded.call import WorkStopped, Write
from rnnviz.bounded.limits import Limits
from rnnviz.bounded.messages import Reader, unpack_answer
from rnnviz.bounded.pool import pool
from rnnviz.bounded.processes import Process
from rnnviz.bounded.worker_call import GO_ON, STOP, WorkerCall
from rnnviz.errors import InputError

_R = TypeVar("_R")
_GIGABYTE = 1_000_000_000
_HOUR = 3_600.0
LIMITS = Limits(_HOUR, 6 * _GIGABYTE, _HOUR, 6 * _GIGABYTE, may_write=True)
# How often it is asked whether the result is wanted, and what work that tells its progress has to
# put things in order once it is not, in seconds.
_POLL, _GRACE = 0.1, 5.0


def run_in_worker(
    function: Callable[..., _R],
    *arguments: Any,
    progress: Callable[[Any], object] | None = None,
    is_unwanted: Callable[[], bool] = lambda: False,
    modules: tuple[str, ...] = (),
    limits: Limits = LIMITS,
    **keywords: Any,
) -> _R:
    """The result of a module's function, run in a process of its own.

    progress     called with what the function tells, which then takes `progress` as well.
    is_unwanted  asked now and then, on another thread, whether the work is to end: where it tells
                 its progress it ends there by WorkStopped, else at once.
    modules      further ones that the function needs, imported by the waiting process once.

    Raises RnnvizError as the function does, WorkStopped where it ended because it was unwanted,
    InputError where the process was ended or took too much, and RuntimeError where it failed.

    >>> from math import gcd
    >>> run_in_worker(gcd, 12, 18)
    6
    """
    if not run.HAS_PROCESSES:
        own = {} if progress is None else {"progress": _in_this_process(progress, is_unwanted)}
        return function(*arguments, **keywords, **own)
    name = function.__module__, function.__qualname__
    call = WorkerCall(*name, arguments, keywords, limits, progress is not None)
    ending, value = _ask(call, progress or _ignore, is_unwanted, modules)
    if ending == "result":
        return value  # type: ignore[no-any-return]
    if ending == "stopped":
        raise WorkStopped
    if ending == "refused":
        raise value
    if ending == "failed":
        raise RuntimeError(f"{call.name} failed in a worker\n{value}")
    raise _refusal(ending, limits)


def _ask(
    call: WorkerCall,
    progress: Callable[[Any], object],
    is_unwanted: Callable[[], bool],
    modules: tuple[str, ...],
) -> tuple[str, Any]:
    """How the call ended and with what; begun again where the waiting process was ended before."""
    for _ in range(2):
        with closing(pool().process("working", (call.module, *modules))) as process:
            try:
                grace = _GRACE if call.tells else 0.0
                with _ended_when(is_unwanted, process, grace) as was_ended:
                    return _conversation(process, call, progress, is_unwanted)
            except (EOFError, ConnectionError):
                ending = "stopped" if was_ended.is_set() else run.ending_of(process.exit_code())
        if ending != "lost":
            break
    return ending, None


def _conversation(
    process: Process,
    call: WorkerCall,
    progress: Callable[[Any], object],
    is_unwanted: Callable[[], bool],
) -> tuple[str, Any]:
    """What the worker says at last. Raises EOFError or ConnectionError where it ends before."""
    read, write = process.begin(call)
    while (said := _said(read, call))[0] == "told":
        progress(said[1])
        _answer(write, is_unwanted())
    return said


def _said(read: Reader, call: WorkerCall) -> tuple[str, Any]:
    ending, value = unpack_answer(read, call.limits.result_bytes, is_listed=False)
    return ending, value


def _answer(write: Write, is_unwanted: bool) -> None:
    write(STOP if is_unwanted else GO_ON)


@contextmanager
def _ended_when(
    is_unwanted: Callable[[], bool], process: Process, grace: float
) -> Iterator[threading.Event]:
    """End the process when it is unwanted, after some seconds in which it may end by itself.

    Whether it was is told by the event.
    """
    is_done, was_ended = threading.Event(), threading.Event()

    def watch() -> None:
        while not is_done.wait(_POLL):
            if is_unwanted():
                if not is_done.wait(grace):
                    was_ended.set()
                    process.end()
                return

    watching = threading.Thread(target=watch, name="watch a worker", daemon=True)
    watching.start()
    try:
        yield was_ended
    finally:
        is_done.set()
        watching.join()


def _refusal(ending: str, limits: Limits) -> InputError:
    if ending == "time":
        return InputError(
            "This takes more than {minutes} minutes of computing; choose fewer units or a shorter"
            " input.",
            minutes=round(limits.cpu_s / 60),
        )
    if ending in ("memory", "abort"):
        return InputError(
            "This takes more than {bound} GB of memory; choose fewer units or a shorter input.",
            bound=f"{limits.memory / _GIGABYTE:.3g}",
        )
    return InputError(
        "The process that computed this was ended before it was done, as a server does that is"
        " short of memory; try again, with fewer units or a shorter input."
    )


def _ignore(told: object) -> None:
    """Progress without a listener."""


def _in_this_process(
    progress: Callable[[Any], object], is_unwanted: Callable[[], bool]
) -> Callable[[Any], None]:
    def tell(told: object) -> None:
        progress(told)
        if is_unwanted():
            raise WorkStopped

    return tell
