"""The engine: a model reads a sequence, one timestep at a time.

The products with the input do not depend on the step before, so they are taken for all timesteps
at once; what is left for a step is the recurrent product and the cell's elementwise equation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from rnnviz.cell import Signals, activate
from rnnviz.errors import ModelError
from rnnviz.frozen import Array
from rnnviz.maths import Maths, Tensor, maths
from rnnviz.model import Layer, Model
from rnnviz.sequence import Sequence
from rnnviz.trace import LayerTrace, Trace


@dataclass(frozen=True, eq=False)
class Step:
    """One timestep of a model.

    time     counted from 0.
    tokens   per batch row, "" where the row has ended.
    layers   per layer its signals by name, (batch, unit), in the back end's own arrays.
    outputs  (batch, output): the readout's probabilities, or the top level's hidden states.
    """

    time: int
    tokens: tuple[str, ...]
    layers: tuple[Mapping[str, Tensor], ...]
    outputs: Tensor

    @property
    def signals(self) -> Mapping[str, Tensor]:
        """The first layer's signals."""
        return self.layers[0]


def steps(
    model: Model, sequence: Sequence, *, backend: str = "numpy", device: str = "cpu"
) -> Iterator[Step]:
    """Read one timestep at a time; each is computed when it is asked for.

    With Torch the arrays keep their gradient. A backward layer reads from the end, so a model that
    has one reads everything before its first step is handed out. A row that has ended goes on
    with zeros as input and its values mean nothing: its token is "".

    Raises ModelError when the sequence does not fit the model.
    """
    maths_ = maths(backend, device)
    values = _fit(model, sequence)
    readers = [_Reader(layer, maths_, model.dtype, sequence) for layer in model.layers]
    if any(layer.direction == "backward" for layer in model.layers):
        return _replay(model, sequence, readers, maths_, values)
    return _stream(model, sequence, readers, maths_, values)


def run(
    model: Model,
    sequence: Sequence,
    *,
    backend: str = "numpy",
    device: str = "cpu",
    drives: bool = False,
) -> Trace:
    """The whole sequence through the whole model; drives are kept only when asked for.

    Raises ModelError when the sequence does not fit the model.
    """
    maths_ = maths(backend, device)
    values = maths_.array(_fit(model, sequence), model.dtype)
    layers: list[LayerTrace] = []
    for level in model.levels:
        traced = [_Reader(layer, maths_, model.dtype, sequence).read(values) for layer in level]
        values = maths_.join([signals["hidden"] for signals, _ in traced])
        layers += [
            _layer_trace(layer, signals, drive if drives else {}, sequence, maths_)
            for layer, (signals, drive) in zip(level, traced, strict=True)
        ]
    outputs = _padded(maths_.numpy(_outputs(model, values, maths_)), sequence)
    names = _output_names(model, sequence)
    return Trace(sequence, tuple(layers), outputs, model.source, names, model.is_trained)


def _fit(model: Model, sequence: Sequence) -> Array:
    """Values (time, batch, input) for the model, zero where a row has ended."""
    values = np.where(sequence.is_real[:, :, None], sequence.values, 0)
    spare = model.n_inputs - sequence.n_features
    # A vocabulary larger than the text: the inputs of symbols that do not occur stay 0.
    if spare > 0 and sequence.encoding == "one_hot":
        values = np.pad(values, ((0, 0), (0, 0), (0, spare)))
    if values.shape[2] != model.n_inputs:
        raise ModelError(
            "The model reads {wanted} numbers a step, but the sequence has {came};"
            " make the model with n_inputs={came}.",
            wanted=model.n_inputs,
            came=sequence.n_features,
        )
    return values


def _output_names(model: Model, sequence: Sequence) -> tuple[str, ...]:
    """The readout's names; a random one over a one-hot text predicts that text's symbols."""
    if model.readout is None:
        return ()
    n_outputs = len(model.readout.names)
    fits = sequence.encoding == "one_hot" and n_outputs == sequence.n_features
    return sequence.features if fits and not model.is_trained else model.readout.names


