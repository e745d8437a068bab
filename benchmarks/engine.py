"""A trace of every gate against Torch's own forward, which keeps none: the engine's bars."""

from __future__ import annotations

import importlib
import importlib.util
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

import rnnviz as rv
from benchmarks.engine_small import small_lines
from benchmarks.numpy_loop import lstm_by_hand
from benchmarks.timing import Timed, head, interleaved, machine, progress, row, verdict
from rnnviz.engine import run
from rnnviz.engine.kernels.select import Libraries, available_libraries, select_kernel

_SECONDS = 6.0


@dataclass(frozen=True)
class Row:
    """A cell at a size, and how many times its floor a trace may take.

    compiled  the same with numba; as without it where none is given.
    module    the same with numba and through a module; a tenth more where none is given.
    """

    cell: str
    shape: tuple[int, int, int, int]
    bar: float
    layers: int = 1
    both: bool = False
    compiled: float = 0
    module: float = 0

    @property
    def bars(self) -> dict[str, float]:
        """Bars by way."""
        compiled = self.compiled or self.bar
        module = self.module or 1.1 * compiled
        return {"trace": compiled, "trace without numba": self.bar, "rv.trace(module, x)": module}

    @property
    def n_bytes(self) -> int:
        """Bytes of an LSTM's trace, outputs included."""
        n_steps, n_rows, _, n_units = self.shape
        return 28 * n_steps * n_rows * n_units * self.layers * (1 + self.both)


_LSTM = [
    Row("lstm", (50, 1, 32, 64), 1.6, compiled=1.1, module=1.5),
    Row("lstm", (1000, 1, 64, 128), 1.6, compiled=1.1),
    Row("lstm", (1000, 1, 64, 512), 1.25, compiled=0.9),
    Row("lstm", (10_000, 1, 64, 256), 1.25, compiled=1.1),
    Row("lstm", (1000, 32, 64, 256), 1.6, compiled=0.9),
    Row("lstm", (200, 256, 128, 512), 1.6, compiled=1.1),
]
_OTHERS = [
    Row(cell, shape, 0.8)
    for cell in ("gru_reset_after", "gru", "rnn")
    for shape in ((1000, 1, 64, 128), (10_000, 1, 64, 256))
]
_DEEP = [
    Row("lstm", (1000, 1, 64, 128), 1.6 * 1.15, layers=3, compiled=1.1),
    Row("lstm", (1000, 1, 64, 128), 1.6 * 1.15, layers=2, both=True, compiled=1.1),
    Row("lstm", (1000, 32, 64, 256), 1.6 * 1.15, layers=2, both=True, compiled=1.3),
    Row("gru_reset_after", (1000, 1, 64, 128), 0.8 * 1.15, layers=2, both=True),
]


def main(one_core: bool = False) -> None:
    """Print the machine and every table.

    one_core  processor time of one core, so that other programs on the machine count for little.
    """
    if one_core:
        _take_one_core()
    # What a first call costs has its own rows.
    if importlib.util.find_spec("numba"):
        importlib.import_module("numba")
    floor = "one thread; processor time" if one_core else "the faster of one thread and all"
    print(machine(), "", f"Times in ms; floor: {floor}.", "", sep="\n")
    print(head("what", "(T, B, in, H)", "kernel", "floor", "trace", "ratio", "bar", ""))
    for size in (*_LSTM, *_OTHERS, *_DEEP):
        progress(f"{size.cell} {size.shape}")
        for line in _lines(size, time.process_time if one_core else time.perf_counter):
            print(line, flush=True)
    if not one_core:
        _print_others()


def _print_others() -> None:
    print("", *_loops(), "", *_numpy_loops(), "", *small_lines(), sep="\n", flush=True)


def _take_one_core() -> None:
    """Keep this process to one core, and Torch to one thread."""
    import torch

    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    torch.set_num_threads(1)


def _lines(size: Row, clock: Callable[[], float]) -> Iterator[str]:
    module, values, model, sequence = _made(size)
    floors = _floors(module, values)
    available = {"trace": available_libraries(), "trace without numba": Libraries("absent", True)}
    if available["trace"].numba == "absent":
        del available["trace without numba"]
    traced = partial(rv.trace, model, sequence)
    ways: dict[str, Timed] = {name: _with_libraries(traced, had) for name, had in available.items()}
    if size.cell != "gru":
        available["rv.trace(module, x)"] = available_libraries()
        ways["rv.trace(module, x)"] = lambda: rv.trace(module, values)
    touch = partial(_touch, size.n_bytes)
    times = interleaved(floors | ways, _repeats(size), _SECONDS, clock=clock, before=touch)
    floor = min(times[name] for name in floors)
    for name, had in available.items():
        kernel = select_kernel(model.layers[0], *size.shape[:2], had).name
        ratio, bar = times[name] / floor, size.bars[name]
        took = (f"{seconds * 1e3:.2f}" for seconds in (floor, times[name]))
        passed = verdict(ratio <= bar)
        what = f"{name}, {_what(size)}"
        yield row(what, size.shape, kernel, *took, f"{ratio:.2f}", f"{bar:.2f}", passed)


