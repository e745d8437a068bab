"""How the time of a trace grows with steps, units, rows and layers: data, drawings, slopes."""

from __future__ import annotations

import importlib
import importlib.util
import json
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import log
from pathlib import Path

import numpy as np

import rnnviz as rv
from benchmarks.curves import Plot, Point, svg
from benchmarks.timing import head, machine, progress, row, verdict
from rnnviz.engine import run
from rnnviz.engine.kernels.select import Libraries, select_kernel

_HERE = Path(__file__).parent
_SECONDS = 3.0
# Steps traced at once; a longer sequence goes on with the states that the part before ended in.
_PART = 10_000
_AVAILABLE = {"numba": Libraries("loaded", False), "NumPy alone": Libraries("absent", False)}


@dataclass(frozen=True)
class Job:
    """An LSTM of 64 inputs at work."""

    steps: int = 1000
    units: int = 64
    rows: int = 1
    layers: int = 1


@dataclass(frozen=True)
class Curve:
    """One size that grows: its jobs, and the most that the last slope may be, None for any."""

    name: str
    jobs: tuple[Job, ...]
    bar: float | None = None


_CURVES = (
    Curve("steps", tuple(Job(steps=10**k) for k in range(2, 7)), bar=1.05),
    Curve("units", tuple(Job(units=2**k) for k in range(4, 11))),
    Curve("rows", tuple(Job(steps=200, units=128, rows=4**k) for k in range(5))),
    Curve("layers", tuple(Job(layers=2**k) for k in range(4)), bar=1.05),
)


def main() -> None:
    """Measure every curve, write its drawing and all data beside this file, print the slopes."""
    available = dict(_AVAILABLE)
    if importlib.util.find_spec("numba"):
        importlib.import_module("numba")
    else:
        del available["numba"]
    print(machine(), "", sep="\n")
    print(head("what grows", "with", "kernel", "seconds", "slope", "last slope", "bar", ""))
    data: dict[str, dict[str, list[Point]]] = {}
    for curve in _CURVES:
        data[curve.name] = {name: list(_measured(curve, had)) for name, had in available.items()}
        for name, points in data[curve.name].items():
            kernel = select_kernel(_model(curve.jobs[-1]).layers[0], 10**4, 1, available[name]).name
            print(_row(curve, name, kernel, points), flush=True)
        _draw(curve, data[curve.name])
    about = {"machine": machine(), "seconds": data}
    text = json.dumps(about, indent=1, ensure_ascii=False)
    (_HERE / "growth.json").write_text(text + "\n", "utf-8")


def _measured(curve: Curve, libraries: Libraries) -> Iterator[Point]:
    own = run.available_libraries
    run.available_libraries = lambda: libraries
    for job in curve.jobs:
        progress(f"{curve.name} {job}, numba {libraries.numba}")
        yield float(getattr(job, curve.name)), _seconds(_work(job))
    run.available_libraries = own


def _seconds(way: Callable[[], None]) -> float:
    """The median of as many runs as there is time for, at most 15; the first counts if alone."""
    times: list[float] = []
    while len(times) < 16 and sum(times) < _SECONDS:
        start = time.perf_counter()
        way()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:] or times)


def _model(job: Job) -> rv.Model:
    return rv.random_model("lstm", 64, job.units, n_layers=job.layers)


def _work(job: Job) -> Callable[[], None]:
    """The trace of a job, part after part."""
    model = _model(job)
    part = min(job.steps, _PART)
    numbers = np.random.default_rng(0).standard_normal((part, job.rows, 64), np.float32)
    sequence = rv.Sequence(numbers)

    def work() -> None:
        current = model
        for _ in range(job.steps // part):
            trace = rv.trace(current, sequence)
            layers = zip(current.layers, trace.layers, strict=True)
            current = replace(
                current, layers=tuple(replace(y, initial=seen.final) for y, seen in layers)
            )

    return work


def _row(curve: Curve, name: str, kernel: str, points: list[Point]) -> str:
    last = _slope(points[-2:])
    bar, passed = ("", "") if curve.bar is None else (curve.bar, verdict(last <= curve.bar))
    seconds = " ".join(f"{y:.3g}" for _, y in points)
    whole = f"{_slope(points):.2f}"
    return row(curve.name, name, kernel, seconds, whole, f"{last:.2f}", bar, passed)


def _slope(points: list[Point]) -> float:
    """Of the straight line nearest to the points on logarithmic axes: 1 where time is linear."""
    x, y = ([log(point[axis]) for point in points] for axis in (0, 1))
    return statistics.linear_regression(x, y).slope


def _draw(curve: Curve, curves: dict[str, list[Point]]) -> None:
    first = curve.jobs[0]
    fixed = ", ".join(
        f"{getattr(first, name)} {name}"
        for name in ("steps", "units", "rows", "layers")
        if name != curve.name
    )
    plot = Plot(f"Every gate of an LSTM: {fixed}", curve.name, "seconds", curves)
    (_HERE / f"growth_{curve.name}.svg").write_text(svg(plot), "utf-8")