@dataclass(frozen=True, eq=False)
class _Linear:
    """A layer's products, stacked: each gate's columns stand beside the next gate's."""

    layer: Layer
    maths: Maths
    dtype: np.dtype[Any]

    @cached_property
    def outside(self) -> tuple[str, ...]:
        return tuple(g.name for g in self.layer.kind.gates if g.recurrence == "outside")

    @cached_property
    def inside(self) -> dict[str, tuple[Tensor, Tensor]]:
        names = [g.name for g in self.layer.kind.gates if g.recurrence == "inside"]
        return {name: (self._stacked("h", (name,)), self._bias("bh", (name,))) for name in names}

    @cached_property
    def recurrent(self) -> tuple[Tensor, Tensor]:
        return self._stacked("h", self.outside), self._bias("bh", self.outside)

    def inputs(self, values: Tensor) -> dict[str, Tensor]:
        """`W_x x_t + b` of every gate, (time, batch, unit) or (batch, unit) as the values are."""
        gates = tuple(gate.name for gate in self.layer.kind.gates)
        weights, bias = self._input
        return _split(values @ weights + bias, gates, self.layer.n_units)

    @cached_property
    def _input(self) -> tuple[Tensor, Tensor]:
        gates = tuple(gate.name for gate in self.layer.kind.gates)
        return self._stacked("x", gates), self._bias("b", gates)

    def _stacked(self, role: str, gates: tuple[str, ...]) -> Tensor:
        matrices = [self.layer.weights[f"{gate}.{role}"] for gate in gates]
        square = [np.diag(m) if m.ndim == 1 else m for m in matrices]
        return self.maths.array(np.ascontiguousarray(np.concatenate(square).T), self.dtype)

    def _bias(self, role: str, gates: tuple[str, ...]) -> Tensor:
        zeros = np.zeros(self.layer.n_units)
        parts = [self.layer.weights.get(f"{gate}.{role}", zeros) for gate in gates]
        return self.maths.array(np.concatenate(parts), self.dtype)


@dataclass(frozen=True, eq=False)
class _Recurrent:
    """`W_h h_{t-1} + b_h` by gate, and the products that a step takes itself."""

    linear: _Linear
    hidden: Tensor

    @cached_property
    def products(self) -> dict[str, Tensor]:
        weights, bias = self.linear.recurrent
        stacked = self.hidden @ weights + bias
        return _split(stacked, self.linear.outside, self.linear.layer.n_units)

    def __getitem__(self, gate: str) -> Tensor:
        return self.products[gate]

    def product(self, gate: str, vector: Tensor) -> Tensor:
        weights, bias = self.linear.inside[gate]
        return vector @ weights + bias


