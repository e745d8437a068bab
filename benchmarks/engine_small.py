"""What the engine takes where a trace is small or the first: time, memory and imports."""

from __future__ import annotations

import importlib.util
import os
import statistics
import sys
import tempfile
import tracemalloc
from collections.abc import Iterator

import numpy as np

import rnnviz as rv
from benchmarks.timing import head, interleaved, progress, row, verdict


def small_lines() -> Iterator[str]:
    """Lines of the table of what is small: a short text, memory, imports and first calls."""
    yield head("what", "figure", "bar", "")
    model = rv.random_model("lstm", n_inputs=40, n_units=32)
    sequence = rv.Sequence(np.random.default_rng(0).standard_normal((50, 1, 40)))
    took = interleaved({"trace": lambda: rv.trace(model, sequence)}, 301, 2)["trace"] * 1e3
    yield row("50 characters, 32 units", f"{took:.2f} ms", "1 ms", verdict(took <= 1))
    memory = _memory()
    yield row("peak memory, of the trace", f"{memory:.2f}", "1.3", verdict(memory <= 1.3))
    ratio = _ratio("import numpy", "import rnnviz")
    passed = verdict(ratio <= 1.3)
    yield row("processor time: import rnnviz, of import numpy", f"{ratio:.2f}", "1.3", passed)
    ratio = _ratio("import numpy", f"import numpy, rnnviz; {_FIRST_SMALL}")
    yield row("the same with a first small trace", f"{ratio:.2f}", "", "")
    if importlib.util.find_spec("numba"):
        yield from _first_calls()


_FIRST_SMALL = "rnnviz.trace(rnnviz.random_model('lstm', 3, 5), numpy.ones((4, 1, 3)))"
_FIRST = (
    "import numba, numpy, rnnviz as rv;"
    " rv.trace(rv.random_model('lstm', 64, 128), numpy.zeros((1000, 1, 64), 'f4'))"
)


def _first_calls() -> Iterator[str]:
    """A process of its own: loading numba, compiling once an installation, and the trace."""
    progress("a first call that compiles")
    with tempfile.TemporaryDirectory() as folder:
        compiling = _processor_time(_FIRST, NUMBA_CACHE_DIR=folder)
        again = _processor_time(_FIRST, NUMBA_CACHE_DIR=folder)
    yield row("a process whose first trace compiles", f"{compiling:.2f} s", "", "")
    yield row("the same once that is kept on disk", f"{again:.2f} s", "", "")


def _memory() -> float:
    """The most memory beside the weights, of what the trace itself holds."""
    model = rv.random_model("lstm", n_inputs=64, n_units=256)
    sequence = rv.Sequence(np.zeros((4000, 8, 64), np.float32))
    rv.trace(model, sequence)
    tracemalloc.start()
    rv.trace(model, sequence)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return (peak - 4 * model.n_parameters) / (4000 * 8 * 256 * 6 * 4)


def _ratio(one: str, other: str) -> float:
    """Of two programs' processor times, taken in turn."""
    progress(other)
    times = [(_processor_time(one), _processor_time(other)) for _ in range(15)]
    first, second = (statistics.median(taken) for taken in zip(*times, strict=True))
    return second / first


def _processor_time(code: str, **environment: str) -> float:
    """Seconds of user and system together, of Python running this."""
    program = [sys.executable, "-c", code]
    process = os.posix_spawn(sys.executable, program, os.environ | environment)
    _, status, used = os.wait4(process, 0)
    if status:
        raise RuntimeError(f"`{code}` failed")
    return used.ru_utime + used.ru_stime
