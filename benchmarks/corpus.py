"""A corpus of generated text through an LSTM: seconds, memory of a worker, and what two bring."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import rnnviz as rv
from benchmarks.timing import head, machine, progress, row, verdict
from rnnviz.network.model import Model

N_UNITS = 256
_SIZES = (10**6, 3 * 10**6, 10**7)
_LETTERS = tuple('abcdefghijklmnopqrstuvwxyz \n.,"()ABC0123456789')


def main(steps: int = 10**7) -> None:
    """Print the table, up to so many tokens."""
    print(machine(), "", sep="\n")
    print(head("what", "tokens", "workers", "seconds", "a million", "bar", ""))
    with tempfile.TemporaryDirectory() as folder:
        taken = {}
        for n_tokens in (size for size in _SIZES if size <= steps):
            texts = Path(folder, f"{n_tokens}")
            write_texts(texts, n_tokens)
            for workers in (1, 2):
                progress(f"{n_tokens:,} tokens, {workers} workers")
                seconds = _seconds(texts, Path(folder, f"{n_tokens}-{workers}"), workers)
                taken[n_tokens, workers] = seconds
                bar = 90 if (n_tokens, workers) == (10**7, 2) else ""
                passed = verdict(seconds <= 90) if bar else ""
                each = f"{seconds / n_tokens * 1e6:.2f}"
                print(row("scan", f"{n_tokens:,}", workers, f"{seconds:.1f}", each, bar, passed))
        largest = max(size for size, _ in taken)
        gain = taken[largest, 1] / taken[largest, 2]
        print(
            row("two workers", f"{largest:,}", "", f"{gain:.2f} x", "", 1.8, verdict(gain >= 1.8))
        )
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(row("memory of a process", "", "", f"{peak:.0f} MB", "", 500, verdict(peak <= 500)))


def write_texts(folder: Path, n_tokens: int) -> None:
    """Files of made-up words of which every letter is in the model's vocabulary."""
    folder.mkdir()
    generator = np.random.default_rng(0)
    words = ["".join(generator.choice(list(_LETTERS), 5)) for _ in range(2000)]
    for number, start in enumerate(range(0, n_tokens, 5 * 10**6)):
        size = min(5 * 10**6, n_tokens - start)
        text = " ".join(words[i] for i in generator.integers(0, len(words), size // 6 + 1))
        (folder / f"{number:03}.txt").write_text(text[:size], "utf-8")


def random_lstm() -> Model:
    """An LSTM of 256 units that reads those letters."""
    return rv.random_model("lstm", len(_LETTERS), N_UNITS).with_vocabulary(_LETTERS)


def _seconds(texts: Path, out: Path, workers: int) -> float:
    """Of a program of its own, with its start and that of its workers."""
    code = (
        "import sys, rnnviz as rv; from benchmarks.corpus import random_lstm\n"
        "if __name__ == '__main__':\n"
        "    rv.corpus.scan(random_lstm(), *sys.argv[1:3], workers=int(sys.argv[3]))\n"
    )
    program = out.with_suffix(".py")
    program.write_text(code, "utf-8")
    start = time.perf_counter()
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    arguments = [sys.executable, program, texts, out, str(workers)]
    subprocess.run(list(map(str, arguments)), check=True, env=environment)
    return time.perf_counter() - start
