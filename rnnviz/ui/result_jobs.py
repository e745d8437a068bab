"""Results for a page: made in the script's run where they come at once, else by a job.

A job is for all sessions that want its result, which the cache keeps.
"""

from __future__ import annotations

import inspect
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from rnnviz.errors import InputError
from rnnviz.ui import results
from rnnviz.ui.background_job import Slots, Status
from rnnviz.ui.fingerprint import fingerprint
from rnnviz.ui.results import TracedBy
from rnnviz.ui.selections import RunChoice
from rnnviz.ui.watched_job import WatchedJob

# Jobs that are remembered for what they failed by, or because they were stopped.
MAX_RESULT_JOBS = 32
MAX_RESULTS_AT_ONCE = 2
SLOTS = Slots(MAX_RESULTS_AT_ONCE)
_JOBS: OrderedDict[str, ResultJob] = OrderedDict()
_LOCK = threading.Lock()
_BROKEN = InputError("The computation broke off; choose other settings and try again.")
# Calls a module's function, here or in a worker.
JobCall = Callable[..., Any]


class ResultJob(WatchedJob):
    """A job that makes a result, which the cache keeps.

    make  makes it, by a call that runs what takes long in a worker.
    """

    def __init__(self, title: str, make: Callable[[JobCall], object]) -> None:
        super().__init__(title, SLOTS, _BROKEN)
        self._make = make

    def work(self) -> Status:
        """Make the result."""
        self.begin_clock()
        self._make(self._call)
        return "done"

    def _call(self, function: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        tells = "progress" in inspect.signature(function).parameters
        progress = self.tell if tells else None
        return self.in_worker(function, *arguments, progress=progress, **keywords)


def trace_job(run: RunChoice) -> ResultJob:
    """The job of a trace."""
    return result_job("trace", fingerprint(run), lambda call: results.traced(TracedBy(run, call)))


def result_job(title: str, name: str, make: Callable[[JobCall], object]) -> ResultJob:
    """The job of that name, whoever asked for it first."""
    with _LOCK:
        job = _JOBS.pop(name, None)
        if job is None or job.status == "done":
            job = ResultJob(title, make)
        _JOBS[name] = job
        _make_room()
        return job


def _make_room() -> None:
    idle = [name for name, job in list(_JOBS.items())[:-1] if not job.is_alive]
    for name in idle[: max(0, len(_JOBS) - MAX_RESULT_JOBS)]:
        del _JOBS[name]
