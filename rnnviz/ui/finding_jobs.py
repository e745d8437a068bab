"""Published findings measured in the background, one measurement for all sessions."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

from rnnviz.errors import InputError
from rnnviz.findings.finding import PublishedFinding, TellProgress
from rnnviz.findings.measured import FindingResult
from rnnviz.findings.registry import FINDINGS
from rnnviz.ui.background_job import BackgroundJob, Slots, Status

_BROKEN = InputError("The measurement broke off; try it again.")
_LOCK = threading.Lock()
# One after the other: each takes what the machine has.
_SLOTS = Slots(1)
_JOBS: dict[str, FindingJob] = {}


class FindingJob(BackgroundJob):
    """Measurement of one finding, which may be begun again.

    result  of the last measurement that ended; None before the first.
    """

    def __init__(self, finding: PublishedFinding) -> None:
        super().__init__(f"finding {finding.key}", _SLOTS, _BROKEN)
        self.finding = finding
        self.result: FindingResult | None = None
        self._share, self._began, self._took = 0.0, 0.0, 0.0

    @property
    def progress(self) -> tuple[int, int]:
        """Hundredths done, and all of them."""
        return round(100 * self._share), 100

    @property
    def seconds(self) -> float:
        """Time that the measurement takes, or took."""
        return time.monotonic() - self._began if self.is_alive else self._took

    def work(self) -> Status:
        """Measure the finding."""
        self._share, self._began = 0.0, time.monotonic()
        self.result = self.in_worker(measured_finding, self.finding.key, progress=self._tell)
        self._took = time.monotonic() - self._began
        return "done"

    def _tell(self, share: float) -> None:
        self._share = share


def measured_finding(key: str, progress: TellProgress) -> FindingResult:
    """What a finding comes to, for a worker."""
    return FINDINGS[key].run(progress)


def finding_jobs(keys: Iterable[str]) -> list[FindingJob]:
    """Measurements of these findings; one that was never begun is started."""
    return [_job(key) for key in keys]


def _job(key: str) -> FindingJob:
    with _LOCK:
        if key not in _JOBS:
            _JOBS[key] = FindingJob(FINDINGS[key])
            _JOBS[key].start()
        return _JOBS[key]
