"""How one gate's number was made: every summand of its drive, by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import fsum, prod
from typing import Literal

import numpy as np

from rnnviz.activations import activation
from rnnviz.cell import Gate, Signal
from rnnviz.errors import ModelError
from rnnviz.frozen import Array
from rnnviz.maths import maths
from rnnviz.model import Layer, Model
from rnnviz.text.options import check_choice
from rnnviz.trace import Trace
from rnnviz.views.digits import digits
from rnnviz.views.place import Place
from rnnviz.views.tokens import visible

Kind = Literal["symbol", "feature", "unit", "bias", "other"]
_ARROWS = {"forward": "→", "backward": "←"}
_SIGNS = {"sigmoid": "σ"}
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Term:
    """One summand of a drive.

    kind     "symbol" of a one-hot text, "feature" of another input, "unit" of this layer or of the
             level below, "bias", or "other": several together.
    symbol   what is read: "x", "h", "r⊙h" where a gate scales it, "h¹→" for the hidden state of
             the first layer reading forward, "b", "b_x", "b_h".
    name     the feature, the unit's number, or how many others.
    factors  the weight, then what it is multiplied by; none of several together.
    value    their product, or the sum of several.
    """

    kind: Kind
    symbol: str
    name: str
    factors: tuple[float, ...]
    value: float


@dataclass(frozen=True)
class Contributions:
    """One gate of one unit at one step: `value = activation(drive)`, drive = the sum of terms.

    signal      the gate.
    token       a visible label of what was read.
    activation  "sigmoid", "tanh" or "relu".
    terms       inputs, then recurrent units, then biases.
    value       the gate's number, as traced.
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

    @property
    def drive(self) -> float:
        """The sum before the activation."""
        return fsum(term.value for term in self.terms)

    @property
    def text(self) -> str:
        """The last line of the arithmetic: `σ(−0.19) = 0.453`."""
        sign = _SIGNS.get(self.activation, self.activation)
        return f"{sign}({digits(self.drive)}) = {digits(self.value)}"

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
    """Every summand of one gate's drive, for one unit at one step of one batch row.

    layer  counted as in `trace.layers`; `time`, `unit` and `row` from 0.

    Of a one-hot text only the inputs that are not zero are terms, and a bias that the model does
    not have is none. Raises InputError for a place or gate that is not in the trace, ModelError
    when the trace is another model's.

    >>> import rnnviz as rv
    >>> model = rv.random_model("lstm", n_inputs=1, n_units=3)
    >>> trace = rv.trace(model, [[0.5]])
    >>> view = contributions(model, trace, layer=0, gate="forget", time=0, unit=2)
    >>> [term.symbol + term.name for term in view.terms]
    ['xx0', 'h0', 'h1', 'h2', 'b_x', 'b_h']
    """
    place = Place(trace, layer, time, unit, row)
    _check_layers(model, trace)
    _check_inputs(model, trace)
    own = model.layers[layer]
    gates = {gate.name: gate for gate in own.kind.gates}
    check_choice("gate", gate, tuple(gates))
    view = Contributions(
        signal=own.kind.signal(gate),
        layer=layer,
        time=time,
        unit=unit,
        token=visible(place.token),
        activation=own.activation(gate),
        terms=tuple(_terms(own, gates[gate], place)),
        value=float(place.signal(gate)[unit]),
        is_trained=trace.is_trained,
    )
    _check_value(view)
    return view


def hidden_of(level: int, direction: str) -> str:
    """What the hidden state of a layer is called by the level above it.

    >>> hidden_of(0, "forward")
    'h¹→'
    """
    # Levels count from 0, but people call the lowest layer the first.
    return f"h{str(level + 1).translate(_RAISED)}{_ARROWS[direction]}"


def square(weights: Array) -> Array:
    """Recurrent weights as a matrix (unit, unit), those of a one-to-one recurrence as well."""
    return np.diag(weights) if weights.ndim == 1 else weights


