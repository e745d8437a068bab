"""The engine: a model reads a sequence, one timestep at a time.

The products with the input do not depend on the step before, so they are taken for all timesteps
at once; what is left for a step is the recurrent product and the cell's elementwise equation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Sequence as Rows
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from rnnviz.activations import activation
from rnnviz.cell import Activations, Signals, functions
from rnnviz.errors import ModelError
from rnnviz.fit import fit
from rnnviz.frozen import Array, sealed
from rnnviz.linear import Linear, Recurrence
from rnnviz.maths import Function, Maths, Tensor, maths
from rnnviz.model import Layer, Model
from rnnviz.roads.choose import Libraries, Road, choose, libraries
from rnnviz.roads.travel import by_name, travel
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
    model: Model,
    sequence: Sequence,
    *,
    backend: str = "numpy",
    device: str = "cpu",
    inputs: Tensor | None = None,
) -> Iterator[Step]:
    """Read one timestep at a time; each is computed when it is asked for.

    inputs  the sequence's values (time, batch, input) as a Torch tensor, read in their place; the
            steps' arrays then keep their gradient with respect to it.

    A backward layer reads from the end, so a model that has one reads everything before its first
    step is handed out. A row that has ended goes on with zeros as input and its values mean
    nothing: its token is "".

    Raises ModelError when the sequence does not fit the model.
    """
    maths_ = maths(backend, device)
    sequence = fit(model, sequence)
    values = inputs_of(model, _real(sequence.values, sequence)) if inputs is None else inputs
    readers = [_Reader(layer, maths_, model.dtype, sequence) for layer in model.layers]
    start = [reader.start() for reader in readers]
    if any(layer.direction == "backward" for layer in model.layers):
        return _replay(model, sequence, readers, maths_, values)
    return _stream(model, sequence, readers, start, maths_, values)


def run(
    model: Model,
    sequence: Sequence,
    *,
    backend: str = "numpy",
    device: str = "cpu",
    drives: bool = False,
) -> Trace:
    """The whole sequence through the whole model; drives are kept only when asked for.

    Raises ModelError when the sequence does not fit the model or the numbers grow beyond its type.
    """
    maths_ = maths(backend, device)
    sequence = fit(model, sequence)
    values = maths_.array(inputs_of(model, _real(sequence.values, sequence)), model.dtype)
    # Drives and gradients are the stepped road's; no other one keeps them.
    having = libraries() if backend == "numpy" and not drives else None
    layers: list[LayerTrace] = []
    for level in model.levels:
        readers = [_Reader(layer, maths_, model.dtype, sequence) for layer in level]
        # What grows beyond the type is found on the way and said in words.
        with np.errstate(over="ignore", invalid="ignore"):
            traced = [reader.trace(values, having, drives) for reader in readers]
        hidden = [trace.signals["hidden"] for trace in traced]
        values = maths_.array(_real(_joined(hidden), sequence), model.dtype)
        layers += traced
    outputs = _padded(maths_.numpy(_readout(model, maths_)(values)), sequence)
    names = output_names(model, sequence)
    made_by = model.readout.activation if model.readout is not None else ""
    return Trace(sequence, tuple(layers), outputs, model.source, names, model.is_trained, made_by)


def _joined(arrays: list[Array]) -> Array:
    """Side by side along the last axis; one alone as it is."""
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays, axis=-1)


def _real(array: Array, sequence: Sequence) -> Array:
    """Zero where a row has ended; as it came where none ends early."""
    if _is_even(sequence):
        return array
    return np.where(sequence.is_real[:, :, None], array, array.dtype.type(0))


def _is_even(sequence: Sequence) -> bool:
    return min(sequence.lengths) == sequence.n_steps


def inputs_of(model: Model, values: Array) -> Array:
    """The values as they came, when all are in the range of the model's type.

    Raises ModelError otherwise.
    """
    if max(values.max(), -values.min()) > np.finfo(model.dtype).max:
        raise ModelError(
            "The model computes in {dtype}, but the sequence holds numbers too large for it;"
            " scale them down.",
            dtype=model.dtype,
        )
    return values


def output_names(model: Model, sequence: Sequence) -> tuple[str, ...]:
    """The readout's names; a random one over a one-hot text predicts that text's symbols."""
    if model.readout is None:
        return ()
    n_outputs = len(model.readout.names)
    fits = sequence.encoding == "one_hot" and n_outputs == sequence.n_features
    drawn = model.vocabulary is None and not model.is_trained
    return sequence.features if fits and drawn else model.readout.names


@dataclass(frozen=True, eq=False)
class Part:
    """Where in a longer sequence a part of it stands.

    start    the number (from 0) of its first step.
    n_steps  of the whole, which decide the road, so that every part takes the whole's.
    before   the states that its reading goes on from, (batch, unit); empty for the layer's own.
    """

    start: int
    n_steps: int
    before: Mapping[str, Array] = field(default_factory=dict)


def read_part(
    layer: Layer,
    values: Array,
    part: Part,
    dtype: np.dtype[Any],
    *,
    backend: str = "numpy",
    device: str = "cpu",
) -> LayerTrace:
    """What one layer makes of a part (time, batch, input) of a longer sequence, in `dtype`.

    Raises ModelError when the numbers grow beyond the type, with the step's number in the whole.
    """
    maths_ = maths(backend, device)
    # Without tokens, whose numbers would have to be spelt out for every step.
    sequence = Sequence(values, (("",) * len(values),))
    reader = _Reader(layer, maths_, dtype, sequence, part)
    having = libraries() if backend == "numpy" else None
    with np.errstate(over="ignore", invalid="ignore"):
        return reader.trace(maths_.array(sequence.values, dtype), having, False)


def read_out(model: Model, hidden: Array, *, backend: str = "numpy", device: str = "cpu") -> Array:
    """The model's outputs (time, batch, output) of the top level's hidden states."""
    maths_ = maths(backend, device)
    return maths_.numpy(_readout(model, maths_)(maths_.array(hidden, model.dtype)))


@dataclass(frozen=True, eq=False)
class _Reader:
    """One layer at work on one sequence, in its own reading order."""

    layer: Layer
    maths: Maths
    dtype: np.dtype[Any]
    sequence: Sequence
    part: Part | None = None
    linear: Linear = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "linear", Linear(self.layer, self.maths, self.dtype))

    def start(self) -> dict[str, Tensor]:
        """The states before the first step, (batch, unit)."""
        given = self.part.before if self.part is not None else {}
        states = given or initial_states(self.layer, self.sequence.n_rows)
        return {name: self.maths.array(state, self.dtype) for name, state in states.items()}

    def step(self, x: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> tuple[Signals, Signals]:
        """One timestep: the cell's signals, and each gate's drive."""
        gate = Activations(self.functions, self.maths, self.layer.clip)
        recurrent = Recurrence(self.linear, state["hidden"])
        return self.layer.kind.step(x, recurrent, state, gate, self.maths), gate.drives

    @cached_property
    def functions(self) -> dict[str, Function]:
        return functions(self.layer.every_activation, self.maths)

    def read(self, values: Tensor, keep_drives: bool = False) -> tuple[Signals, Signals]:
        """All signals and drives (time, batch, unit), aligned with the tokens; zero at padding."""
        products = self.linear.inputs(self._turned(values))
        state: Mapping[str, Tensor] = self.start()
        seen: list[tuple[Signals, Signals]] = []
        for t in range(self.sequence.n_steps):
            signals, drives = self.step({gate: x[t] for gate, x in products.items()}, state)
            state = signals
            seen.append((signals, drives if keep_drives else {}))
        return self._gathered([s for s, _ in seen]), self._gathered([d for _, d in seen])

    def trace(self, values: Tensor, having: Libraries | None, keep_drives: bool) -> LayerTrace:
        """What the layer makes of the values, by the road that suits it best."""
        n_steps = self.sequence.n_steps if self.part is None else self.part.n_steps
        if having is not None:
            road = choose(self.layer, n_steps, self.sequence.n_rows, having)
            if road.name != "stepped":
                return _owned_trace(self, self.whole(values, road))
        return _layer_trace(self, *self.read(values, keep_drives))

    def whole(self, values: Array, road: Road) -> Array:
        """All signals in one array (signal, time, batch, unit), aligned with the tokens."""
        whole = travel(road, self.layer, self._turned(values), self.start(), self.dtype)
        if self.layer.direction == "backward" and not _is_even(self.sequence):
            for signal in whole:
                signal[:] = self._turned(signal)
            return whole
        return whole if self.layer.direction == "forward" else whole[:, ::-1]

    def _gathered(self, seen: list[Signals]) -> Signals:
        real = self.maths.array(self.sequence.is_real[:, :, None], self.dtype)
        stacked = {name: self.maths.stack([one[name] for one in seen]) for name in seen[0]}
        return {name: self._turned(array * real) for name, array in stacked.items()}

    def _turned(self, values: Tensor) -> Tensor:
        """Each row's real steps back to front for a backward layer; its own inverse."""
        if self.layer.direction == "forward":
            return values
        if _is_even(self.sequence) and isinstance(values, np.ndarray):
            return values[::-1]
        time = np.arange(self.sequence.n_steps)[:, None]
        last = np.asarray(self.sequence.lengths) - 1
        order = np.where(time <= last, last - time, time)
        return values[order, np.arange(self.sequence.n_rows)]


