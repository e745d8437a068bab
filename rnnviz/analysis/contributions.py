"""Contributions to one gate's preactivation: every summand by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from math import fsum, prod
from typing import Literal

import numpy as np

from rnnviz.analysis.cursor import Cursor, is_clamped
from rnnviz.cells.lstm_layer_norm import moments
from rnnviz.core.activations import LOGARITHMS, activation
from rnnviz.core.arrays import Array
from rnnviz.core.backend import get_backend
from rnnviz.core.cell import Gate, Signal
from rnnviz.core.checks import check_choice
from rnnviz.engine.trace import Trace
from rnnviz.errors import ModelError
from rnnviz.formatting import format_number, token_label
from rnnviz.interventions.weights import apply_weight_changes
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model


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


TermKind = Literal["symbol", "feature", "unit", "bias", "mean", "shift", "other"]
_ARROWS = {"forward": "→", "backward": "←"}
_SIGNS = {"sigmoid": "σ"}
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Term:
    """One summand of a preactivation.

    kind     "symbol" of a one-hot text, "feature" of another input, "unit" of this layer or of the
             level below, "bias", "mean" and "shift" of a layer normalisation, or "other": several
             together.
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


@dataclass(frozen=True)
class Contributions:
    """One gate of one unit at one step: `value = activation(preactivation)`, the sum of terms.

    signal      the gate.
    time        the step's number (from 0) in the whole sequence.
    token       a visible label of what was read.
    activation  its name in `rnnviz.core.activations`.
    terms       inputs, then recurrent units, the peephole, biases.
    value       the gate's number, as traced.
    clip        the preactivation is clipped to ± this before the activation, None for not at all.
    shift       what is added to the activation's logarithm, None where none is taken (sLSTM).
    is_clamped  whether an intervention gave the gate its value, in place of the sum.
    """

    signal: Signal
    layer: int
    time: int
    unit: int
    token: str
    activation: str
    terms: tuple[Term, ...] = field(repr=False)
    value: float
    is_trained: bool
    clip: float | None = None
    shift: float | None = None
    is_clamped: bool = False

    @property
    def preactivation(self) -> float:
        """Sum of the terms, before the activation."""
        return fsum(term.value for term in self.terms)

    @property
    def clipped(self) -> float:
        """Argument of the activation: the preactivation, clipped."""
        total = self.preactivation
        return total if self.clip is None else max(-self.clip, min(self.clip, total))

    @property
    def computed(self) -> float:
        """Gate value from the preactivation: equals `value` unless an intervention set that."""
        argument = np.float64(self.clipped)
        if self.shift is None:
            return float(activation(self.activation, get_backend())(argument))
        # A logarithm, because exp(shift) alone can be beyond every number.
        logarithm = activation(LOGARITHMS[self.activation], get_backend())(argument)
        # Above 0 only while nothing is there to be kept.
        return float(np.exp(min(logarithm + self.shift, 0)))

    @property
    def text(self) -> str:
        """The last line of the arithmetic: `σ(−0.19) = 0.453`, clipped `σ(−7.10 → −3) = 0.0474`.

        Of a clamped gate: `σ(−0.19) = 0.453 → 1`.
        """
        sign = _SIGNS.get(self.activation, self.activation)
        shown = format_number(self.preactivation)
        if self.clipped != self.preactivation:
            shown += f" → {format_number(self.clipped)}"
        made = f"{sign}({shown})"
        if self.shift is not None:
            made += f"·exp({format_number(self.shift)})"
        if self.is_clamped:
            made += f" = {format_number(self.computed)} →"
            return f"{made} {format_number(self.value)}"
        return f"{made} = {format_number(self.value)}"

    def largest(self, n: int) -> tuple[Term, ...]:
        """The n terms of the largest size, largest first, and the sum of the others.

        A single other term is itself.
        """
        ordered = sorted(self.terms, key=lambda term: -abs(term.value))
        others = ordered[n:]
        if len(others) < 2:
            return tuple(ordered)
        rest = fsum(term.value for term in others)
        return (*ordered[:n], Term("other", "", str(len(others)), (), rest))


def contributions(
    model: Model, trace: Trace, *, layer: int, gate: str, time: int, unit: int, row: int = 0
) -> Contributions:
    """Summands of one gate's preactivation, for one unit at one step of one batch row.

    layer  counted as in `trace.layers`; `time`, `unit` and `row` from 0.

    The weights are those that the trace's interventions left. Of a one-hot text only the inputs
    that are not zero are terms, and a bias that the model does not have is none. Raises InputError
    for an index or gate that is not in the trace, ModelError when the trace is another model's.

    >>> import rnnviz as rv
    >>> model = rv.random_model("lstm", n_inputs=1, n_units=3)
    >>> trace = rv.trace(model, [[0.5]])
    >>> view = contributions(model, trace, layer=0, gate="forget", time=0, unit=2)
    >>> [term.symbol + term.name for term in view.terms]
    ['xx0', 'h0', 'h1', 'h2', 'b_x', 'b_h']
    """
    cursor = Cursor(trace, layer, time, unit, row)
    model = apply_weight_changes(model, trace.interventions)
    _check_layers(model, trace)
    _check_inputs(model, trace)
    model_layer = model.layers[layer]
    gates = {gate.name: gate for gate in model_layer.cell.gates}
    check_choice("gate", gate, tuple(gates))
    view = Contributions(
        signal=model_layer.cell.signal(gate),
        layer=layer,
        time=trace.start + time,
        unit=unit,
        token=token_label(cursor.token),
        activation=model_layer.activation(gate),
        terms=tuple(_terms(model_layer, gates[gate], cursor)),
        value=float(cursor.signal(gate)[unit]),
        is_trained=trace.is_trained,
        clip=model_layer.clip,
        shift=_shift(gates[gate], cursor),
        is_clamped=is_clamped(cursor, gate),
    )
    _check_value(view)
    return view


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


def _terms(layer: Layer, gate: Gate, cursor: Cursor) -> Iterator[Term]:
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


def _shift(gate: Gate, cursor: Cursor) -> float | None:
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


def _check_layers(model: Model, trace: Trace) -> None:
    wanted = [f"{layer.title} ({layer.n_units})" for layer in model.layers]
    came = [
        f"{layer.cell_name} layer {layer.level} {layer.direction} ({layer.n_units})"
        for layer in trace.layers
    ]
    if wanted != came:
        raise ModelError(
            "The model has the layers {wanted}, but the trace was made by {came}; trace the"
            " sequence with this model.",
            wanted=", ".join(wanted),
            came=", ".join(came),
        )


def _check_inputs(model: Model, trace: Trace) -> None:
    spare = model.n_inputs - trace.sequence.n_features
    if spare and (spare < 0 or trace.sequence.encoding != "one_hot"):
        raise ModelError(
            "The model reads {wanted} numbers a step, but the trace's sequence has {came}; trace"
            " the sequence with this model.",
            wanted=model.n_inputs,
            came=trace.sequence.n_features,
        )


def _check_value(view: Contributions) -> None:
    if view.is_clamped:
        return
    computed = view.computed
    size = 1 + fsum(abs(term.value) for term in view.terms)
    # Far above any rounding, reduced-precision products of a GPU included.
    if abs(computed - view.value) > 0.005 * size * max(1, abs(view.value)):
        raise ModelError(
            "The model's weights make {gate} {computed:.3g} where the trace has {value:.3g};"
            " trace the sequence with this model.",
            gate=view.signal.name,
            computed=computed,
            value=view.value,
        )
