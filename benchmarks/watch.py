"""A forward that is watched against one that is not: `rv.watch`'s bars."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

import torch

import rnnviz as rv
from benchmarks.timing import head, interleaved, machine, progress, row, verdict

_BAR = 1.3
_SECONDS = 8.0
_CALLS = 100_000
_SHAPES = ((1000, 1, 64, 128), (100, 32, 64, 256))


def main() -> None:
    """Print both tables."""
    print(machine())
    print(head("LSTM (time, batch, input, unit)", "alone, ms", "watched, ms", "ratio", "bar", ""))
    for shape in _SHAPES:
        progress(f"LSTM {shape}")
        print(_overhead(*shape))
    print()
    print(head(f"{_CALLS:,} calls of", "kept MB at half", "kept MB at the end", ""))
    for name, call, layer in _small():
        progress(name)
        print(_growth(name, call, layer))


def _overhead(n_steps: int, n_rows: int, n_inputs: int, n_units: int) -> str:
    layer = torch.nn.LSTM(n_inputs, n_units).eval()
    values = torch.randn(n_steps, n_rows, n_inputs)

    def watched() -> Any:
        with rv.watch(layer, keep=1):
            return layer(values)

    with torch.no_grad():
        times = interleaved({"alone": lambda: layer(values), "watched": watched}, 50, _SECONDS)
    ratio = times["watched"] / times["alone"]
    milliseconds = (f"{1000 * times[name]:.2f}" for name in ("alone", "watched"))
    shape = (n_steps, n_rows, n_inputs, n_units)
    return row(shape, *milliseconds, f"{ratio:.2f}", _BAR, verdict(ratio <= _BAR))


def _small() -> list[tuple[str, Callable[[Any], Any], Any]]:
    values = torch.zeros(1, 1)
    layer, cell = torch.nn.GRU(1, 2), torch.nn.GRUCell(1, 2)
    return [
        ("a layer", lambda _: layer(values), layer),
        ("a cell, one loop", lambda state: cell(values, state), cell),
    ]


def _growth(name: str, call: Callable[[Any], Any], layer: Any) -> str:
    state, kept = None, []
    tracemalloc.start()
    with rv.watch(layer, keep=4), torch.no_grad():
        for n in range(_CALLS):
            state = call(state)
            if n in (_CALLS // 2, _CALLS - 1):
                gc.collect()
                kept.append(tracemalloc.get_traced_memory()[0] / 1e6)
    tracemalloc.stop()
    # A loop of a cell is kept in pieces of a thousand steps: up to one piece more or less.
    is_bounded = kept[1] < 2 * kept[0] + 1
    return row(name, *(f"{size:.1f}" for size in kept), verdict(is_bounded))
