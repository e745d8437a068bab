"""A trace of every gate against Torch's own forward, which keeps none: the engine's bars."""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import importlib.util
import os
import platform
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

import rnnviz as rv
from rnnviz.roads.choose import choose, libraries

Timed = Callable[[], Any]
_HEAD = "| what | (T, B, in, H) | road | floor | trace | ratio | bar | |\n" + "|---" * 8 + "|"


@dataclass(frozen=True)
class Row:
    """A cell at a size, and how many times its floor a trace may take."""

    cell: str
    shape: tuple[int, int, int, int]
    bar: float
    layers: int = 1
    both: bool = False


_LSTM = [
    Row("lstm", (50, 1, 32, 64), 1.6),
    Row("lstm", (1000, 1, 64, 128), 1.6),
    Row("lstm", (1000, 1, 64, 512), 1.25),
    Row("lstm", (10_000, 1, 64, 256), 1.25),
    Row("lstm", (1000, 32, 64, 256), 1.6),
    Row("lstm", (200, 256, 128, 512), 1.6),
]
_OTHERS = [
    Row(cell, shape, 0.8)
    for cell in ("gru_reset_after", "gru", "rnn")
    for shape in ((1000, 1, 64, 128), (10_000, 1, 64, 256))
]
_DEEP = [
    Row("lstm", (1000, 1, 64, 128), 1.6 * 1.15, layers=3),
    Row("lstm", (1000, 1, 64, 128), 1.6 * 1.15, layers=2, both=True),
    Row("lstm", (1000, 32, 64, 256), 1.6 * 1.15, layers=2, both=True),
    Row("gru_reset_after", (1000, 1, 64, 128), 0.8 * 1.15, layers=2, both=True),
]


def main() -> None:
    """Print the machine and every table."""
    # What a first call costs is no part of these figures.
    if importlib.util.find_spec("numba"):
        importlib.import_module("numba")
    print(_machine(), "", "Times in ms; floor: the faster of one thread and all.", "", sep="\n")
    print(_HEAD)
    for row in (*_LSTM, *_OTHERS, *_DEEP):
        for line in _lines(row):
            print(line, flush=True)
    print("", *_loops(), "", *_small(), _memory(), _import(), sep="\n", flush=True)


def _machine() -> str:
    names = [name for name in ("torch", "numba", "threadpoolctl") if importlib.util.find_spec(name)]
    versions = ", ".join(f"{n} {importlib.metadata.version(n)}" for n in ("numpy", *names))
    load = os.getloadavg()[0]
    return (
        f"{date.today()}, {os.cpu_count()} cores ({_processor()}), load {load:.1f}, "
        f"Python {platform.python_version()}, {versions}"
    )


def _processor() -> str:
    try:
        lines = open("/proc/cpuinfo", encoding="utf-8").read().splitlines()  # noqa: PTH123, SIM115
    except OSError:
        return platform.processor()
    flags = "AVX-512" if any("avx512f" in line for line in lines) else "no AVX-512"
    name = next(y.split(":")[1].strip() for y in lines if y.startswith("model name"))
    return f"{name}, {flags}"


def _lines(row: Row) -> Iterator[str]:
    module, values, model, sequence = _made(row)
    floors = _floors(module, values)
    ways = {"trace": lambda: rv.trace(model, sequence)}
    if row.cell != "gru":
        ways["module"] = lambda: rv.trace(module, values)
    times = _interleaved(floors | ways, _repeats(row))
    floor = min(times[name] for name in floors)
    road = choose(model.layers[0], *row.shape[:2], libraries())
    what = row.cell + f" ×{row.layers}" * (row.layers > 1) + " both ways" * row.both
    yield _line(what, row.shape, road.name, floor, times["trace"], row.bar)
    if "module" in times:
        name = f"rv.trace(module, x), {what}"
        yield _line(name, row.shape, road.name, floor, times["module"], row.bar * 1.1)


def _line(what: str, shape: Any, road: str, floor: float, took: float, bar: float) -> str:
    ratio = took / floor
    verdict = "pass" if ratio <= bar else "**short**"
    return (
        f"| {what} | {shape} | {road} | {floor * 1e3:.2f} | {took * 1e3:.2f} | {ratio:.2f}"
        f" | {bar:.2f} | {verdict} |"
    )


