"""How often the app told a user what it could not do, by the kind of error."""

from __future__ import annotations

import threading
from collections import Counter

# A failure that nobody foresaw; every other kind is the name of an error.
UNEXPECTED = "unexpected"
_COUNTS: Counter[str] = Counter()
_LOCK = threading.Lock()


def count_refusal(kind: str) -> None:
    """Count a sentence that was shown in place of a result."""
    with _LOCK:
        _COUNTS[kind] += 1


def refusal_counts() -> dict[str, int]:
    """Sentences shown since the server started, by kind."""
    with _LOCK:
        return {UNEXPECTED: 0, **_COUNTS}
