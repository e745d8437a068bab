"""What a road is given: the array it fills, the recurrent weights and the states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.network.layer import Layer

ORDER = {
    "lstm": ("forget", "input", "output", "candidate", "cell", "hidden"),
    "gru": ("reset", "update", "candidate", "hidden"),
    "gru_reset_after": ("reset", "update", "candidate", "hidden"),
    "rnn": ("hidden",),
}
"""Signals by cell; the gates stand first."""

GATES = {
    "lstm": ORDER["lstm"][:4],
    "gru": ORDER["gru"][:3],
    "gru_reset_after": ORDER["gru"][:3],
    "rnn": ("hidden",),
}
"""Gates by cell, in the same order."""


@dataclass(frozen=True, eq=False)
class Job:
    """One layer's reading, in its own reading order.

    layer   with the cell's own activations, or relu in a simple network.
    values  (time, batch, input), zero where a row has ended.
    whole   (signal, time, batch, unit): the gates hold `W_x x_t` when a road sets out, and all
            signals when it arrives.
    weights (unit, gate·unit): `W_h` of every gate side by side, turned for a row times a matrix.
    bias    (gate, unit): what is added to `W_x x_t + W_h h_{t-1}`.
    recalled (unit,): the candidate's own bias inside a reset gate's product; zeros otherwise.
    states  before the first step, (batch, unit), of these rows.
    rows    those to be computed here; others may be computed beside it.
    steps   those whose `W_x x_t` is to be computed here.
    """

    layer: Layer
    values: Array
    whole: Array
    weights: Array
    bias: Array
    recalled: Array
    states: Mapping[str, Array]
    rows: slice
    steps: slice


def prepare(layer: Layer, values: Array, states: Mapping[str, Array], dtype: np.dtype[Any]) -> Job:
    """The job of a whole layer, before anything is computed."""
    n_steps, n_rows, _ = values.shape
    shape = (len(ORDER[layer.cell_name]), n_steps, n_rows, layer.n_units)
    return Job(
        layer,
        values,
        np.empty(shape, dtype),
        _recurrent(layer, dtype),
        *_biases(layer, dtype),
        states,
        slice(0, n_rows),
        slice(0, n_steps),
    )


def by_rows(job: Job, count: int) -> list[Job]:
    """As many even parts of its rows, or fewer; all share the whole array."""
    if count == 1:
        return [job]
    return [
        replace(job, rows=rows, states={name: state[rows] for name, state in job.states.items()})
        for rows in _parts(job.rows.stop, count)
    ]


def by_steps(job: Job, count: int) -> list[Job]:
    """As many even parts of its steps, or fewer; all share the whole array."""
    if count == 1:
        return [job]
    return [replace(job, steps=steps) for steps in _parts(job.steps.stop, count)]


def _parts(length: int, count: int) -> list[slice]:
    edges = [length * i // count for i in range(count + 1)]
    return [slice(start, stop) for start, stop in pairwise(edges) if start < stop]


def enter(job: Job) -> None:
    """`W_x x_t` of every gate at the job's steps into the whole array."""
    flat = job.values[job.steps].reshape(-1, job.values.shape[2])
    for gate, room in zip(GATES[job.layer.cell_name], job.whole[:, job.steps], strict=False):
        weights = np.asarray(job.layer.weights[f"{gate}.x"], job.whole.dtype)
        np.matmul(flat, weights.T, out=room.reshape(len(flat), -1))


def _recurrent(layer: Layer, dtype: np.dtype[Any]) -> Array:
    matrices = [layer.weights[f"{gate}.h"] for gate in GATES[layer.cell_name]]
    stacked = np.empty((layer.n_units, len(matrices), layer.n_units), dtype)
    for i, matrix in enumerate(matrices):
        stacked[:, i] = matrix.T
    return stacked.reshape(layer.n_units, -1)


def _biases(layer: Layer, dtype: np.dtype[Any]) -> tuple[Array, Array]:
    zeros = np.zeros(layer.n_units, dtype)
    inner, outer = (
        np.array([layer.weights.get(f"{g}.{role}", zeros) for g in GATES[layer.cell_name]], dtype)
        for role in ("bh", "b")
    )
    if layer.cell_name not in ("gru", "gru_reset_after"):
        return outer + inner, zeros
    recalled = inner[2].copy()
    if layer.cell_name == "gru_reset_after":
        inner[2] = 0
    return outer + inner, recalled if layer.cell_name == "gru_reset_after" else zeros
