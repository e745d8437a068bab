"""What every table needs: the machine in words, times taken in turn, and pass or short."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

Timed = Callable[[], Any]
LIBRARIES = ("torch", "numba", "threadpoolctl")


def machine() -> str:
    """Date, processor, load and versions."""
    names = [name for name in LIBRARIES if importlib.util.find_spec(name)]
    versions = ", ".join(f"{n} {importlib.metadata.version(n)}" for n in ("numpy", *names))
    load = os.getloadavg()[0]
    return (
        f"{date.today()}, {os.cpu_count()} cores ({_processor()}), load {load:.1f}, "
        f"Python {platform.python_version()}, {versions}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    flags = "AVX-512" if any("avx512f" in line for line in lines) else "no AVX-512"
    name = next(y.split(":")[1].strip() for y in lines if y.startswith("model name"))
    return f"{name}, {flags}"


def progress(what: str) -> None:
    """A line for who waits, beside the table."""
    print(f"… {what}", file=sys.stderr, flush=True)


def interleaved(
    ways: dict[str, Timed],
    repeats: int,
    seconds: float,
    least: int = 3,
    clock: Callable[[], float] = time.perf_counter,
    before: Timed = lambda: None,
) -> dict[str, float]:
    """Median seconds of each, taken in turn so that what else runs falls on all alike.

    So many rounds, or fewer when the seconds are over, but never fewer than the least.

    clock   that tells the seconds: time.process_time counts those of this process alone.
    before  what is done before each, outside the time.
    """
    times: dict[str, list[float]] = {name: [] for name in ways}
    end = time.perf_counter() + seconds
    for way in ways.values():
        way()
    for done in range(repeats):
        if done >= least and time.perf_counter() > end:
            break
        for name, way in ways.items():
            before()
            start = clock()
            way()
            times[name].append(clock() - start)
    return {name: statistics.median(taken) for name, taken in times.items()}


def verdict(passed: bool) -> str:
    """What stands at the end of a row."""
    return "pass" if passed else "**short**"


def row(*cells: object) -> str:
    """A row of a table."""
    return "| " + " | ".join(map(str, cells)) + " |"


def head(*names: str) -> str:
    """A table's head."""
    return row(*names) + "\n" + "|---" * len(names) + "|"