def _made(row: Row) -> tuple[Any, Any, rv.Model, rv.Sequence]:
    """A Torch module, its input, and the same as a Model and a Sequence."""
    import torch

    n_steps, n_rows, n_inputs, n_units = row.shape
    torch.manual_seed(0)
    make = {"lstm": torch.nn.LSTM, "rnn": torch.nn.RNN}.get(row.cell, torch.nn.GRU)
    module = make(n_inputs, n_units, row.layers, bidirectional=row.both)
    values = torch.randn(n_steps, n_rows, n_inputs)
    model = rv.from_torch(module)
    if row.cell == "gru":
        model = rv.random_model("gru", n_inputs, n_units)
    return module, values, model, rv.Sequence(values.numpy())


def _floors(module: Any, values: Any) -> dict[str, Timed]:
    """Torch's forward on one thread and on all: the faster of them is the floor."""
    import torch

    def forward() -> None:
        with torch.inference_mode():
            module(values)

    def alone() -> None:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        forward()
        torch.set_num_threads(threads)

    return {"all": forward, "one": alone}


def _repeats(row: Row) -> int:
    n_steps, n_rows, n_inputs, n_units = row.shape
    work = n_steps * n_rows * n_units * (n_units + n_inputs) * row.layers * (1 + row.both)
    return int(np.clip(3 * 10**9 / work, 5, 301))


def _interleaved(ways: dict[str, Timed], repeats: int) -> dict[str, float]:
    """Median seconds of each, taken in turn so that what else runs falls on all alike."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        way()
    for _ in range(repeats):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(taken) for name, taken in times.items()}


def _loops() -> Iterator[str]:
    """Against the loop over a Torch cell that a user writes to keep the gates."""
    yield (
        "| loop by hand, lstm | shape | loop | trace | times faster | bar | |\n" + "|---" * 7 + "|"
    )
    for shape in ((50, 1, 32, 64), (1000, 1, 64, 128), (1000, 1, 64, 256)):
        row = Row("lstm", shape, 4)
        module, values, model, sequence = _made(row)
        ways = {
            "loop": lambda m=module, v=values: by_hand(m, v),
            "trace": lambda m=model, s=sequence: rv.trace(m, s),
        }
        times = _interleaved(ways, 9)
        ratio = times["loop"] / times["trace"]
        verdict = "pass" if ratio >= row.bar else "**short**"
        loop, trace = times["loop"] * 1e3, times["trace"] * 1e3
        yield f"| torch | {shape} | {loop:.2f} | {trace:.2f} | {ratio:.1f} | 4 | {verdict} |"


def by_hand(module: Any, values: Any) -> dict[str, Any]:
    """What people write: one step after another, every gate put on a list."""
    import torch

    kept: dict[str, list[Any]] = {name: [] for name in "ifgoch"}
    h = c = torch.zeros(values.shape[1], module.hidden_size)
    with torch.inference_mode():
        for x in values:
            drive = x @ module.weight_ih_l0.T + module.bias_ih_l0
            drive = drive + h @ module.weight_hh_l0.T + module.bias_hh_l0
            i, f, g, o = drive.chunk(4, dim=1)
            i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
            c = f * c + i * g
            h = o * torch.tanh(c)
            for name, value in zip("ifgoch", (i, f, g, o, c, h), strict=True):
                kept[name].append(value)
        return {name: torch.stack(one) for name, one in kept.items()}


def _small() -> Iterator[str]:
    yield "| what | figure | bar | |\n|---|---|---|---|"
    model = rv.random_model("lstm", n_inputs=40, n_units=32)
    sequence = rv.Sequence(np.random.default_rng(0).standard_normal((50, 1, 40)))
    took = _interleaved({"trace": lambda: rv.trace(model, sequence)}, 301)["trace"] * 1e3
    yield _verdict("50 characters, 32 units", f"{took:.2f} ms", took <= 1, "1 ms")


def _memory() -> str:
    model = rv.random_model("lstm", n_inputs=64, n_units=256)
    sequence = rv.Sequence(np.zeros((4000, 8, 64), np.float32))
    size = 4000 * 8 * 256 * 6 * 4
    weights = 4 * model.n_parameters
    rv.trace(model, sequence)
    tracemalloc.start()
    rv.trace(model, sequence)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    ratio = (peak - weights) / size
    return _verdict("peak memory less weights, of the trace", f"{ratio:.2f}", ratio <= 1.3, "1.3")


def _import() -> str:
    names = ("numpy", "rnnviz")
    ways = {n: lambda n=n: subprocess.run([sys.executable, "-c", f"import {n}"]) for n in names}
    times = _interleaved(ways, 9)
    ratio = times["rnnviz"] / times["numpy"]
    return _verdict("import rnnviz, of import numpy", f"{ratio:.2f}", ratio <= 1.3, "1.3")


def _verdict(what: str, figure: str, passed: bool, bar: str) -> str:
    return f"| {what} | {figure} | {bar} | {'pass' if passed else '**short**'} |"


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    main()
