"""Arrays that a kernel works on: buffers of all signals, recurrent weights, biases and states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.engine.linear import Linear
from rnnviz.network.layer import Layer

BUFFERS = {
    "lstm": ("forget", "input", "output", "candidate", "cell", "hidden"),
    "gru": ("reset", "update", "candidate", "hidden"),
    "gru_reset_after": ("reset", "update", "candidate", "hidden"),
    "rnn": ("hidden",),
}
"""Signals in the order of the buffers, by cell that has kernels: sigmoid gates, gates, states."""


@dataclass(frozen=True, eq=False)
class StackedWeights:
    """Recurrent weights and biases of a layer, stacked when a kernel asks for them."""

    linear: Linear

    @cached_property
    def weights(self) -> Array:
        """As `Workspace.weights`."""
        weights: Array = self.linear.matrix("h", gate_order(self.linear.layer))
        return weights

    @cached_property
    def biases(self) -> tuple[Array, Array]:
        """As `Workspace.bias` and `Workspace.recurrent_bias`."""
        return _biases(self.linear, gate_order(self.linear.layer))


@dataclass(frozen=True, eq=False)
class Workspace:
    """Arrays of one layer, in its reading order. `workspace["forget"]` is a buffer by name.

    linear   of a layer with the cell's default activations, or relu in a simple network.
    values   (time, batch, input), zero where a row has ended.
    buffers  (signal, time, batch, unit) in the order of `BUFFERS`: the gates hold `W_x x_t` when a
             kernel begins, and all signals when it ends.
    stacked  the layer's recurrent weights and biases, all gates together.
    initial  states before the first step, (batch, unit), of these rows.
    rows     rows to compute in this workspace; others may be computed beside it.
    steps    steps whose `W_x x_t` is to compute in this workspace.
    """

    linear: Linear
    values: Array
    buffers: Array
    stacked: StackedWeights
    initial: Mapping[str, Array]
    rows: slice
    steps: slice

    @property
    def layer(self) -> Layer:
        """The layer itself."""
        return self.linear.layer

    @property
    def weights(self) -> Array:
        """(unit, gate·unit): `W_h` of every gate side by side, for a row times a matrix."""
        return self.stacked.weights

    @property
    def bias(self) -> Array:
        """(gate, unit): added to `W_x x_t + W_h h_{t-1}`."""
        return self.stacked.biases[0]

    @property
    def recurrent_bias(self) -> Array:
        """(unit,): the candidate's own, which a reset gate multiplies; zeros otherwise."""
        return self.stacked.biases[1]

    @property
    def gate_names(self) -> tuple[str, ...]:
        """Names of the gates in the order of the buffers."""
        return gate_order(self.layer)

    def __getitem__(self, signal: str) -> Array:
        """Buffer (time, row, unit) of a signal, this workspace's rows."""
        return self.buffers[BUFFERS[self.layer.cell_name].index(signal), :, self.rows]

    @property
    def gates(self) -> Array:
        """Buffers (time, gate, row, unit) of all gates, this workspace's rows."""
        return self._leading(len(self.gate_names))

    @property
    def sigmoid_gates(self) -> Array:
        """Buffers (time, gate, row, unit) of the gates whose activation is the sigmoid."""
        return self._leading(sum(g.activation == "sigmoid" for g in self.layer.cell.gates))

    def _leading(self, count: int) -> Array:
        return self.buffers[:count, :, self.rows].swapaxes(0, 1)


def gate_order(layer: Layer) -> tuple[str, ...]:
    """Names of a layer's gates in the order of the buffers."""
    return BUFFERS[layer.cell_name][: len(layer.cell.gates)]


def allocate(linear: Linear, values: Array, initial: Mapping[str, Array]) -> Workspace:
    """Workspace of a whole layer, before anything is computed."""
    layer = linear.layer
    n_steps, n_rows, _ = values.shape
    shape = (len(BUFFERS[layer.cell_name]), n_steps, n_rows, layer.n_units)
    return Workspace(
        linear,
        values,
        np.empty(shape, linear.dtype),
        StackedWeights(linear),
        initial,
        slice(0, n_rows),
        slice(0, n_steps),
    )


def _biases(linear: Linear, gates: tuple[str, ...]) -> tuple[Array, Array]:
    """Bias (gate, unit) of every gate, and what a reset gate multiplies, (unit,)."""
    shape = len(gates), linear.layer.n_units
    outer, inner = linear.bias("b", gates).reshape(shape), linear.bias("bh", gates).reshape(shape)
    scaled = np.zeros(linear.layer.n_units, linear.dtype)
    if linear.layer.cell_name == "gru_reset_after":
        candidate = gates.index("candidate")
        scaled, inner[candidate] = inner[candidate].copy(), 0
    return outer + inner, scaled


def split_rows(workspace: Workspace, count: int) -> list[Workspace]:
    """As many workspaces of even parts of the rows, or fewer; all share the buffers."""
    if count == 1:
        return [workspace]
    return [
        replace(workspace, rows=rows, initial={n: s[rows] for n, s in workspace.initial.items()})
        for rows in _even_slices(workspace.rows.stop, count)
    ]


def split_steps(workspace: Workspace, count: int) -> list[Workspace]:
    """As many workspaces of even parts of the steps, or fewer; all share the buffers."""
    if count == 1:
        return [workspace]
    return [replace(workspace, steps=s) for s in _even_slices(workspace.steps.stop, count)]


def _even_slices(length: int, count: int) -> list[slice]:
    edges = [length * i // count for i in range(count + 1)]
    return [slice(start, stop) for start, stop in pairwise(edges) if start < stop]


def load_input_products(workspace: Workspace) -> None:
    """`W_x x_t` of every gate at the workspace's steps into the buffers."""
    steps = workspace.steps
    flat = workspace.values[steps].reshape(-1, workspace.values.shape[2])
    for gate, buffer in zip(workspace.gate_names, workspace.buffers[:, steps], strict=False):
        weights = workspace.linear.tensor(workspace.linear.weights[f"{gate}.x"])
        np.matmul(flat, weights.T, out=buffer.reshape(len(flat), -1))
