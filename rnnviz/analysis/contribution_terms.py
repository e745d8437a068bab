"""Summands of a gate's preactivation: products of a weight and what it is multiplied by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from math import fsum, prod
from typing import Literal

import numpy as np

from rnnviz.analysis.cursor import Cursor
from rnnviz.cells.lstm_layer_norm import moments
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Gate
from rnnviz.formatting import token_label
from rnnviz.network.layer import Layer


@dataclass(frozen=True)
class Normalisation:
    """One unit's part of a layer normalisation: `gain · (product − mean) + shift`.

    gain   γ / s: the unit's gain over the spread of all products.
    mean   μ of all products.
    shift  β, None where the layer has none.
    """

    gain: float
    mean: float
    shift: float | None


def normalisation(
    layer: Layer, gate: str, role: str, read: Array, unit: int
) -> Normalisation | None:
    """Layer normalisation of `gate.role` (`x` or `h`) times `read`; None in a cell without one.

    read  what the product is of, (feature,) or (hidden,). Ba et al. (2016), eq. 20.
    """
    if f"{gate}.g{role}" not in layer.weights:
        return None
    products = {g.name: layer.weights[f"{g.name}.{role}"] @ read for g in layer.cell.gates}
    mean, spread = moments(products)
    gain = float(layer.weights[f"{gate}.g{role}"][unit]) / float(spread[0])
    shift = layer.weights.get(f"{gate}.s{role}")
    return Normalisation(gain, float(mean[0]), None if shift is None else float(shift[unit]))


TermKind = Literal["symbol", "feature", "unit", "bias", "mean", "shift", "other", "other_units"]
_ARROWS = {"forward": "→", "backward": "←"}
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Term:
    """One summand of a preactivation.

    kind     "symbol" of a one-hot text, "feature" of another input, "unit" of this layer or of the
             level below, "bias", "mean" and "shift" of a layer normalisation, or several together:
             "other_units" of one state, "other" of any kind.
    symbol   what is read: "x", "h", "r⊙h" where a gate scales it, "c" through a peephole, "h¹→"
             for the hidden state of the first layer reading forward, "b", "b_x", "b_h".
    name     the feature, the unit's number, or how many others.
    factors  the weight, then what it is multiplied by, a layer normalisation's γ / s first; none
             of several together.
    value    their product, or the sum of several.
    """

    kind: TermKind
    symbol: str
    name: str
    factors: tuple[float, ...]
    value: float


def hidden_symbol(level: int, direction: str) -> str:
    """Symbol of a layer's hidden state in the level above it.

    >>> hidden_symbol(0, "forward")
    'h¹→'
    """
    # Levels count from 0, but people call the lowest layer the first.
    return f"h{str(level + 1).translate(_RAISED)}{_ARROWS[direction]}"


def recurrent_matrix(weights: Array) -> Array:
    """Recurrent weights as a matrix (unit, hidden), those of a one-to-one recurrence as well."""
    return np.diag(weights) if weights.ndim == 1 else weights


def bias_symbols(layer: Layer, gate: str) -> dict[str, str]:
    """The biases that a gate can have, by role: "b" alone, or "b_x" beside "b_h"."""
    roles = [role for role in ("b", "bh") if f"{gate}.{role}" in layer.cell.params_by_name]
    symbols = {"b": "b_x", "bh": "b_h"} if len(roles) > 1 else dict.fromkeys(roles, "b")
    return {role: symbols[role] for role in roles}


def terms_of(layer: Layer, gate: Gate, cursor: Cursor) -> Iterator[Term]:
    """Summands of a gate's preactivation: inputs, recurrent units, the peephole, biases."""
    if gate.reads_input:
        weights = layer.weights[f"{gate.name}.x"][cursor.unit]
        seen = normalisation(layer, gate.name, "x", _read(layer, cursor), cursor.unit)
        terms = _below(weights, cursor) if layer.level else _inputs(weights, cursor)
        yield from _normalised(terms, seen, "x")
    for added in gate.adds:
        symbol, value = layer.cell.signal(added).symbol, cursor.signal(added)[cursor.unit]
        yield _term("unit", symbol, str(cursor.unit), value)
    if gate.recurrence != "none":
        recalled = normalisation(layer, gate.name, "h", cursor.before("hidden"), cursor.unit)
        yield from _normalised(_recurrent(layer, gate, cursor), recalled, "h")
    yield from _peephole(layer, gate, cursor)
    yield from _biases(layer, gate, cursor)


