"""Contributions to one gate's preactivation: every summand by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import fsum

import numpy as np

from rnnviz.analysis.contribution_terms import Term, logarithm_shift, terms_of
from rnnviz.analysis.cursor import Cursor, is_clamped
from rnnviz.analysis.made_by import check_made_by
from rnnviz.core.activations import LOGARITHMS, activation
from rnnviz.core.backend import get_backend
from rnnviz.core.cell import Signal
from rnnviz.core.checks import check_choice
from rnnviz.engine.trace import Trace
from rnnviz.errors import ModelError
from rnnviz.formatting import format_number, token_label
from rnnviz.interventions.weights import apply_weight_changes
from rnnviz.network.model import Model

_SIGNS = {"sigmoid": "σ"}


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
    check_made_by(model, trace)
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
        terms=tuple(terms_of(model_layer, gates[gate], cursor)),
        value=float(cursor.signal(gate)[unit]),
        is_trained=trace.is_trained,
        clip=model_layer.clip,
        shift=logarithm_shift(gates[gate], cursor),
        is_clamped=is_clamped(cursor, gate),
    )
    _check_value(view)
    return view


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
