"""The one abstraction: a cell is data (gates, parameters, signals) and one elementwise step."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from typing import Literal, Protocol

from rnnviz.core.backend import Backend, Tensor
from rnnviz.core.diagram import Diagram, Summand, summands

SignalKind = Literal["gate", "candidate", "state", "intermediate", "probability", "output"]
GateEffect = Literal["", "keeps", "writes", "shows", "passes"]
RecurrenceKind = Literal["full", "one_to_one"]
Signals = Mapping[str, Tensor]


@dataclass(frozen=True)
class Signal:
    """One value that a cell computes for every unit at every step.

    name      the field's word for it: "forget", "hidden", …
    symbol    its letter in the equations.
    kind      "gate", "candidate" or "state" of a cell, "intermediate" for a value between them,
              or "probability" or "output" of a readout.
    low       lower bound; -inf when unbounded.
    high      upper bound; inf when unbounded.
    at_one    effect of a gate that is 1: it "keeps" the old state, "writes" the candidate,
              "shows" the cell, or "passes" the old hidden state on to the candidate.
    axis      "unit", or "projection" where a layer projects its units onto fewer.
    gloss     key of its explanation, `gloss.<gloss>` in the locales; its name by default.
    share_of  the gate of which this signal is the normalised share (minLSTM), "" for none.
    """

    name: str
    symbol: str
    kind: SignalKind
    low: float
    high: float
    at_one: GateEffect = ""
    axis: str = "unit"
    gloss: str = ""
    share_of: str = ""

    @property
    def gloss_key(self) -> str:
        """Key of its explanation in the locales, after `gloss.`."""
        return self.gloss or self.name


@dataclass(frozen=True)
class Gate:
    """A Dense layer on `[x_t, h_{t-1}]` inside a cell: gates and candidates alike.

    activation   the function on its preactivation when the layer does not choose another.
    recurrence   "outside": `W_h h_{t-1}` is handed to the step; "inside": the step itself calls
                 for the product, of a vector it has computed first; "none": it sees x_t alone.
    scaled_by    the gate that multiplies the recurrence, "" for none: the hidden state before the
                 product when that is inside, the product with its bias when it is outside.
    peephole     the state that its peephole `gate.p` sees: "before:cell", "cell", "" for none.
    logarithm    whether the step calls for its logarithm: its activation is then one of
                 `rnnviz.core.activations.LOGARITHMS`.
    shift        the states that are added to that logarithm before exp is taken of it:
                 "before:stabiliser", "minus:stabiliser"; none for an activation alone.
    reads_input  whether it has a weight matrix `gate.x` for x_t.
    adds         signals of this step that are added to its preactivation without a weight.
    biases       roles of its biases where they are not the cell's.

    Raises ValueError for a bias of the input's product in a gate that reads no input.
    """

    name: str
    activation: str = "sigmoid"
    recurrence: Literal["outside", "inside", "none"] = "outside"
    scaled_by: str = ""
    peephole: Literal["", "before:cell", "cell"] = ""
    logarithm: bool = False
    shift: tuple[str, ...] = ()
    reads_input: bool = True
    adds: tuple[str, ...] = ()
    biases: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if not self.reads_input and "b" in (self.biases or ()):
            raise ValueError(f"{self.name} reads no input, so that it has no bias b; name it bh.")


@dataclass(frozen=True)
class Param:
    """A weight by its name `gate.role` and its axes; one that is not required counts as zeros."""

    name: str
    axes: tuple[str, ...]
    required: bool = True


class Recurrence(Protocol):
    """Recurrent products of one step: `h["forget"]` is `W_h h_{t-1} + b_h`."""

    def __getitem__(self, gate: str) -> Tensor:
        """`W_h h_{t-1} + b_h` of a gate whose recurrence is outside."""

    def product(self, gate: str, vector: Tensor) -> Tensor:
        """`W_h vector + b_h` of a gate whose recurrence is inside."""

    def weight(self, name: str) -> Tensor:
        """A weight of `Cell.extra_params`, zeros where the layer has none."""


class Gates(Protocol):
    """`gate("forget", z)`: the preactivation z (batch, unit) through that gate's activation."""

    def __call__(self, name: str, preactivation: Tensor) -> Tensor:
        """The gate (batch, unit)."""

    def log(self, name: str, preactivation: Tensor) -> Tensor:
        """The gate's logarithm, exact where the gate itself is too small or large for a number."""

    def hook(self, name: str, value: Tensor) -> Tensor:
        """Hook point of a gate that is more than its activation: the value, unless clamped."""

    def cell_activation(self, state: Tensor) -> Tensor:
        """The layer's activation of the cell state; tanh unless the layer chose another."""


StepFunction = Callable[[Signals, Recurrence, Signals, Gates, Backend], Signals]


