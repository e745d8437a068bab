"""The engine: a model reads a sequence, one timestep at a time.

The products with the input do not depend on the step before, so they are taken for all timesteps
at once; what is left for a step is the recurrent product and the cell's elementwise equation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Sequence as Rows
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.core.activations import activation
from rnnviz.core.arrays import Array, make_read_only
from rnnviz.core.backend import Backend, Function, Tensor, get_backend
from rnnviz.core.cell import Signals
from rnnviz.core.sequence import Sequence, has_equal_lengths, nan_padding, zero_padding
from rnnviz.engine.kernels.select import Libraries, Road, by_name, choose, libraries, travel
from rnnviz.engine.layer_runner import LayerRunner, Part
from rnnviz.engine.model_inputs import encode_for_model
from rnnviz.engine.trace import LayerTrace, Trace
from rnnviz.errors import ModelError
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model


def trace_layer(
    reader: LayerRunner, values: Tensor, having: Libraries | None, keep_drives: bool = False
) -> LayerTrace:
    """What the layer makes of the values (time, batch, input), by the road that suits it best.

    having  what there is to compute with; None for the stepped road.

    Raises ModelError when the numbers grow beyond the type.
    """
    part, sequence = reader.part, reader.sequence
    n_steps = sequence.n_steps if part is None else part.n_steps
    if having is not None:
        road = choose(reader.layer, n_steps, sequence.n_rows, having)
        if part is not None and road.name == "compiled":
            # Threads of the one product wait, spinning, on the core that writes to disk.
            road = replace(road, one_thread=True)
        if road.name != "stepped":
            return _on(reader, road, values)
    return _layer_trace(reader, *reader.read(values, keep_drives))


def _on(reader: LayerRunner, road: Road, values: Array) -> LayerTrace:
    """What one of the fast roads makes of the values; from the first touch on, step by step."""
    layer, turned = reader.layer, reader.turned(values)
    whole = travel(road, layer, turned, reader.start(), reader.dtype)
    if reader.acting is None:
        return _owned_trace(reader, _aligned(reader, whole))
    return _layer_trace(reader, *reader.read(values, known=by_name(layer, whole)))


def _aligned(reader: LayerRunner, whole: Array) -> Array:
    """All signals (signal, time, batch, unit) from reading order to that of the tokens."""
    if reader.layer.direction == "backward" and not has_equal_lengths(reader.sequence):
        for signal in whole:
            signal[:] = reader.turned(signal)
        return whole
    return whole if reader.layer.direction == "forward" else whole[:, ::-1]


def _layer_trace(
    reader: LayerRunner, signals: Signals, drives: Signals, started: Signals
) -> LayerTrace:
    layer, sequence, numpy = reader.layer, reader.sequence, reader.backend.numpy
    arrays = {s.name: numpy(signals[s.name]) for s in layer.cell.signals}
    if reader.acting is not None:
        _check_defined(layer, arrays, sequence.is_real)
    _check_grown(reader, arrays)
    return LayerTrace(
        layer.cell_name,
        layer.direction,
        layer.level,
        {name: nan_padding(array, sequence) for name, array in arrays.items()},
        {name: numpy(state) for name, state in reader.start().items()},
        _final(layer, arrays, sequence),
        {name: nan_padding(numpy(array), sequence) for name, array in drives.items()},
        {name: nan_padding(numpy(array), sequence) for name, array in started.items()},
    )


def _owned_trace(reader: LayerRunner, whole: Array) -> LayerTrace:
    """The same of an array that nobody else holds: padded in place and handed out uncopied."""
    layer, sequence = reader.layer, reader.sequence
    arrays = by_name(layer, whole)
    # What has gone wrong in a gate is in the states after it, and a sum shows it at once.
    if not all(np.isfinite(arrays[name].sum()) for name in layer.cell.states):
        _check_grown(reader, arrays)
    final = _final(layer, arrays, sequence)
    if not has_equal_lengths(sequence):
        whole[:, ~sequence.is_real] = np.nan
    signals = by_name(layer, make_read_only(whole))
    return LayerTrace(layer.cell_name, layer.direction, layer.level, signals, reader.start(), final)


def _final(layer: Layer, arrays: Mapping[str, Array], sequence: Sequence) -> dict[str, Array]:
    """Each state after a row's last real step, (batch, unit)."""
    rows = np.arange(sequence.n_rows)
    last = np.asarray(sequence.lengths) - 1 if layer.direction == "forward" else 0
    return {name: arrays[name][last, rows] for name in layer.cell.states}