def _touch(n_bytes: int) -> None:
    """Take memory from the system and give it back, so that each way finds it as the others do.

    A virtual machine gives memory that lies idle to its host: to take 400 MB costs 20 ms when it
    was just given back, and 500 ms a few seconds later.
    """
    np.empty(n_bytes, np.uint8)[::4096] = 0


def _what(size: Row) -> str:
    return size.cell + f" ×{size.layers}" * (size.layers > 1) + " both ways" * size.both


def _with_libraries(way: Timed, libraries: Libraries) -> Timed:
    """The same as it goes where only these libraries are."""

    def timed() -> None:
        own = run.available_libraries
        run.available_libraries = lambda: libraries
        way()
        run.available_libraries = own

    return timed


def _made(size: Row) -> tuple[Any, Any, rv.Model, rv.Sequence]:
    """A Torch module, its input, and the same as a Model and a Sequence."""
    import torch

    n_steps, n_rows, n_inputs, n_units = size.shape
    torch.manual_seed(0)
    make = {"lstm": torch.nn.LSTM, "rnn": torch.nn.RNN}.get(size.cell, torch.nn.GRU)
    module = make(n_inputs, n_units, size.layers, bidirectional=size.both)
    values = torch.randn(n_steps, n_rows, n_inputs)
    model = rv.from_torch(module)
    if size.cell == "gru":
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

    return _near({"all": forward, "one": alone})


def _near(ways: dict[str, Timed]) -> dict[str, Timed]:
    """Without what takes several times as long: waiting threads on busy cores take seconds."""
    times: dict[str, float] = {}
    for name in ("one", "all"):
        ways[name]()
        start = time.perf_counter()
        ways[name]()
        times[name] = time.perf_counter() - start
    return {name: way for name, way in ways.items() if times[name] <= 3 * min(times.values())}


def _repeats(size: Row) -> int:
    n_steps, n_rows, n_inputs, n_units = size.shape
    work = n_steps * n_rows * n_units * (n_units + n_inputs) * size.layers * (1 + size.both)
    return int(np.clip(3 * 10**9 / work, 5, 301))


def _loops() -> Iterator[str]:
    """Against the loop over a Torch cell that a user writes to keep the gates."""
    yield head("loop by hand, lstm", "kernel", "loop", "trace", "times faster", "bar", "")
    for shape in ((50, 1, 32, 64), (1000, 1, 64, 128), (1000, 1, 64, 256)):
        progress(f"loop by hand {shape}")
        module, values, model, sequence = _made(Row("lstm", shape, 4))
        absent = Libraries("absent", True)
        ways: dict[str, Timed] = {
            "loop": partial(by_hand, module, values),
            "trace": partial(rv.trace, model, sequence),
            "without": _with_libraries(partial(rv.trace, model, sequence), absent),
        }
        times = interleaved(ways, 31, _SECONDS)
        for name, had in (("trace", available_libraries()), ("without", absent)):
            ratio = times["loop"] / times[name]
            took = (f"{times[way] * 1e3:.2f}" for way in ("loop", name))
            kernel = select_kernel(model.layers[0], *shape[:2], had).name
            yield row(shape, kernel, *took, f"{ratio:.1f}", 4, verdict(ratio >= 4))


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


def _numpy_loops() -> Iterator[str]:
    """Without numba and Torch, against a loop in NumPy: processor time, as one core has it."""
    yield head("loop in NumPy, lstm", "kernel", "loop", "trace", "ratio", "bar", "")
    for shape in ((50, 1, 32, 64), (1000, 1, 64, 128), (10_000, 1, 64, 256), (1000, 32, 64, 256)):
        progress(f"loop in NumPy {shape}")
        _, values, model, sequence = _made(Row("lstm", shape, 1.1))
        alone = Libraries("absent", False)
        ways: dict[str, Timed] = {
            "loop": partial(lstm_by_hand, model.layers[0], values.numpy()),
            "trace": _with_libraries(partial(rv.trace, model, sequence), alone),
        }
        times = interleaved(ways, 101, _SECONDS, clock=time.process_time)
        ratio = times["trace"] / times["loop"]
        took = (f"{times[way] * 1e3:.2f}" for way in ("loop", "trace"))
        kernel = select_kernel(model.layers[0], *shape[:2], alone).name
        yield row(shape, kernel, *took, f"{ratio:.2f}", 1.1, verdict(ratio <= 1.1))
