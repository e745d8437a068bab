"""Searches for units in the background, one for all pages of the same choices."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

from rnnviz.analysis.find_units import find_units
from rnnviz.analysis.found_units import FoundUnits
from rnnviz.analysis.unit_stream import unit_stream
from rnnviz.errors import InputError
from rnnviz.ui.background_job import BackgroundJob, Slots, Status
from rnnviz.ui.fingerprint import fingerprint
from rnnviz.ui.searched_input import RUN, searched_features, searched_input
from rnnviz.ui.selections import RunChoice

# Results that are kept, and bytes of states that they keep together.
MAX_SEARCHES, MAX_SEARCH_BYTES = 8, 300 * 2**20
_JOBS: OrderedDict[str, UnitSearch] = OrderedDict()
_LOCK = threading.Lock()
_SLOTS = Slots(1)
_BROKEN = InputError("The search broke off; choose other settings and try again.")


class _Stopped(Exception):
    """Raised in a search that is to end."""


class UnitSearch(BackgroundJob):
    """One search for units and the thread that makes it.

    fraction  the part that is done, 0…1.
    found     once it is done.
    """

    def __init__(self, run: RunChoice, layer: int, where: str, own: str) -> None:
        super().__init__("search for units", _SLOTS, _BROKEN)
        self.fraction = 0.0
        self.found: FoundUnits | None = None
        self._asked = (run, layer, where, own)
        self._started = 0.0

    @property
    def progress(self) -> tuple[int, int]:
        """Hundredths done, and 100."""
        return int(100 * self.fraction), 100

    @property
    def seconds(self) -> float:
        """Time since it started."""
        return time.monotonic() - self._started

    @property
    def n_bytes(self) -> int:
        """Bytes of the states that its result keeps."""
        kept = None if self.found is None else self.found.gathered.kept
        return 0 if kept is None else kept.nbytes

    def work(self) -> Status:
        """Search from the first step to the last."""
        self.fraction, self._started = 0.0, time.monotonic()
        run, layer, where, own = self._asked
        model, read = searched_input(run, where)
        stream = unit_stream(model, read, layer, None)
        features = searched_features(run, where, stream, own)
        try:
            self.found = find_units(model, read, features, layer=layer, progress=self._progress)
        except _Stopped:
            return "stopped"
        return "done"

    def _progress(self, fraction: float) -> None:
        self.fraction = fraction
        if fraction < 1 and self.is_stopping:
            raise _Stopped


def unit_search(run: RunChoice, layer: int, where: str, own: str) -> UnitSearch:
    """The search of these choices; one that was never begun is started."""
    # Only what is looked through and the model tell searches apart.
    read = run if where == RUN else run.model
    name = fingerprint(read, layer, where, own)
    with _LOCK:
        job = _JOBS.pop(name, None) or UnitSearch(run, layer, where, own)
        _JOBS[name] = job
        _make_room()
    if job.found is None and job.status == "waiting":
        job.start()
    return job


def _make_room() -> None:
    """Drop the results that were not shown for the longest time; the last one stays."""
    names = [name for name, job in list(_JOBS.items())[:-1] if not job.is_alive]
    for name in names:
        total = sum(job.n_bytes for job in _JOBS.values())
        if len(_JOBS) <= MAX_SEARCHES and total <= MAX_SEARCH_BYTES:
            return
        del _JOBS[name]
