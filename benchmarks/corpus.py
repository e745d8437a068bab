"""A corpus of generated text through an LSTM: seconds, memory, two workers, growth, many lengths.

`--steps 100000000` lets the growth go on to 10⁸ tokens.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet

import rnnviz as rv
from benchmarks.timing import head, interleaved, machine, progress, row, verdict
from rnnviz.core.arrays import Array
from rnnviz.corpus.scan_plan import ScanPlan
from rnnviz.corpus.scan_shard import scan_shard
from rnnviz.corpus.shards import shards_of
from rnnviz.engine.kernels.threads import one_thread
from rnnviz.network.model import Model

N_UNITS, N_FEW_UNITS = 256, 32
_SIZES = (10**6, 10**7)
_GROWTH = (10**6, 10**7, 10**8)
_LETTERS = tuple('abcdefghijklmnopqrstuvwxyz \n.,"()ABC0123456789')
_FILE = 5 * 10**6
_MANY, _MEAN_LENGTH = 400_000, 400
_PROGRAM = """
import json, resource, sys, rnnviz as rv
from benchmarks.corpus import random_lstm
if __name__ == "__main__":
    n_units, workers = map(int, sys.argv[3:])
    rv.corpus.scan(random_lstm(n_units), *sys.argv[1:3], workers=workers)
    who = resource.RUSAGE_SELF if workers == 1 else resource.RUSAGE_CHILDREN
    print(json.dumps(resource.getrusage(who).ru_maxrss / 1024))