def initial_states(layer: Layer, n_rows: int) -> dict[str, Array]:
    """The states a layer starts from, (batch, unit), zeros where none is given.

    Raises ModelError when they are given for another number of rows.
    """
    states = {}
    for name in layer.kind.states:
        width = layer.width(name)
        given = layer.initial.get(name, np.zeros(width))
        if given.ndim > 2 or (given.ndim == 2 and len(given) not in (1, n_rows)):
            raise ModelError(
                "{layer}: the initial {state} is for {came} rows, but the sequence has {wanted}.",
                layer=layer.title,
                state=name,
                came=len(given),
                wanted=n_rows,
            )
        states[name] = np.broadcast_to(given, (n_rows, width))
    return states


def _stream(
    model: Model,
    sequence: Sequence,
    readers: list[_Reader],
    start: Rows[Mapping[str, Tensor]],
    maths_: Maths,
    values: Tensor,
) -> Iterator[Step]:
    states = list(start)
    readout = _readout(model, maths_)
    for t in range(sequence.n_steps):
        x = maths_.array(values[t], model.dtype)
        for i, reader in enumerate(readers):
            states[i], _ = reader.step(reader.linear.inputs(x), states[i])
            x = states[i]["hidden"]
        yield Step(t, _tokens_at(sequence, t), tuple(states), readout(x))