@dataclass(frozen=True)
class Cell:
    """A recurrent cell: its equations in words and in code.

    name         key in `rnnviz.CELLS`.
    title        what people call it.
    source       the paper and equation.
    equations    one line a signal, in the order of computing, symbols as in `signals`; read from
                 the docstring of the cell's file by `equations_in`.
    gates        the Dense layers inside, in the order of their equations.
    signals      all that a trace holds, in the order they are drawn.
    states       the signals carried from step to step.
    step         (x, h, state, gate, backend) ▶ signals of one timestep, each (batch, unit).
    activations  the choices in place of `Gate.activation`, by gate, the cell's own first.
    biases       their roles: "b" is added to the input's product, "bh" to the recurrent one.
    recurrences  forms of the recurrent weights, the default first: "full" for matrices
                 (unit, hidden), "one_to_one" for diagonal ones, kept as vectors (unit,).
    cell_activation  the activation on the cell state, "" for a cell without such.
    hidden_axis  the axis of the hidden state: "unit", or "projection".
    extra_params weights beside those of the Dense layers.
    diagram      the step as a drawing; `updates` is read from it.
    order        place in lists; cells without one come last, in the order of their names.
    """

    name: str
    title: str
    source: str
    equations: tuple[str, ...]
    gates: tuple[Gate, ...]
    signals: tuple[Signal, ...]
    states: tuple[str, ...]
    step: StepFunction
    activations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    biases: tuple[str, ...] = ("b", "bh")
    recurrences: tuple[RecurrenceKind, ...] = ("full",)
    cell_activation: str = ""
    hidden_axis: str = "unit"
    extra_params: tuple[Param, ...] = ()
    diagram: Diagram | None = None
    order: float = inf

    @cached_property
    def params(self) -> tuple[Param, ...]:
        """Every weight: `gate.x`, `gate.h`, the biases, which may be left out, and the extras."""
        dense = (param for gate in self.gates for param in self._dense(gate))
        return (*dense, *self.extra_params)

    @cached_property
    def params_by_name(self) -> dict[str, Param]:
        """Every weight by its name."""
        return {param.name: param for param in self.params}

    @cached_property
    def updates(self) -> dict[str, tuple[Summand, ...]]:
        """Products by the state or intermediate signal that is their sum."""
        sums = {
            signal.name: summands(self.diagram, signal.name)
            for signal in self.signals
            if self.diagram is not None and signal.kind in ("state", "intermediate")
        }
        return {name: products for name, products in sums.items() if products}

    @cached_property
    def default_activations(self) -> dict[str, str]:
        """Each gate's activation, and under "cell_activation" that of the cell state."""
        of_state = {"cell_activation": self.cell_activation} if self.cell_activation else {}
        return {gate.name: gate.activation for gate in self.gates} | of_state

    @cached_property
    def gate_effects(self) -> dict[str, GateEffect]:
        """Effect of each gate that is 1, itself or through its share; gates without one left out.

        >>> from rnnviz.cells import CELLS
        >>> CELLS["min_lstm"].gate_effects
        {'forget': 'keeps', 'input': 'writes'}
        """
        effects = {signal.share_of or signal.name: signal.at_one for signal in self.signals}
        return {name: effect for name, effect in effects.items() if effect}

    def signal(self, name: str) -> Signal:
        """A signal by its name; KeyError when the cell has none such."""
        return self._signals_by_name[name]

    @cached_property
    def _signals_by_name(self) -> dict[str, Signal]:
        return {signal.name: signal for signal in self.signals}

    def biases_of(self, gate: Gate) -> tuple[str, ...]:
        """Roles of a gate's biases: of the products that it has, where it does not name them."""
        if gate.biases is not None:
            return gate.biases
        roles = self.biases[:1] if gate.recurrence == "none" else self.biases
        return roles if gate.reads_input else tuple(role for role in roles if role != "b")

    def _dense(self, gate: Gate) -> tuple[Param, ...]:
        name = gate.name
        axes = ("unit", self.hidden_axis) if "full" in self.recurrences else ("unit",)
        return (
            *((Param(f"{name}.x", ("unit", "input")),) if gate.reads_input else ()),
            *((Param(f"{name}.h", axes),) if gate.recurrence != "none" else ()),
            *(Param(f"{name}.{role}", ("unit",), required=False) for role in self.biases_of(gate)),
            *((Param(f"{name}.p", ("unit",), required=False),) if gate.peephole else ()),
        )


def equations_in(docstring: str | None) -> tuple[str, ...]:
    r"""Lines of the first indented block of a docstring; empty where docstrings are stripped (-OO).

    >>> equations_in("A cell.\n\n    z_t = σ(W x_t)\n    h_t = z_t ⊙ h_{t-1}\n\nA paper.")
    ('z_t = σ(W x_t)', 'h_t = z_t ⊙ h_{t-1}')
    """
    block = re.search(r"(?:^ {4}\S.*\n)+", docstring or "", re.MULTILINE)
    return tuple(line.strip() for line in block[0].splitlines()) if block else ()