"""


def main(steps: int = 10**7) -> None:
    """Print the table; `steps` is the number of tokens up to which the growth is followed."""
    print(machine(), "", sep="\n")
    print(head("what", "tokens", "workers", "seconds", "a million", "MB of a worker", "bar", ""))
    with tempfile.TemporaryDirectory() as folder:
        _speed(Path(folder), steps)
        _growth(Path(folder), steps)
        _lengths(Path(folder))


def _speed(folder: Path, steps: int) -> None:
    taken = {}
    for n_tokens in (size for size in _SIZES if size <= steps):
        for workers in (1, 2):
            seconds, peak = _scanned(folder, n_tokens, N_UNITS, workers)
            taken[n_tokens, workers] = seconds
            bar = "90 s, 500 MB" if (n_tokens, workers) == (10**7, 2) else "500 MB"
            passed = verdict(peak <= 500 and (seconds <= 90 or "s" not in bar.split()))
            _tell(f"{N_UNITS} units", n_tokens, workers, seconds, peak, bar, passed)
    for n_tokens in sorted({size for size, _ in taken}):
        gain = taken[n_tokens, 1] / taken[n_tokens, 2]
        # A short text is over before the second worker's start is won back.
        bar, passed = ("1.8 x", verdict(gain >= 1.8)) if n_tokens == 10**7 else ("", "")
        cells = (f"{gain:.2f} x", "", "", bar, passed)
        print(row("two workers", f"{n_tokens:,}", "", *cells))


def _growth(folder: Path, steps: int) -> None:
    """Seconds a million and memory with more text: one worker, few units.

    Memory grows until a shard is as large as it gets, from 24 million bytes on.
    """
    first = 0.0
    for n_tokens in (size for size in _GROWTH if size <= steps):
        seconds, peak = _scanned(folder, n_tokens, N_FEW_UNITS, 1)
        each = seconds / n_tokens
        # The start of the program is a part of the first.
        first = first or each
        passed = verdict(each <= 1.1 * first and peak <= 500)
        bar = "1.1 x a token, 500 MB"
        _tell(f"{N_FEW_UNITS} units", n_tokens, 1, seconds, peak, bar, passed)


def _tell(
    what: str, n_tokens: int, workers: int, seconds: float, peak: float, bar: str, passed: str
) -> None:
    each = f"{seconds / n_tokens * 1e6:.2f}"
    cells = (workers, f"{seconds:.1f}", each, f"{peak:.0f}", bar, passed)
    print(row(what, f"{n_tokens:,}", *cells), flush=True)


def _lengths(folder: Path) -> None:
    """Processor time of texts of many lengths beside texts of one, in rows of a table."""
    rng = np.random.default_rng(0)
    n_texts = _MANY // _MEAN_LENGTH
    spread = rng.lognormal(0, 1.2, n_texts)
    many = np.maximum(1, spread / spread.sum() * _MANY).astype(int)
    progress(f"{n_texts} texts of {many.min()} to {many.max():,} tokens")
    ways = {
        "equal": _scan_of(folder / "equal", np.full(n_texts, many.sum() // n_texts)),
        "many": _scan_of(folder / "many", many),
    }
    with one_thread():
        taken = interleaved(ways, 5, 60, clock=time.process_time)
    each = {name: seconds / _MANY * 1e6 for name, seconds in taken.items()}
    ratio = each["many"] / each["equal"]
    for name, what in (("equal", "texts of one length"), ("many", "texts of many lengths")):
        told = f"{each[name]:.2f}"
        bar, passed = ("1.2 x", verdict(ratio <= 1.2)) if name == "many" else ("", "")
        print(row(what, f"{_MANY:,}", 1, f"{taken[name]:.1f}", told, "", bar, passed))
    print(row("many to one", "", "", f"{ratio:.2f} x", "", "", "1.2 x", verdict(ratio <= 1.2)))


def _scan_of(folder: Path, lengths: Array) -> Callable[[], object]:
    """Scan of texts of these lengths, shard after shard, in this process."""
    folder.mkdir()
    whole, stops = _text(int(lengths.sum()), 0), np.cumsum(lengths)
    texts = [whole[stop - n : stop] for n, stop in zip(lengths, stops.tolist(), strict=True)]
    np.random.default_rng(1).shuffle(texts)
    pyarrow.parquet.write_table(pyarrow.table({"text": texts}), folder / "a.parquet")
    shards = tuple(shards_of(folder))
    plan = ScanPlan(random_lstm(N_UNITS), shards, 0, 128, 0, folder)
    return lambda: [scan_shard(plan.model, one, i, plan.options) for i, one in enumerate(shards)]


def _scanned(folder: Path, n_tokens: int, n_units: int, workers: int) -> tuple[float, float]:
    """Seconds and megabytes of a program of its own, with its start and that of its workers."""
    progress(f"{n_tokens:,} tokens, {n_units} units, {workers} workers")
    texts, out = folder / f"{n_tokens}", folder / f"{n_tokens}-{n_units}-{workers}"
    if not texts.exists():
        write_texts(texts, n_tokens)
    program = folder / "program.py"
    program.write_text(_PROGRAM, "utf-8")
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    arguments = [sys.executable, program, texts, out, n_units, workers]
    start = time.perf_counter()
    done = subprocess.run(
        list(map(str, arguments)), check=True, env=environment, stdout=subprocess.PIPE
    )
    return time.perf_counter() - start, float(json.loads(done.stdout))


def write_texts(folder: Path, n_tokens: int) -> None:
    """Files of made-up words of which every letter is in the model's vocabulary."""
    folder.mkdir()
    for number, start in enumerate(range(0, n_tokens, _FILE)):
        text = _text(min(_FILE, n_tokens - start), number)
        (folder / f"{number:03}.txt").write_text(text, "utf-8")


def _text(n_tokens: int, seed: int) -> str:
    words = ["".join(one) for one in np.random.default_rng(0).choice(list(_LETTERS), (2000, 5))]
    chosen = np.random.default_rng([seed, 1]).integers(0, len(words), n_tokens // 6 + 1)
    return " ".join(words[i] for i in chosen.tolist())[:n_tokens]


def random_lstm(n_units: int) -> Model:
    """An LSTM that reads those letters."""
    return rv.random_model("lstm", len(_LETTERS), n_units).with_vocabulary(_LETTERS)
