"""Who does the work of a scan: this process, processes beside it, or an executor of the user's."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context
from typing import Any

from rnnviz.errors import RnnvizError

MAX_WORKERS = 512
# Work is handed out as it is done: each piece holds the model.
_IN_FLIGHT = 256


@contextmanager
def executor_of(given: Executor | None, workers: int) -> Iterator[Executor | None]:
    """Executor of the work; None where one worker works in this process."""
    if given is not None or workers == 1:
        yield given
        return
    # A forked process would inherit threads that hold locks.
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def results_of(works: Executor | None, calls: list[tuple[Any, ...]]) -> Iterator[Any]:
    """Results of calls, each a function and its arguments, as they come.

    Raises RnnvizError where a worker was ended from outside.
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
    except BrokenExecutor as error:
        raise RnnvizError(
            "A worker was ended from outside, perhaps for lack of memory; what is done is kept:"
            " scan into the same folder again, with fewer workers."
        ) from error
    finally:
        for future in running:
            future.cancel()
