"""Limits of a bounded process, and how a process sets them for itself.

setrlimit(2), setitimer(2): RLIMIT_AS bounds the address space, ITIMER_PROF the CPU time by a
signal, RLIMIT_CPU in whole seconds by one that cannot be caught.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import ceil
from pathlib import Path

MEGABYTE = 1_000_000
# A waiting process answers in 4 ms and starts in 150: less is lost on files that are read sooner.
SMALL = 64_000
_FREE = 5 * MEGABYTE
_PACKED = (b"PK", b"\x1f\x8b", b"PAR1", b"ARROW1", b"\xff\xff\xff\xff", b"\x89HDF", b"\xd0\xcf")
_OPEN_FILES = 64


@dataclass(frozen=True)
class Limits:
    """Limits of one call.

    cpu_s         seconds of CPU time.
    memory        bytes beside those of the waiting process that the call starts from.
    wall_s        seconds from the start to the result.
    result_bytes  bytes of the result.
    may_write     whether it may write files, and open many.
    """

    cpu_s: float
    memory: int
    wall_s: float
    result_bytes: int
    may_write: bool = False


def reading_limits(n_bytes: int, seconds_per_megabyte: float = 0.05) -> Limits:
    """Limits for reading a file of so many bytes; text takes more time by its size than arrays do.

    >>> reading_limits(0).cpu_s
    1.6
    """
    further = max(0, n_bytes - _FREE) / MEGABYTE
    cpu_s = 1.6 + seconds_per_megabyte * further
    memory = 380 * MEGABYTE + 5 * max(0, n_bytes - 2 * _FREE)
    return Limits(cpu_s, memory, 10 + 5 * cpu_s, memory)


def is_small_and_plain(data: bytes) -> bool:
    """True for content that costs little to read: few bytes, neither packed nor of a C library's.

    >>> is_small_and_plain(b"x,y"), is_small_and_plain(b"PK\\x03\\x04")
    (True, False)
    """
    return len(data) <= SMALL and not data.startswith(_PACKED)


def is_limited() -> bool:
    """True where the system bounds time and memory; elsewhere a call has only a time to end in.

    macOS bounds the CPU time as well, but no memory; Windows neither.
    """
    return sys.platform == "linux"


def set_limits(limits: Limits) -> None:
    """Set the limits of this process, as far as the system has them; few may write files."""
    try:
        import resource
        import signal
    except ImportError:
        return  # Windows has neither; who waits for the result stops this process in time.
    bounds = {"RLIMIT_CORE": 0, "RLIMIT_CPU": ceil(limits.cpu_s) + 1}
    if not limits.may_write:
        bounds |= {"RLIMIT_FSIZE": 0, "RLIMIT_NOFILE": _OPEN_FILES}
    if is_limited():
        bounds["RLIMIT_AS"] = _address_space() + limits.memory
    for name, bound in bounds.items():
        # A limit that is lower already stays.
        with suppress(ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (bound, bound))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, limits.cpu_s)


@contextmanager
def no_new_files() -> Iterator[None]:
    """While no file can be opened, where the system has that limit; for a process of one thread."""
    try:
        import resource
    except ImportError:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _address_space() -> int:
    import resource

    n_pages = int(Path("/proc/self/statm").read_bytes().split()[0])
    return n_pages * resource.getpagesize()
