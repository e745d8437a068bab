"""A forward that is watched against one that is not, and a training that is logged."""

from __future__ import annotations

import gc
import time
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
_TRAINED = ((50, 16, 8, 32), *_SHAPES)
_EVERY, _SHARE = 200, 0.02
_LOOKS = 20


def main() -> None:
    """Print the tables."""
    print(machine())
    print(head("LSTM (time, batch, input, unit)", "alone, ms", "watched, ms", "ratio", "bar", ""))
    for shape in _SHAPES:
        progress(f"LSTM {shape}")
        print(_overhead(*shape))
    print()
    names = (
        "training of an LSTM",
        "update, ms of the processor",
        "record, ms",
        "look at a call, µs",
    )
    print(head(*names, f"share at every={_EVERY}", "bar", ""))
    for shape in _TRAINED:
        progress(f"training {shape}")
        print(_health(*shape))
    print()
    print(head(f"{_CALLS:,} calls of", "kept MB at half", "kept MB at the end", ""))
    for name, call, layer in _small():
        progress(name)
        print(_growth(name, call, layer))


def _health(n_steps: int, n_rows: int, n_inputs: int, n_units: int) -> str:
    """Share of a training's time that `rv.Log` takes: a record, and a look at every call."""
    values = torch.randn(n_steps, n_rows, n_inputs)
    plain, logged = (_training(torch.nn.LSTM(n_inputs, n_units), values, n) for n in (0, 1))
    ways = {"update": plain, "recorded": logged, **_looks(n_inputs, n_units, values)}
    # A busy machine interrupts what is long, a record, and hardly what is short, an update.
    times = interleaved(ways, 400, _SECONDS, clock=time.process_time)
    record = times["recorded"] - times["update"]
    look = (times["looked at"] - times["alone"]) / _LOOKS
    share = (record / _EVERY + look) / times["update"]
    told = (f"{1000 * times['update']:.2f}", f"{1000 * record:.2f}", f"{1e6 * look:.1f}")
    shape = (n_steps, n_rows, n_inputs, n_units)
    return row(
        shape, *told, f"{100 * share:.2f} %", f"{100 * _SHARE:.0f} %", verdict(share <= _SHARE)
    )


def _training(layer: Any, values: Any, every: int) -> Callable[[], None]:
    """One update of a layer and a readout, recorded after every so many; 0 for never."""
    readout = torch.nn.Linear(layer.hidden_size, 1)
    optimiser = torch.optim.Adam([*layer.parameters(), *readout.parameters()])

    def update() -> None:
        loss = readout(layer(values)[0][-1]).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    if every:
        rv.Log(layer, every=every, to=lambda numbers, step: None)
    return update


def _looks(n_inputs: int, n_units: int, values: Any) -> dict[str, Callable[[], None]]:
    """Calls of a layer that gives at once what it gave before, alone and between two records."""
    alone, logged = (torch.nn.LSTM(n_inputs, n_units) for _ in range(2))
    rv.Log(logged, every=10**9, to=lambda numbers, step: None)
    for layer in (alone, logged):
        given = layer(values)
        layer.forward = lambda values, given=given: given
    return {"alone": lambda: _often(alone, values), "looked at": lambda: _often(logged, values)}


def _often(layer: Any, values: Any) -> None:
    for _ in range(_LOOKS):
        layer(values)


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
