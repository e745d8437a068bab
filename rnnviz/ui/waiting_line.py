"""Slots for jobs: a few run at once, the others stand in line in the order in which they came."""

from __future__ import annotations

import threading


class Slots:
    """So many jobs run at once; the first in the line gets the next slot that is free.

    >>> slots = Slots(1)
    >>> slots.enter("one", 0), slots.enter("other", 0), slots.place("other")
    (True, False, 1)
    """

    def __init__(self, count: int) -> None:
        self._free = count
        self._line: list[object] = []
        self._changed = threading.Condition()

    def enter(self, job: object, seconds: float) -> bool:
        """Stand in line and take a slot; False where there is none within so many seconds."""
        with self._changed:
            if job not in self._line:
                self._line.append(job)
            if not self._changed.wait_for(lambda: self._is_next(job), seconds):
                return False
            self._free -= 1
            self._leave_line(job)
            return True

    def leave(self) -> None:
        """Give the slot back."""
        with self._changed:
            self._free += 1
            self._changed.notify_all()

    def withdraw(self, job: object) -> None:
        """Leave the line without a slot."""
        with self._changed:
            self._leave_line(job)

    def place(self, job: object) -> int:
        """Place in the line, 1 for the next; 0 for a job that does not stand in it."""
        with self._changed:
            return self._line.index(job) + 1 if job in self._line else 0

    def _is_next(self, job: object) -> bool:
        return self._free > 0 and self._line[0] is job

    def _leave_line(self, job: object) -> None:
        self._line.remove(job)
        self._changed.notify_all()
