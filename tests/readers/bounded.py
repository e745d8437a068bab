"""What a refusal may cost."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

MEGABYTE = 1_000_000


@contextmanager
def memory_below(bound: int) -> Iterator[None]:
    """Fails when more bytes than this are held at once inside, or after ten seconds of work.

    Work is about two seconds without the tracing.
    """
    tracemalloc.start()
    start = time.thread_time()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < bound
        assert time.thread_time() - start < 10
    finally:
        tracemalloc.stop()