def _check_defined(layer: Layer, arrays: Mapping[str, Array], is_real: Array) -> None:
    """Gates that are held can divide nothing by nothing (sLSTM, minimal LSTM)."""
    undefined = [np.isnan(array).any(axis=2) & is_real for array in arrays.values()]
    times = np.nonzero(np.any(undefined, axis=(0, 2)))[0]
    if len(times):
        raise ModelError(
            "The interventions leave {layer} without a number at step {step}: there it divides"
            " nothing by nothing; hold one of its gates above 0.",
            layer=layer.title,
            step=int(times[0] if layer.direction == "forward" else times[-1]) + 1,
        )


def _check_grown(reader: LayerRunner, arrays: Mapping[str, Array]) -> None:
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


if TYPE_CHECKING:
    from rnnviz.interventions.types import Intervention


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
    intervene: Iterable[Intervention] = (),
) -> Iterator[Step]:
    """Read one timestep at a time; each is computed when it is asked for.

    inputs     the sequence's values (time, batch, input) as a Torch tensor, read in their place;
               the steps' arrays then keep their gradient with respect to it.
    intervene  what is done to the network on the way (`rnnviz.interventions.types`).

    A backward layer reads from the end, so a model that has one reads everything before its first
    step is handed out. A row that has ended goes on with zeros as input and its values mean
    nothing: its token is "".

    Raises ModelError when the sequence does not fit the model.
    """
    backend_ = get_backend(backend, device)
    sequence = encode_for_model(model, sequence)
    values = inputs_of(model, zero_padding(sequence.values, sequence)) if inputs is None else inputs
    model, interventions = _intervened(model, sequence, intervene)
    readers = _readers(model, backend_, sequence, interventions)
    start = [reader.start() for reader in readers]
    if any(layer.direction == "backward" for layer in model.layers):
        return _replay(model, sequence, readers, backend_, values)
    return _stream(model, sequence, readers, start, backend_, values)


def run(
    model: Model,
    sequence: Sequence,
    *,
    backend: str = "numpy",
    device: str = "cpu",
    drives: bool = False,
    intervene: Iterable[Intervention] = (),
) -> Trace:
    """The whole sequence through the whole model; drives are kept only when asked for.

    intervene  what is done to the network on the way (`rnnviz.interventions.types`). Every step
               before the first that it touches has the same bits as without.

    Raises ModelError when the sequence does not fit the model or the numbers grow beyond its type,
    and InputError for an intervention on what is not there.
    """
    backend_ = get_backend(backend, device)
    sequence = encode_for_model(model, sequence)
    values = backend_.array(inputs_of(model, zero_padding(sequence.values, sequence)), model.dtype)
    # Drives and gradients are the stepped road's; no other one keeps them.
    having = libraries() if backend == "numpy" and not drives else None
    model, interventions = _intervened(model, sequence, intervene)
    every = _readers(model, backend_, sequence, interventions)
    layers: list[LayerTrace] = []
    for level in model.levels:
        readers = every[len(layers) : len(layers) + len(level)]
        # What grows beyond the type is found on the way and said in words.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            traced = [trace_layer(reader, values, having, drives) for reader in readers]
        hidden = [trace.signals["hidden"] for trace in traced]
        values = backend_.array(zero_padding(_joined(hidden), sequence), model.dtype)
        layers += traced
    outputs = nan_padding(backend_.numpy(_readout(model, backend_)(values)), sequence)
    names = output_names(model, sequence)
    made_by = model.readout.activation if model.readout is not None else ""
    about = (model.source, names, model.is_trained, made_by)
    return Trace(sequence, tuple(layers), outputs, *about, interventions=interventions)


