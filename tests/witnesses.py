"""Builders and witnesses that several tests share; none of them calls the engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from rnnviz import Layer, Model, from_torch

Array = NDArray[Any]
BATCH, INPUT, UNIT, STEPS = 2, 3, 5, 6
PROJECTION = 4
LENGTHS = (6, 4)
MODULES = {"RNN": torch.nn.RNN, "LSTM": torch.nn.LSTM, "GRU": torch.nn.GRU}


def normal(*shape: int, seed: int = 0) -> Array:
    """Standard normal float64 numbers."""
    return np.random.default_rng([len(shape), seed]).standard_normal(shape)


def assert_close(got: Any, wanted: ArrayLike, tolerance: float = 1e-12) -> None:
    """Equal shapes, NaN at the same places, and everything else within the tolerance."""
    array = np.asarray(got.detach().cpu() if isinstance(got, torch.Tensor) else got)
    assert array.shape == np.shape(wanted)
    np.testing.assert_allclose(array, wanted, rtol=0, atol=tolerance)


def torch_module(name: str, *, seed: int = 0, **options: Any) -> Any:
    """A float64 torch.nn module (3 inputs, 5 units) with every weight and bias drawn normal."""
    module = MODULES[name](INPUT, UNIT, dtype=torch.float64, **options)
    with torch.no_grad():
        for i, weight in enumerate(module.parameters()):
            weight.copy_(torch.tensor(normal(*weight.shape, seed=100 * seed + i + 1) * 0.7))
    return module


def torch_states(module: Any, seed: int = 50) -> dict[str, Array]:
    """Random states (layer, batch, unit) for each state of the module; the layers as in Torch."""
    n_layers = module.num_layers * (2 if module.bidirectional else 1)
    names = ("hidden", "cell") if isinstance(module, torch.nn.LSTM) else ("hidden",)
    return {
        name: np.tanh(normal(n_layers, BATCH, UNIT, seed=seed + i)) for i, name in enumerate(names)
    }


def started(model: Model, states: dict[str, Array]) -> Model:
    """The same model whose layers start from these states (layer, batch, unit)."""
    layers = [
        replace(layer, initial={name: state[i] for name, state in states.items()})
        for i, layer in enumerate(model.layers)
    ]
    return replace(model, layers=tuple(layers))


def model_and_module(name: str, **options: Any) -> tuple[Model, Any, dict[str, Array]]:
    """A model read from Torch, the module, and the random states that the model starts from."""
    module = torch_module(name, **options)
    states = torch_states(module)
    return started(from_torch(module), states), module, states


def sigmoid(drive: Array) -> Array:
    """The logistic function, written with tanh so that it is not the engine's own line."""
    return (1 + np.tanh(drive / 2)) / 2


def layer_by_hand(
    name: str, weights: tuple[Array, ...], rows: Array, h: Array, c: Array | None
) -> Iterator[dict[str, Array]]:
    """One sequence through one layer as equations.md writes it, vector by vector.

    weights  torch's weight_ih, weight_hh, bias_ih, bias_hh.
    rows     (time, input), in reading order.

    Each step gives its signals, its drives as `name drive`, and the states before it as
    `name before`, all (unit,).
    """
    wx, wh, bx, bh = weights
    first, second, third, fourth = (slice(UNIT * i, UNIT * (i + 1)) for i in range(4))

    def total(s: slice, x: Array, h: Array) -> Array:
        return wx[s] @ x + bx[s] + wh[s] @ h + bh[s]

    for x in rows:
        if name == "RNN":
            drives = {"hidden": total(first, x, h)}
            signals = {"hidden": np.tanh(drives["hidden"])}
        elif name == "LSTM":  # rows i, f, g, o
            i, f, g, o = (total(s, x, h) for s in (first, second, third, fourth))
            drives = {"input": i, "forget": f, "candidate": g, "output": o}
            signals = {n: sigmoid(d) for n, d in drives.items()} | {"candidate": np.tanh(g)}
            assert c is not None
            signals["cell"] = signals["forget"] * c + signals["input"] * signals["candidate"]
            signals["hidden"] = signals["output"] * np.tanh(signals["cell"])
        else:  # rows r, z, n; reset after the product
            r, z = sigmoid(total(first, x, h)), sigmoid(total(second, x, h))
            n = wx[third] @ x + bx[third] + r * (wh[third] @ h + bh[third])
            drives = {"reset": total(first, x, h), "update": total(second, x, h), "candidate": n}
            signals = {"reset": r, "update": z, "candidate": np.tanh(n)}
            signals["hidden"] = z * h + (1 - z) * np.tanh(n)
        before = {"hidden before": h} | ({"cell before": c} if c is not None else {})
        yield signals | {f"{n} drive": d for n, d in drives.items()} | before
        h, c = signals["hidden"], signals.get("cell")


def by_hand(
    name: str, module: Any, states: dict[str, Array], values: Array, lengths: tuple[int, ...]
) -> list[dict[str, Array]]:
    """Every layer of a module by hand: its signals (time, batch, unit), NaN at padding."""
    seen: list[dict[str, Array]] = []
    suffixes = ("", "_reverse") if module.bidirectional else ("",)
    below = values
    for level in range(module.num_layers):
        for suffix in suffixes:
            roles = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            weights = tuple(
                getattr(module, f"{role}_l{level}{suffix}").detach().numpy() for role in roles
            )
            start = {state: array[len(seen)] for state, array in states.items()}
            order = slice(None, None, -1 if suffix else 1)
            seen.append(_rows_by_hand(name, weights, below, lengths, start, order))
        here = [layer["hidden"] for layer in seen[-len(suffixes) :]]
        below = np.concatenate(here, axis=2)
    return seen


def _rows_by_hand(
    name: str,
    weights: tuple[Array, ...],
    values: Array,
    lengths: tuple[int, ...],
    start: dict[str, Array],
    order: slice,
) -> dict[str, Array]:
    found: dict[str, Array] = {}
    for row, length in enumerate(lengths):
        h, c = start["hidden"][row], start["cell"][row] if "cell" in start else None
        steps = list(layer_by_hand(name, weights, values[:length, row][order], h, c))[order]
        for key in steps[0]:
            empty = np.full((len(values), len(lengths), UNIT), np.nan)
            found.setdefault(key, empty)[:length, row] = [step[key] for step in steps]
    return found


def diagonal_layer(**options: Any) -> Layer:
    """A simple recurrent layer whose units see only their own past."""
    weights = {
        "hidden.x": normal(UNIT, INPUT, seed=1),
        "hidden.h": normal(UNIT, seed=2),
        "hidden.b": normal(UNIT, seed=3),
        "hidden.bh": normal(UNIT, seed=4),
    }
    return Layer("rnn", "forward", weights, **options)
