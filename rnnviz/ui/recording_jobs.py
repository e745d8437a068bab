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
from collections import OrderedDict
from functools import cache
from os import getpid, kill
from pathlib import Path
from typing import Any
from uuid import uuid4

from rnnviz.errors import InputError
from rnnviz.network.model import Model
from rnnviz.recordings.record import record, recording_size
from rnnviz.recordings.recording import Recording
from rnnviz.recordings.source import SequenceSource
from rnnviz.ui.background_job import Slots, Status
from rnnviz.ui.watched_job import WatchedJob, Watcher

MAX_RECORDINGS = 24
MAX_RECORDINGS_AT_ONCE = 2
MAX_DISK_BYTES = 20_000_000_000
_PREFIX = "rnnviz-recordings-"
_JOBS: OrderedDict[str, RecordingJob] = OrderedDict()
_LOCK = threading.RLock()
_SLOTS = Slots(MAX_RECORDINGS_AT_ONCE)
_BROKEN = InputError("The recording broke off; choose other settings and try again.")


class RecordingJob(WatchedJob):
    """One recording.

    name       of the choices that it is made from.
    n_bytes    its size on disk once it is done.
    recording  once it is done.
    """

    def __init__(self, name: str, model: Model, source: SequenceSource, backend: str) -> None:
        super().__init__(f"recording {name}", _SLOTS, _BROKEN)
        self.name, self.n_steps = name, source.n_steps
        self.n_bytes = recording_size(model, source)
        self.recording: Recording | None = None
        self._job = (model, source, backend)

    @property
    def progress(self) -> tuple[int, int]:
        """Steps done, of all layers taken together, and steps in all."""
        return int(self.fraction * self.n_steps), self.n_steps

    def work(self) -> Status:
        """Record from the first step to the last."""
        self.begin_clock()
        model, source, backend = self._job
        folder = recordings_folder() / uuid4().hex
        options: dict[str, Any] = {"backend": backend, "progress": self.tell}
        try:
            self.recording = self.in_worker(record, model, source, folder, **options)
        except BaseException:
            # A worker that was ended leaves what it wrote.
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return "done"

    def delete_files(self) -> None:
        """Delete its files."""
        if self.recording is not None:
            shutil.rmtree(self.recording.folder, ignore_errors=True)


class Viewer(Watcher):
    """A page that shows at most one recording; it goes with its session."""

    job: RecordingJob | None

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
            job.watchers.add(self)
            self.job = job
        if job.status != "done" and job.error is None:
            job.start()
        return job


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
        idle = next((job for job in _JOBS.values() if not job.watchers), None)
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
