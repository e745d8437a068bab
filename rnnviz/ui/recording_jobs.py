"""Long sequences recorded beside the pages, one recording for whoever made the same choices.

They lie in one folder of this process, which goes when it ends; what is left of a process that
died goes when another begins.
"""

from __future__ import annotations

import atexit
import shutil
import sys
import tempfile
import threading
import time
from collections import OrderedDict
from functools import cache
from os import getpid, kill
from pathlib import Path
from uuid import uuid4
from weakref import WeakSet

from rnnviz.errors import InputError
from rnnviz.network.model import Model
from rnnviz.recordings.record import record, recording_size
from rnnviz.recordings.recording import Recording
from rnnviz.recordings.source import SequenceSource
from rnnviz.ui.background_job import Seats, Status, Work

MAX_RECORDINGS = 24
MAX_AT_ONCE = 2
MAX_BYTES = 20_000_000_000
# Between two parts other threads, which draw pages, get their turn.
_REST = 0.004
_PREFIX = "rnnviz-recordings-"
_TAKES: OrderedDict[str, Take] = OrderedDict()
_LOCK = threading.RLock()
_SEATS = Seats(MAX_AT_ONCE)
_BROKEN = InputError("The recording broke off; choose other settings and try again.")


class _Stopped(Exception):
    """Thrown into a recording that is to end."""


class Take(Work):
    """One recording and the thread that makes it.

    name       of the choices that it was made from.
    n_bytes    what it takes on disk once it is done.
    fraction   the part that is done, 0…1.
    recording  once it is done.
    watchers   the pages that look at it; without any it is given up.
    """

    def __init__(self, name: str, model: Model, reading: SequenceSource, backend: str) -> None:
        super().__init__(f"recording {name}", _SEATS, _BROKEN)
        self.name, self.n_steps, self.n_bytes = (
            name,
            reading.n_steps,
            recording_size(model, reading),
        )
        self.fraction = 0.0
        self.recording: Recording | None = None
        self.watchers: WeakSet[Watcher] = WeakSet()
        self._making = (model, reading, backend)
        self._began = 0.0

    @property
    def step(self) -> int:
        """Steps done, of all layers taken together."""
        return int(self.fraction * self.n_steps)

    @property
    def seconds_left(self) -> float | None:
        """What the rest will take at the pace so far; None before a pace is known."""
        if not self.fraction:
            return None
        return (time.monotonic() - self._began) / self.fraction * (1 - self.fraction)

    def carry_on(self) -> Status:
        """Record from the first step to the last."""
        self.fraction, self._began = 0.0, time.monotonic()
        model, reading, backend = self._making
        folder = root() / uuid4().hex
        try:
            self.recording = record(
                model, reading, folder, backend=backend, progress=self._progress
            )
        except _Stopped:
            return "stopped"
        return "done"

    def drop(self) -> None:
        """Take it from the disk."""
        if self.recording is not None:
            shutil.rmtree(self.recording.folder, ignore_errors=True)

    def _progress(self, fraction: float) -> None:
        self.fraction = fraction
        # Of one that is done there is nothing left to stop.
        if fraction < 1 and (self.is_told_to_stop or not self.watchers):
            raise _Stopped
        time.sleep(_REST)


class Watcher:
    """A page that looks at no more than one recording; a session that ends takes it along."""

    def __init__(self) -> None:
        self.take: Take | None = None

    def __reduce__(self) -> tuple[type[Watcher], tuple[()]]:
        # A session that is kept elsewhere looks anew.
        return Watcher, ()

    def watch(self, name: str, model: Model, reading: SequenceSource, backend: str) -> Take:
        """The recording of this name, on its way or done; begun when nobody had begun it.

        Raises InputError when the disk has no room for it, ModelError when it cannot be read.
        """
        if self.take is not None and self.take.name == name and _TAKES.get(name) is self.take:
            return self.take
        self.leave()
        with _LOCK:
            take = _TAKES.get(name) or _begun(Take(name, model, reading, backend))
            _TAKES.move_to_end(name)
            take.watchers.add(self)
            self.take = take
        if take.status != "done" and take.error is None:
            take.go()
        return take

    def leave(self) -> None:
        """Look at none; one that is not done and that nobody else looks at is given up."""
        take, self.take = self.take, None
        if take is not None:
            take.watchers.discard(self)
            if not take.watchers:
                take.stop()


def recorded(name: str) -> Recording:
    """A recording by its name. Raises InputError when it is no longer there."""
    with _LOCK:
        take = _TAKES.get(name)
        if take is not None and take.recording is not None:
            _TAKES.move_to_end(name)
            return take.recording
    raise InputError("This recording is no longer on the server; load the page again.")


def _begun(take: Take) -> Take:
    _make_room(take.n_bytes)
    _TAKES[take.name] = take
    return take


def _make_room(needed: int) -> None:
    """The recording that nobody looks at for the longest time goes first."""
    bound = _bound()
    if needed > bound:
        raise InputError(
            "This recording needs {needed} GB on disk, but one may take {bound} GB here;"
            " choose fewer units, fewer layers or a shorter input.",
            needed=f"{needed / 1e9:.1f}",
            bound=f"{bound / 1e9:.1f}",
        )
    while len(_TAKES) >= MAX_RECORDINGS or _held() + needed > bound:
        idle = next((one for one in _TAKES.values() if not one.watchers), None)
        if idle is None:
            raise InputError(
                "The server is busy with {count} recordings; try again in a few minutes.",
                count=len(_TAKES),
            )
        idle.stop()
        idle.drop()
        del _TAKES[idle.name]


def _held() -> int:
    return sum(take.n_bytes for take in _TAKES.values() if take.is_alive or take.recording)


def _bound() -> int:
    """Bytes that all recordings together may take: half of what is free without them."""
    written = sum(take.n_bytes for take in _TAKES.values() if take.recording)
    return min(MAX_BYTES, (shutil.disk_usage(root()).free + written) // 2)


@cache
def root() -> Path:
    """The folder of this process."""
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{getpid()}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def sweep() -> None:
    """Delete what processes left behind that are no more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdigit() and not _is_alive(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(process: int) -> bool:
    # On Windows a signal, even none, would end the process; there the system tidies its own folder.
    if sys.platform == "win32":
        return True
    try:
        kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
