"""A gate as what it is: a Dense layer on `[x_t, h_{t-1}]`."""

from __future__ import annotations

from collections.abc import Sequence as Rows
from dataclasses import dataclass

import numpy as np

from rnnviz.analysis.contribution_terms import bias_symbols, hidden_symbol, recurrent_matrix
from rnnviz.core.arrays import Array, read_only
from rnnviz.core.cell import Signal
from rnnviz.core.checks import check_choice
from rnnviz.errors import InputError
from rnnviz.formatting import token_label
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model


@dataclass(frozen=True, eq=False)
class GateWeights:
    """The weights of one gate: a row a unit that is computed, a column a number that is read.

    signal        the gate.
    inputs        W_x (unit, input); no columns where the gate has none.
    recurrent     W_h (unit, hidden), diagonal where the recurrence is one-to-one; no columns where
                  the gate sees the input alone.
    biases        (unit, bias), zeros where the model has none.
    input_names   a label for every column of `inputs`.
    hidden_names  a label for every column of `recurrent`: a unit, or a number of the projection.
    units         a label for every row.
    bias_symbols  for every column of `biases`: "b", or "b_x" and "b_h".
    letters       of the matrices and the bias, as in the cell's equation: "U", "W", "b" of the
                  simple network, else "W_xf", "W_hf", "b_f" of a gate f.
    is_trained    False when the weights are random.
    """

    signal: Signal
    inputs: Array
    recurrent: Array
    biases: Array
    input_names: tuple[str, ...]
    hidden_names: tuple[str, ...]
    units: tuple[str, ...]
    bias_symbols: tuple[str, ...]
    letters: tuple[str, str, str]
    is_trained: bool


def gate_weights(model: Model, layer: int, gate: str, *, features: Rows[str] = ()) -> GateWeights:
    """One gate's matrices and biases, of the layer counted as in `model.layers`.

    features  names of the model's inputs, as in `Sequence.features`; by default its vocabulary.

    Raises InputError for a layer or gate that the model does not have.

    >>> import rnnviz as rv
    >>> view = gate_weights(rv.random_model("gru", n_inputs=3, n_units=5), 0, "reset")
    >>> view.inputs.shape, view.recurrent.shape, view.biases.shape, view.input_names
    ((5, 3), (5, 5), (5, 1), ('x0', 'x1', 'x2'))
    """
    model_layer = _layer(model, layer)
    check_choice("gate", gate, tuple(g.name for g in model_layer.cell.gates))
    symbols = bias_symbols(model_layer, gate)
    zeros = np.zeros(model_layer.n_units, model.dtype)
    none = np.zeros((model_layer.n_units, 0), model.dtype)
    inputs = model_layer.weights.get(f"{gate}.x", read_only(none))
    recurrent = model_layer.weights.get(f"{gate}.h", none)
    names = _below(model, model_layer) if model_layer.level else _features(model, features)
    biases = [model_layer.weights.get(f"{gate}.{role}", zeros) for role in symbols]
    return GateWeights(
        signal=model_layer.cell.signal(gate),
        inputs=inputs,
        recurrent=read_only(recurrent_matrix(recurrent)),
        biases=read_only(np.reshape(biases, (-1, model_layer.n_units)).T),
        input_names=names[: inputs.shape[1]],
        hidden_names=tuple(map(str, range(recurrent_matrix(recurrent).shape[1]))),
        units=tuple(map(str, range(model_layer.n_units))),
        bias_symbols=tuple(symbols.values()),
        letters=_letters(model_layer, gate),
        is_trained=model.is_trained,
    )


def _letters(layer: Layer, gate: str) -> tuple[str, str, str]:
    own = layer.cell.signal(gate).symbol
    is_simple = any("U x_t + W h_{t-1} + b" in line for line in layer.cell.equations)
    return ("U", "W", "b") if is_simple else (f"W_x{own}", f"W_h{own}", f"b_{own}")


def _layer(model: Model, index: int) -> Layer:
    if not 0 <= index < len(model.layers):
        raise InputError(
            "The model has {size} layers (counted from 0), but number {index} was asked for.",
            size=len(model.layers),
            index=index,
        )
    return model.layers[index]


def _below(model: Model, above: Layer) -> tuple[str, ...]:
    return tuple(
        f"{hidden_symbol(layer.level, layer.direction)} {unit}"
        for layer in model.levels[above.level - 1]
        for unit in range(layer.n_hidden)
    )


def _features(model: Model, given: Rows[str]) -> tuple[str, ...]:
    known = tuple(map(token_label, given or model.vocabulary or ()))[: model.n_inputs]
    return known + tuple(f"x{i}" for i in range(len(known), model.n_inputs))
