"""Long sequences recorded in the background, one recording for all pages of the same choices.

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
from rnnviz.ui.background_job import BackgroundJob, Slots, Status

MAX_RECORDINGS = 24
MAX_RECORDING_THREADS = 2
MAX_DISK_BYTES = 20_000_000_000
# A pause between two parts, in seconds, in which other threads draw pages.
_PAUSE = 0.004
_PREFIX = "rnnviz-recordings-"
_JOBS: OrderedDict[str, RecordingJob] = OrderedDict()
_LOCK = threading.RLock()
_SLOTS = Slots(MAX_RECORDING_THREADS)
_BROKEN = InputError("The recording broke off; choose other settings and try again.")


class _Stopped(Exception):
    """Raised in a recording that is to end."""


class RecordingJob(BackgroundJob):
    """One recording and the thread that makes it.

    name       of the choices that it is made from.
    n_bytes    its size on disk once it is done.
    fraction   the part that is done, 0…1.
    recording  once it is done.
    viewers    the pages that show it; without any it is given up.
    """

    def __init__(self, name: str, model: Model, source: SequenceSource, backend: str) -> None:
        super().__init__(f"recording {name}", _SLOTS, _BROKEN)
        self.name, self.n_steps = name, source.n_steps
        self.n_bytes = recording_size(model, source)
        self.fraction = 0.0
        self.recording: Recording | None = None
        self.viewers: WeakSet[Viewer] = WeakSet()
        self._job = (model, source, backend)
        self._started = 0.0

    @property
    def progress(self) -> tuple[int, int]:
        """Steps done, of all layers taken together, and steps in all."""
        return int(self.fraction * self.n_steps), self.n_steps

    @property
    def seconds(self) -> float:
        """Time since it started."""
        return time.monotonic() - self._started

    def work(self) -> Status:
        """Record from the first step to the last."""
        self.fraction, self._started = 0.0, time.monotonic()
        model, source, backend = self._job
        folder = recordings_folder() / uuid4().hex
        try:
            self.recording = record(model, source, folder, backend=backend, progress=self._progress)
        except _Stopped:
            return "stopped"
        return "done"

    def delete_files(self) -> None:
        """Delete its files."""
        if self.recording is not None:
            shutil.rmtree(self.recording.folder, ignore_errors=True)

    def _progress(self, fraction: float) -> None:
        self.fraction = fraction
        # Of one that is done there is nothing left to stop.
        if fraction < 1 and (self.is_stopping or not self.viewers):
            raise _Stopped
        time.sleep(_PAUSE)


class Viewer:
    """A page that shows at most one recording; it goes with its session."""

    def __init__(self) -> None:
        self.job: RecordingJob | None = None

    def __reduce__(self) -> tuple[type[Viewer], tuple[()]]:
        # A pickled session begins with no recording.
        return Viewer, ()

    def watch(self, name: str, model: Model, source: SequenceSource, backend: str) -> RecordingJob:
        """The job of this name, started when no page had started it.

        Raises InputError when the disk has no room for it, ModelError when it cannot be read.
        """
        if self.job is not None and self.job.name == name and _JOBS.get(name) is self.job:
            return self.job
        self.leave()
        with _LOCK:
            job = _JOBS.get(name) or _register(RecordingJob(name, model, source, backend))
            _JOBS.move_to_end(name)
            job.viewers.add(self)
            self.job = job
        if job.status != "done" and job.error is None:
            job.start()
        return job

    def leave(self) -> None:
        """Show none; one that is not done and that no other page shows is given up."""
        job, self.job = self.job, None
        if job is not None:
            job.viewers.discard(self)
            if not job.viewers:
                job.stop()


def finished_recording(name: str) -> Recording:
    """A recording by its name. Raises InputError when it is no longer there."""
    with _LOCK:
        job = _JOBS.get(name)
        if job is not None and job.recording is not None:
            _JOBS.move_to_end(name)
            return job.recording
    raise InputError("This recording is no longer on the server; load the page again.")


def _register(job: RecordingJob) -> RecordingJob:
    _make_room(job.n_bytes)
    _JOBS[job.name] = job
    return job


def _make_room(needed: int) -> None:
    """Drop the recordings that no page has shown for the longest time. Raises InputError."""
    bound = _bound()
    if needed > bound:
        raise InputError(
            "This recording needs {needed} GB on disk, but one may take {bound} GB here;"
            " choose fewer units, fewer layers or a shorter input.",
            needed=f"{needed / 1e9:.1f}",
            bound=f"{bound / 1e9:.1f}",
        )
    while len(_JOBS) >= MAX_RECORDINGS or _n_bytes_held() + needed > bound:
        idle = next((job for job in _JOBS.values() if not job.viewers), None)
        if idle is None:
            raise InputError(
                "The server is busy with {count} recordings; try again in a few minutes.",
                count=len(_JOBS),
            )
        idle.stop()
        idle.delete_files()
        del _JOBS[idle.name]


def _n_bytes_held() -> int:
    return sum(job.n_bytes for job in _JOBS.values() if job.is_alive or job.recording)


def _bound() -> int:
    """Bytes that all recordings together may take: half of what is free without them."""
    written = sum(job.n_bytes for job in _JOBS.values() if job.recording)
    return min(MAX_DISK_BYTES, (shutil.disk_usage(recordings_folder()).free + written) // 2)


@cache
def recordings_folder() -> Path:
    """The folder of this process."""
    delete_stale_folders()
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{getpid()}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def delete_stale_folders() -> None:
    """Delete the folders of processes that have ended."""
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
