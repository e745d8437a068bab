"""Who does the work of a scan: this process, processes beside it, or an executor of the user's."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context
from pickle import UnpicklingError
from typing import Any

from rnnviz.core.checks import shown
from rnnviz.errors import RnnvizError

MAX_WORKERS = 512
# Work is handed out as it is done: each piece holds the model.
_IN_FLIGHT = 256
# What unpickling raises where a module, a name or a field is not there.
_OF_ANOTHER_VERSION = (AttributeError, ImportError, UnpicklingError)


class _OwnProcesses(ProcessPoolExecutor):
    """Processes that end with their scan."""


@contextmanager
def executor_of(given: Executor | None, workers: int) -> Iterator[Executor | None]:
    """Executor of the work; None where one worker works in this process."""
    if given is not None or workers == 1:
        yield given
        return
    # A forked process would inherit threads that hold locks.
    with _OwnProcesses(workers, get_context("spawn"), _leave_to_the_first) as pool:
        try:
            with _held_back():
                # The first piece of work starts every process.
                pool.submit(int)
            yield pool
        except BaseException:
            _end(pool)
            raise


def _end(pool: Any) -> None:
    """End a pool's processes at once: a shard that is not written is read again."""
    # The pool forgets both when it is shut down.
    processes, calls = list((pool._processes or {}).values()), pool._call_queue
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
    # A thread that still writes into the pipe of calls would wait for a reader for ever.
    # https://github.com/python/cpython/issues/94777, closed by Python itself from 3.11.5 on.
    if sys.version_info < (3, 11, 5):
        calls._reader.close()


@contextmanager
def _held_back() -> Iterator[None]:
    """Block whose processes, from their first moment, leave Ctrl-C to this one; then it comes."""
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    came: list[int] = []
    # A process that is started takes over what is blocked; another thread of this one may still
    # be sent the signal.
    handler = signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        signal.signal(signal.SIGINT, handler)
        if came:
            signal.raise_signal(signal.SIGINT)


def _leave_to_the_first() -> None:
    """Ctrl-C in a terminal reaches every process of it; the first one ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def results_of(works: Executor | None, calls: list[tuple[Any, ...]]) -> Iterator[Any]:
    """Results of calls, each a function and its arguments, as they come.

    Raises RnnvizError where a worker or a scheduler was ended from outside.
    """
    if works is None:
        yield from (function(*arguments) for function, *arguments in calls)
        return
    waiting, running = iter(calls), set[Future[Any]]()
    try:
        while True:
            some = islice(waiting, _IN_FLIGHT - len(running))
            running |= {works.submit(*call) for call in some}
            if not running:
                return
            ended, running = wait(running, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in ended)
    except Exception as error:
        if (refusal := _refusal(error) or _misfit(works, error)) is None:
            raise
        # To cancel what a scheduler had would wait for it, one by one.
        running.clear()
        raise refusal from error
    finally:
        # A pool whose processes are ended sets an error on all futures. A cancelled one takes none:
        # the pool's thread would break off and never end.
        if not isinstance(works, _OwnProcesses):
            for future in running:
                future.cancel()


def _refusal(error: Exception) -> RnnvizError | None:
    """Sentence on workers that are gone; None for an error of the work itself."""
    if isinstance(error, BrokenExecutor):
        return RnnvizError(
            "A worker was ended from outside, perhaps for lack of memory; what is done is kept:"
            " scan into the same folder again, with fewer workers."
        )
    # The futures of a scheduler that is lost are cancelled; dask's other errors are its workers'.
    if isinstance(error, CancelledError) or type(error).__module__.startswith("distributed"):
        return RnnvizError(
            "The scheduler or its workers were ended from outside; what is done is kept: scan into"
            " the same folder again once they run."
        )
    return None


def _misfit(works: Executor, error: Exception) -> RnnvizError | None:
    """Sentence on workers of other machines that have other code; None for another error."""
    if isinstance(works, ProcessPoolExecutor):
        return None
    if not isinstance(error, _OF_ANOTHER_VERSION) and "deserializ" not in str(error):
        return None
    return RnnvizError(
        "The workers cannot take the work ({reason}); install the version of rnnviz, of Python"
        " and of NumPy that this machine has on each of them.",
        reason=shown(str(error), 100),
    )