def bias_symbols(layer: Layer) -> dict[str, str]:
    """The biases that a layer's cell has, by role: "b" alone, or "b_x" beside "b_h"."""
    roles = layer.kind.biases
    symbols = {"b": "b_x", "bh": "b_h"} if len(roles) > 1 else {"b": "b"}
    return {role: symbols[role] for role in roles}


def _terms(own: Layer, gate: Gate, place: Place) -> Iterator[Term]:
    weights = own.weights[f"{gate.name}.x"][place.unit]
    yield from _below(weights, place) if own.level else _inputs(weights, place)
    yield from _recurrent(own, gate, place)
    yield from _biases(own, gate, place)


def _inputs(weights: Array, place: Place) -> Iterator[Term]:
    sequence = place.trace.sequence
    values = sequence.values[place.time, place.row]
    is_one_hot = sequence.encoding == "one_hot"
    # The symbols of a vocabulary larger than the text are zero: not strict.
    for weight, value, name in zip(weights, values, sequence.features, strict=False):
        if value or not is_one_hot:
            yield _term("symbol" if is_one_hot else "feature", "x", visible(name), weight, value)


def _below(weights: Array, place: Place) -> Iterator[Term]:
    level = place.traced.level - 1
    read = [
        (hidden_of(level, layer.direction), str(unit), value)
        for layer in place.trace.layers
        if layer.level == level
        for unit, value in enumerate(layer.signals["hidden"][place.time, place.row])
    ]
    for weight, (symbol, name, value) in zip(weights, read, strict=True):
        yield _term("unit", symbol, name, weight, value)


def _recurrent(own: Layer, gate: Gate, place: Place) -> Iterator[Term]:
    stored = own.weights[f"{gate.name}.h"]
    seen = range(own.n_units) if stored.ndim == 2 else [place.unit]
    weights, hidden = square(stored)[place.unit], place.before("hidden")
    symbol = _scaled("h", own, gate)
    for unit in seen:
        scale = _scale(gate, place, unit if gate.recurrence == "inside" else place.unit)
        yield _term("unit", symbol, str(unit), weights[unit], *scale, hidden[unit])


def _biases(own: Layer, gate: Gate, place: Place) -> Iterator[Term]:
    for role, symbol in bias_symbols(own).items():
        if f"{gate.name}.{role}" in own.weights:
            bias = own.weights[f"{gate.name}.{role}"][place.unit]
            if role == "bh" and gate.recurrence == "outside":
                scale = _scale(gate, place, place.unit)
                yield _term("bias", _scaled(symbol, own, gate), "", bias, *scale)
            else:
                yield _term("bias", symbol, "", bias)


def _scale(gate: Gate, place: Place, unit: int) -> tuple[float, ...]:
    return (place.signal(gate.scaled_by)[unit],) if gate.scaled_by else ()


def _scaled(symbol: str, own: Layer, gate: Gate) -> str:
    return f"{own.kind.signal(gate.scaled_by).symbol}⊙{symbol}" if gate.scaled_by else symbol


def _term(kind: Kind, symbol: str, name: str, *given: float) -> Term:
    factors = tuple(map(float, given))
    return Term(kind, symbol, name, factors, prod(factors))


def _check_layers(model: Model, trace: Trace) -> None:
    wanted = [f"{layer.title} ({layer.n_units})" for layer in model.layers]
    came = [
        f"{layer.cell} layer {layer.level} {layer.direction} ({layer.n_units})"
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
    computed = activation(view.activation, maths())(np.float64(view.drive))
    size = 1 + fsum(abs(term.value) for term in view.terms)
    # Far above any rounding, reduced-precision products of a GPU included.
    if abs(computed - view.value) > 0.005 * size * max(1, abs(view.value)):
        raise ModelError(
            "The model's weights make {gate} {computed:.3g} where the trace has {value:.3g};"
            " trace the sequence with this model.",
            gate=view.signal.name,
            computed=float(computed),
            value=view.value,
        )