def _normalised(terms: Iterator[Term], norm: Normalisation | None, role: str) -> Iterator[Term]:
    """The products scaled, then what the mean takes away and the shift adds."""
    if norm is None:
        yield from terms
        return
    for term in terms:
        weight, *rest = term.factors
        yield _term(term.kind, term.symbol, term.name, weight, norm.gain, *rest)
    yield _term("mean", f"μ_{role}", "", -norm.mean, norm.gain)
    if norm.shift is not None:
        yield _term("shift", f"β_{role}", "", norm.shift)


def _read(layer: Layer, cursor: Cursor) -> Array:
    """Input of the layer at this step, (feature,), as wide as its weights."""
    if layer.level:
        return np.array([value for _, _, value in _units_below(cursor)])
    values = cursor.trace.sequence.values[cursor.time, cursor.row]
    # The symbols of a vocabulary larger than the text are zero.
    return np.pad(values, (0, layer.n_inputs - len(values)))


def _inputs(weights: Array, cursor: Cursor) -> Iterator[Term]:
    sequence = cursor.trace.sequence
    values = sequence.values[cursor.time, cursor.row]
    is_one_hot = sequence.encoding == "one_hot"
    # The symbols of a vocabulary larger than the text are zero: not strict.
    for weight, value, name in zip(weights, values, sequence.features, strict=False):
        if value or not is_one_hot:
            yield _term(
                "symbol" if is_one_hot else "feature", "x", token_label(name), weight, value
            )


def _below(weights: Array, cursor: Cursor) -> Iterator[Term]:
    for weight, (symbol, name, value) in zip(weights, _units_below(cursor), strict=True):
        yield _term("unit", symbol, name, weight, value)


def _units_below(cursor: Cursor) -> Iterator[tuple[str, str, float]]:
    """Symbol, number and hidden state of every unit of the level below."""
    level = cursor.traced.level - 1
    for layer in cursor.trace.layers:
        if layer.level == level:
            symbol = hidden_symbol(level, layer.direction)
            for unit, value in enumerate(layer.signals["hidden"][cursor.time, cursor.row]):
                yield symbol, str(unit), value


def _recurrent(layer: Layer, gate: Gate, cursor: Cursor) -> Iterator[Term]:
    stored = layer.weights[f"{gate.name}.h"]
    seen = range(layer.n_hidden) if stored.ndim == 2 else [cursor.unit]
    weights, hidden = recurrent_matrix(stored)[cursor.unit], cursor.before("hidden")
    symbol = _scaled("h", layer, gate)
    for unit in seen:
        scale = _scale(gate, cursor, unit if gate.recurrence == "inside" else cursor.unit)
        yield _term("unit", symbol, str(unit), weights[unit], *scale, hidden[unit])


def _peephole(layer: Layer, gate: Gate, cursor: Cursor) -> Iterator[Term]:
    """The unit's state through one peephole weight."""
    if gate.peephole and f"{gate.name}.p" in layer.weights:
        state = gate.peephole.removeprefix("before:")
        seen = cursor.signal(state) if state == gate.peephole else cursor.before(state)
        weight = layer.weights[f"{gate.name}.p"][cursor.unit]
        symbol = layer.cell.signal(state).symbol
        yield _term("unit", symbol, str(cursor.unit), weight, seen[cursor.unit])


def _biases(layer: Layer, gate: Gate, cursor: Cursor) -> Iterator[Term]:
    for role, symbol in bias_symbols(layer, gate.name).items():
        if f"{gate.name}.{role}" in layer.weights:
            bias = layer.weights[f"{gate.name}.{role}"][cursor.unit]
            if role == "bh" and gate.recurrence == "outside":
                scale = _scale(gate, cursor, cursor.unit)
                yield _term("bias", _scaled(symbol, layer, gate), "", bias, *scale)
            else:
                yield _term("bias", symbol, "", bias)


def logarithm_shift(gate: Gate, cursor: Cursor) -> float | None:
    """The sum of what is added to the gate's logarithm."""
    if not gate.shift:
        return None
    return fsum(map(partial(_shifted, cursor), gate.shift))


def _shifted(cursor: Cursor, name: str) -> float:
    how, _, state = name.partition(":")
    if how == "before":
        return float(cursor.before(state)[cursor.unit])
    return -float(cursor.signal(state)[cursor.unit])


def _scale(gate: Gate, cursor: Cursor, unit: int) -> tuple[float, ...]:
    return (cursor.signal(gate.scaled_by)[unit],) if gate.scaled_by else ()


def _scaled(symbol: str, layer: Layer, gate: Gate) -> str:
    return f"{layer.cell.signal(gate.scaled_by).symbol}⊙{symbol}" if gate.scaled_by else symbol


def _term(kind: TermKind, symbol: str, name: str, *given: float) -> Term:
    factors = tuple(map(float, given))
    return Term(kind, symbol, name, factors, prod(factors))
