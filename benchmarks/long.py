"""A long recording: time per step against a trace in memory, memory, windows and figures.

Both read on one core and the machine's other one writes, in turn, so that what else runs falls on
both alike: a recording is told of its progress after each part, and there the trace in memory runs.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

import rnnviz as rv
from rnnviz.analysis.window import recording_window
from rnnviz.figures.plotly_json import to_page
from rnnviz.figures.theme import Look
from rnnviz.figures.window import figure as window_figure

STEPS, UNITS, INPUTS, SHORT = 1_000_000, 512, 8, 20_000
# Pairs of a trace in memory and the parts that are recorded until the next.
_PAIRS = 8
_HEAD = "| what | figure | bar | |\n|---|---|---|---|"


def main(steps: int = STEPS) -> None:
    """Print the table, of a recording in a temporary folder that is removed again."""
    print(f"{date.today()}, LSTM, {steps:,} steps × {UNITS} units, float32\n\n{_HEAD}")
    with TemporaryDirectory() as folder:
        ratio, processor, step = _recorded(steps, Path(folder) / "timed")
        _say("time a step, of the trace in memory", f"{ratio:.2f}", ratio <= 1.3, "1.3")
        _say("processor time a step, of the same", f"{processor:.2f}", None, "")
        _say("time a step", f"{step:.0f} µs", None, "")
        recording = rv.Recording.load(Path(folder) / "timed")
        _say("on disk", f"{recording.n_bytes / 1e9:.1f} GB", None, "")
        for line in _windows(recording):
            _say(*line)
    peak = _peak(min(steps, 100_000))
    _say("peak memory of a program that records", f"{peak:.0f} MB", peak <= 500, "500 MB")


def _say(what: str, figure: str, passed: bool | None, bar: str) -> None:
    verdict = "" if passed is None else "pass" if passed else "**short**"
    print(f"| {what} | {figure} | {bar} | {verdict} |", flush=True)


def _values(n_steps: int) -> Any:
    return np.random.default_rng(0).standard_normal((n_steps, INPUTS), np.float32)


def _recorded(n_steps: int, folder: Path) -> tuple[float, float, float]:
    """Recording against memory by clock and by processor, medians of pairs, and µs a step."""
    model = rv.random_model("lstm", INPUTS, UNITS)
    values, few = _values(n_steps), _values(SHORT)
    rv.trace(model, few[:2000])
    every = max(1 / _PAIRS, SHORT / n_steps)
    recorded, held, due = [], [], every
    started = _now()

    def trace_in_between(done: float) -> None:
        nonlocal started, due
        # The last of two passes writes what goes in, and is short.
        if min(1.0, 2 * done) < due:
            return
        recorded.append((_now() - started) / (every * n_steps))
        begun = _now()
        rv.trace(model, few)
        held.append((_now() - begun) / SHORT)
        started, due = _now(), due + every

    rv.record(model, values, folder, progress=trace_in_between)
    wall, processor = np.median(np.array(recorded) / np.array(held), axis=0)
    return float(wall), float(processor), float(np.median(recorded, axis=0)[0] * 1e6)


def _now() -> Any:
    """Seconds by the clock, and of the processor."""
    return np.array([time.perf_counter(), time.process_time()])


def _windows(recording: rv.Recording) -> Iterator[tuple[str, str, bool, str]]:
    """At every zoom: ms of the server's time to fold and draw, and the figure's bytes."""
    rng, n_steps = np.random.default_rng(1), recording.n_steps
    width = n_steps
    while width >= 64:
        times, size = [], 0
        for _ in range(5):
            start = int(rng.integers(n_steps - width + 1))
            begun = time.thread_time()
            view = recording_window(recording, start, start + width)
            figure = to_page(window_figure(view, Look()))
            times.append((time.thread_time() - begun) * 1e3)
            size = max(size, len(figure.to_json().encode()))
        took, name = statistics.median(times), f"window of {width:,} ({view.step} a column)"
        yield f"{name}: fold and draw", f"{took:.0f} ms", took <= 50, "50 ms"
        yield f"{name}: figure", f"{size / 1e6:.2f} MB", size <= 10**6, "1 MB"
        width //= 4


def _peak(n_steps: int) -> float:
    """MB that a fresh program has held at most when its recording ends."""
    code = (
        "import resource, tempfile, numpy as np, rnnviz as rv\n"
        "from benchmarks.long import INPUTS, UNITS, _values\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        f"    rv.record(rv.random_model('lstm', INPUTS, UNITS), _values({n_steps}), folder)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3)"
    )
    run = [sys.executable, "-c", code]
    return float(subprocess.run(run, capture_output=True, text=True, check=True).stdout)