@dataclass(frozen=True, eq=False)
class _Reader:
    """One layer at work on one sequence, in its own reading order."""

    layer: Layer
    maths: Maths
    dtype: np.dtype[Any]
    sequence: Sequence
    linear: _Linear = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "linear", _Linear(self.layer, self.maths, self.dtype))

    def start(self) -> dict[str, Tensor]:
        """The states before the first step, (batch, unit)."""
        states = initial_states(self.layer, self.sequence.n_rows)
        return {name: self.maths.array(state, self.dtype) for name, state in states.items()}

    def step(self, x: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> tuple[Signals, Signals]:
        """One timestep: the cell's signals, and each gate's drive."""
        drives: Signals = {}
        kind = self.layer.kind
        chosen = {gate.name: self.layer.activation(gate.name) for gate in kind.gates}
        apply = activate(self.maths.activations, chosen)

        def gate(name: str, drive: Tensor) -> Tensor:
            drives[name] = drive
            return apply(name, drive)

        recurrent = _Recurrent(self.linear, state["hidden"])
        return kind.step(x, recurrent, state, gate, self.maths), drives

    def read(self, values: Tensor) -> tuple[Signals, Signals]:
        """All signals and drives (time, batch, unit), aligned with the tokens; zero at padding."""
        products = self.linear.inputs(self._turned(values))
        state: Mapping[str, Tensor] = self.start()
        seen: list[tuple[Signals, Signals]] = []
        for t in range(self.sequence.n_steps):
            signals, drives = self.step({gate: x[t] for gate, x in products.items()}, state)
            state = signals
            seen.append((signals, drives))
        return self._gathered([s for s, _ in seen]), self._gathered([d for _, d in seen])

    def _gathered(self, seen: list[Signals]) -> Signals:
        real = self.maths.array(self.sequence.is_real[:, :, None], self.dtype)
        stacked = {name: self.maths.stack([one[name] for one in seen]) for name in seen[0]}
        return {name: self._turned(array * real) for name, array in stacked.items()}

    def _turned(self, values: Tensor) -> Tensor:
        """Each row's real steps back to front for a backward layer; its own inverse."""
        if self.layer.direction == "forward":
            return values
        time = np.arange(self.sequence.n_steps)[:, None]
        last = np.asarray(self.sequence.lengths) - 1
        order = np.where(time <= last, last - time, time)
        return values[order, np.arange(self.sequence.n_rows)]


def _split(stacked: Tensor, gates: tuple[str, ...], n_units: int) -> dict[str, Tensor]:
    return {gate: stacked[..., i * n_units : (i + 1) * n_units] for i, gate in enumerate(gates)}


def initial_states(layer: Layer, n_rows: int) -> dict[str, Array]:
    """The states a layer starts from, (batch, unit), zeros where none is given.

    Raises ModelError when they are given for another number of rows.
    """
    states = {}
    for name in layer.kind.states:
        given = layer.initial.get(name, np.zeros(layer.n_units))
        if given.ndim > 2 or (given.ndim == 2 and len(given) not in (1, n_rows)):
            raise ModelError(
                "{layer}: the initial {state} is for {came} rows, but the sequence has {wanted}.",
                layer=layer.title,
                state=name,
                came=len(given),
                wanted=n_rows,
            )
        states[name] = np.broadcast_to(given, (n_rows, layer.n_units))
    return states


def _stream(
    model: Model, sequence: Sequence, readers: list[_Reader], maths_: Maths, values: Array
) -> Iterator[Step]:
    states: list[Mapping[str, Tensor]] = [reader.start() for reader in readers]
    for t in range(sequence.n_steps):
        x = maths_.array(values[t], model.dtype)
        for i, reader in enumerate(readers):
            states[i], _ = reader.step(reader.linear.inputs(x), states[i])
            x = states[i]["hidden"]
        yield Step(t, _tokens_at(sequence, t), tuple(states), _outputs(model, x, maths_))


def _replay(
    model: Model, sequence: Sequence, readers: list[_Reader], maths_: Maths, values: Array
) -> Iterator[Step]:
    x = maths_.array(values, model.dtype)
    seen: list[Signals] = []
    for level in model.levels:
        here = readers[len(seen) : len(seen) + len(level)]
        read = [reader.read(x)[0] for reader in here]
        x = maths_.join([signals["hidden"] for signals in read])
        seen += read
    for t in range(sequence.n_steps):
        layers = tuple({name: array[t] for name, array in signals.items()} for signals in seen)
        yield Step(t, _tokens_at(sequence, t), layers, _outputs(model, x[t], maths_))


def _tokens_at(sequence: Sequence, t: int) -> tuple[str, ...]:
    return tuple(row[t] if t < len(row) else "" for row in sequence.tokens)


def _outputs(model: Model, hidden: Tensor, maths_: Maths) -> Tensor:
    if model.readout is None:
        return hidden
    weights = maths_.array(np.ascontiguousarray(model.readout.weights.T), model.dtype)
    bias = maths_.array(model.readout.bias, model.dtype)
    return maths_.softmax(hidden @ weights + bias)


def _padded(array: Array, sequence: Sequence) -> Array:
    return np.where(sequence.is_real[:, :, None], array, array.dtype.type(np.nan))


def _layer_trace(
    layer: Layer, signals: Signals, drives: Signals, sequence: Sequence, maths_: Maths
) -> LayerTrace:
    arrays = {s.name: maths_.numpy(signals[s.name]) for s in layer.kind.signals}
    rows = np.arange(sequence.n_rows)
    last = np.asarray(sequence.lengths) - 1 if layer.direction == "forward" else 0
    return LayerTrace(
        layer.cell,
        layer.direction,
        layer.level,
        {name: _padded(array, sequence) for name, array in arrays.items()},
        initial_states(layer, sequence.n_rows),
        {name: arrays[name][last, rows] for name in layer.kind.states},
        {name: _padded(maths_.numpy(array), sequence) for name, array in drives.items()},
    )