def _intervened(
    model: Model, sequence: Sequence, intervene: Iterable[Intervention]
) -> tuple[Model, tuple[Intervention, ...]]:
    """The model with its weights changed, and the interventions once they are known to fit."""
    given = tuple(intervene)
    if not given:
        return model, ()
    from rnnviz.interventions.validate import fitted
    from rnnviz.interventions.weights import reweighted

    return reweighted(model, fitted(model, given, sequence.n_steps, sequence.n_rows)), given


def _readers(
    model: Model, backend_: Backend, sequence: Sequence, interventions: tuple[Intervention, ...]
) -> list[LayerRunner]:
    return [
        LayerRunner(layer, backend_, model.dtype, sequence, None, i, interventions)
        for i, layer in enumerate(model.layers)
    ]


def _joined(arrays: list[Array]) -> Array:
    """Side by side along the last axis; one alone as it is."""
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays, axis=-1)


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
    backend_ = get_backend(backend, device)
    # Without tokens, whose numbers would have to be spelt out for every step.
    sequence = Sequence(values, (("",) * len(values),))
    reader = LayerRunner(layer, backend_, dtype, sequence, part)
    having = libraries() if backend == "numpy" else None
    with np.errstate(over="ignore", invalid="ignore"):
        return trace_layer(reader, backend_.array(sequence.values, dtype), having)


def read_out(model: Model, hidden: Array, *, backend: str = "numpy", device: str = "cpu") -> Array:
    """The model's outputs (time, batch, output) of the top level's hidden states."""
    backend_ = get_backend(backend, device)
    return backend_.numpy(_readout(model, backend_)(backend_.array(hidden, model.dtype)))


def _stream(
    model: Model,
    sequence: Sequence,
    readers: list[LayerRunner],
    start: Rows[Mapping[str, Tensor]],
    backend_: Backend,
    values: Tensor,
) -> Iterator[Step]:
    states = list(start)
    readout = _readout(model, backend_)
    for t in range(sequence.n_steps):
        x = backend_.array(values[t], model.dtype)
        for i, reader in enumerate(readers):
            states[i], _ = reader.step(t, reader.linear.inputs(x), reader.before(t, states[i]))
            x = states[i]["hidden"]
        yield Step(t, _tokens_at(sequence, t), tuple(states), readout(x))


def _replay(
    model: Model, sequence: Sequence, readers: list[LayerRunner], backend_: Backend, values: Tensor
) -> Iterator[Step]:
    readout = _readout(model, backend_)
    x = backend_.array(values, model.dtype)
    seen: list[Signals] = []
    for level in model.levels:
        here = readers[len(seen) : len(seen) + len(level)]
        read = [reader.read(x)[0] for reader in here]
        x = backend_.join([signals["hidden"] for signals in read])
        seen += read
    for t in range(sequence.n_steps):
        layers = tuple({name: array[t] for name, array in signals.items()} for signals in seen)
        yield Step(t, _tokens_at(sequence, t), layers, readout(x[t]))


def _tokens_at(sequence: Sequence, t: int) -> tuple[str, ...]:
    return tuple(row[t] if t < len(row) else "" for row in sequence.tokens)


def _readout(model: Model, backend_: Backend) -> Function:
    """From the top level's hidden states to the model's outputs."""
    if model.readout is None:
        return lambda hidden: hidden
    weights = backend_.array(np.ascontiguousarray(model.readout.weights.T), model.dtype)
    bias = backend_.array(model.readout.bias, model.dtype)
    chosen = model.readout.activation
    function = backend_.softmax if chosen == "softmax" else activation(chosen, backend_)
    return lambda hidden: function(hidden @ weights + bias)