def _replay(
    model: Model, sequence: Sequence, readers: list[_Reader], maths_: Maths, values: Tensor
) -> Iterator[Step]:
    readout = _readout(model, maths_)
    x = maths_.array(values, model.dtype)
    seen: list[Signals] = []
    for level in model.levels:
        here = readers[len(seen) : len(seen) + len(level)]
        read = [reader.read(x)[0] for reader in here]
        x = maths_.join([signals["hidden"] for signals in read])
        seen += read
    for t in range(sequence.n_steps):
        layers = tuple({name: array[t] for name, array in signals.items()} for signals in seen)
        yield Step(t, _tokens_at(sequence, t), layers, readout(x[t]))


def _tokens_at(sequence: Sequence, t: int) -> tuple[str, ...]:
    return tuple(row[t] if t < len(row) else "" for row in sequence.tokens)


def _readout(model: Model, maths_: Maths) -> Function:
    """From the top level's hidden states to the model's outputs."""
    if model.readout is None:
        return lambda hidden: hidden
    weights = maths_.array(np.ascontiguousarray(model.readout.weights.T), model.dtype)
    bias = maths_.array(model.readout.bias, model.dtype)
    chosen = model.readout.activation
    function = maths_.softmax if chosen == "softmax" else activation(chosen, maths_)
    return lambda hidden: function(hidden @ weights + bias)


def _padded(array: Array, sequence: Sequence) -> Array:
    if _is_even(sequence):
        return array
    return np.where(sequence.is_real[:, :, None], array, array.dtype.type(np.nan))


def _check_grown(reader: _Reader, arrays: Mapping[str, Array]) -> None:
    """A relu network can grow without bound; infinity and NaN are no numbers to look at."""
    layer, is_real = reader.layer, reader.sequence.is_real
    start = reader.part.start if reader.part is not None else 0
    grown = [~np.isfinite(array).all(axis=2) & is_real for array in arrays.values()]
    times = np.nonzero(np.any(grown, axis=(0, 2)))[0]
    if len(times):
        raise ModelError(
            "The numbers of {layer} grew beyond {dtype} at step {step};"
            " use smaller weights or another activation.",
            layer=layer.title,
            dtype=arrays["hidden"].dtype,
            step=start + int(times[0] if layer.direction == "forward" else times[-1]) + 1,
        )


def _layer_trace(reader: _Reader, signals: Signals, drives: Signals) -> LayerTrace:
    layer, sequence, numpy = reader.layer, reader.sequence, reader.maths.numpy
    arrays = {s.name: numpy(signals[s.name]) for s in layer.kind.signals}
    _check_grown(reader, arrays)
    return LayerTrace(
        layer.cell,
        layer.direction,
        layer.level,
        {name: _padded(array, sequence) for name, array in arrays.items()},
        {name: numpy(state) for name, state in reader.start().items()},
        _final(layer, arrays, sequence),
        {name: _padded(numpy(array), sequence) for name, array in drives.items()},
    )


def _owned_trace(reader: _Reader, whole: Array) -> LayerTrace:
    """The same of an array that nobody else holds: padded in place and handed out uncopied."""
    layer, sequence = reader.layer, reader.sequence
    arrays = by_name(layer, whole)
    # What has gone wrong in a gate is in the states after it, and a sum shows it at once.
    if not all(np.isfinite(arrays[name].sum()) for name in layer.kind.states):
        _check_grown(reader, arrays)
    final = _final(layer, arrays, sequence)
    if not _is_even(sequence):
        whole[:, ~sequence.is_real] = np.nan
    signals = by_name(layer, sealed(whole))
    return LayerTrace(layer.cell, layer.direction, layer.level, signals, reader.start(), final)


def _final(layer: Layer, arrays: Mapping[str, Array], sequence: Sequence) -> dict[str, Array]:
    """Each state after a row's last real step, (batch, unit)."""
    rows = np.arange(sequence.n_rows)
    last = np.asarray(sequence.lengths) - 1 if layer.direction == "forward" else 0
    return {name: arrays[name][last, rows] for name in layer.kind.states}
