"""Jobs that go on while a session looks at them, one a session."""

from __future__ import annotations

import time
from weakref import WeakSet

from rnnviz.errors import InputError
from rnnviz.ui.background_job import BackgroundJob, Slots


class WatchedJob(BackgroundJob):
    """A job that is given up when no session looks at it any more.

    fraction  the part that is done, 0…1; 0 throughout where the work does not tell.
    watchers  of the sessions that look at it.
    """

    def __init__(self, title: str, slots: Slots, broken: InputError) -> None:
        super().__init__(title, slots, broken)
        self.fraction = 0.0
        self.watchers: WeakSet[Watcher] = WeakSet()
        self._began = time.monotonic()

    @property
    def progress(self) -> tuple[int, int]:
        """Hundredths done, and 100."""
        return int(100 * self.fraction), 100

    @property
    def seconds(self) -> float:
        """Time since it began."""
        return time.monotonic() - self._began

    @property
    def is_unwanted(self) -> bool:
        """True when it is not done, and was stopped or is looked at by no session."""
        return self.fraction < 1 and (self.is_stopping or not self.watchers)

    def begin_clock(self) -> None:
        """Count its time and its progress from now on."""
        self.fraction, self._began = 0.0, time.monotonic()

    def tell(self, fraction: float) -> None:
        """Take the part that is done."""
        self.fraction = fraction


class Watcher:
    """A session's look at one job at most; it goes with its session.

    job  None for none.
    """

    def __init__(self) -> None:
        self.job: WatchedJob | None = None

    def __reduce__(self) -> tuple[type[Watcher], tuple[()]]:
        # A pickled session begins with no job.
        return type(self), ()

    def look_at(self, job: WatchedJob) -> None:
        """Look at this job and leave the one before."""
        if self.job is not job:
            # First the new one, which may be that of another session, then who was left.
            job.watchers.add(self)
            self.leave()
            self.job = job

    def leave(self) -> None:
        """Look at none; a job that nobody looks at any more is given up."""
        job, self.job = self.job, None
        if job is not None:
            job.watchers.discard(self)
            if not job.watchers:
                job.stop()
