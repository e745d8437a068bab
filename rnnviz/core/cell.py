"""The one abstraction: a cell is data (gates, parameters, signals) and one elementwise step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import inf, log
from typing import Literal, Protocol

from rnnviz.core.activations import LOGARITHMS, activation
from rnnviz.core.backend import Backend, Function, Tensor
from rnnviz.core.diagram import Diagram

Kind = Literal["gate", "candidate", "state", "intermediate", "probability", "output"]
Meaning = Literal["", "keeps", "writes", "shows", "passes"]
Signals = dict[str, Tensor]
Held = Mapping[str, tuple[tuple[Tensor, float], ...]]
Updates = Mapping[str, Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True)
class Signal:
    """One thing a cell computes for every unit at every step.

    name     the field's word for it: "forget", "hidden", …
    symbol   its letter in the equations.
    kind     "gate", "candidate" or "state" of a cell, "intermediate" for what is computed on
             the way, or "probability" or "output" of a readout.
    low      no value lies below; -inf when unbounded.
    high     no value lies above; inf when unbounded.
    at_one   what a gate does where it is 1: "keeps" the old state, "writes" the candidate,
             "shows" the cell, "passes" the old hidden state on to the candidate.
    axis     "unit", or "projection" where a layer projects its units onto fewer.
    gloss    what explains it: its name, or another word where its part in this cell is another.
    """

    name: str
    symbol: str
    kind: Kind
    low: float
    high: float
    at_one: Meaning = ""
    axis: str = "unit"
    gloss: str = ""

    @property
    def explained(self) -> str:
        """What its words are found by: `gloss.forget`."""
        return self.gloss or self.name


@dataclass(frozen=True)
class Gate:
    """A Dense layer on `[x_t, h_{t-1}]` inside a cell.

    activation   the function on its preactivation when the layer does not choose another.
    recurrence   "outside": `W_h h_{t-1}` is handed to the step; "inside": the step itself asks
                 for the product, of something it has computed first; "none": it sees x_t alone.
    scaled_by    the gate that multiplies the recurrence, "" for none: the hidden state before the
                 product when that is inside, the product with its bias when it is outside.
    peephole     the state that its peephole `gate.p` sees: "before:cell", "cell", "" for none.
    logarithm    whether the step asks for its logarithm: its activation is then one of
                 `rnnviz.core.activations.LOGARITHMS`.
    shift        what is added to that logarithm before exp is taken of it: "before:stabiliser",
                 "minus:stabiliser"; none for a gate that is its activation alone.
    """

    name: str
    activation: str = "sigmoid"
    recurrence: Literal["outside", "inside", "none"] = "outside"
    scaled_by: str = ""
    peephole: Literal["", "before:cell", "cell"] = ""
    logarithm: bool = False
    shift: tuple[str, ...] = ()


@dataclass(frozen=True)
class Param:
    """A weight by its name `gate.role` and its axes; one that is not required counts as zeros."""

    name: str
    axes: tuple[str, ...]
    required: bool = True


class RecurrentInput(Protocol):
    """What reaches a step from the step before: `h["forget"]` is `W_h h_{t-1} + b_h`."""

    def __getitem__(self, gate: str) -> Tensor:
        """`W_h h_{t-1} + b_h` of a gate whose recurrence is outside."""

    def product(self, gate: str, vector: Tensor) -> Tensor:
        """`W_h vector + b_h` of a gate whose recurrence is inside."""

    def weight(self, name: str) -> Tensor:
        """A weight of `Cell.extra_params`, zeros where the layer has none."""


class GateFunctions(Protocol):
    """`gate("forget", z)`: the preactivation z (batch, unit) through that gate's activation."""

    def __call__(self, name: str, preactivation: Tensor) -> Tensor:
        """The gate (batch, unit)."""

    def log(self, name: str, preactivation: Tensor) -> Tensor:
        """The gate's logarithm, exact where the gate itself is too small or large for a number."""

    def traced(self, name: str, value: Tensor) -> Tensor:
        """A gate that is more than its activation, as it goes on: itself unless it is held."""

    def cell_activation(self, state: Tensor) -> Tensor:
        """The cell state on its way to the hidden state: tanh unless the layer chose another."""


Step = Callable[
    [Mapping[str, Tensor], RecurrentInput, Mapping[str, Tensor], GateFunctions, Backend], Signals
]


@dataclass(frozen=True)
class Cell:
    """A recurrent cell: its equations in words and in code.

    name         key in `rnnviz.CELLS`.
    title        what people call it.
    source       the paper and equation.
    equations    one line a signal, in the order of computing, symbols as in `signals`.
    gates        the Dense layers inside, in the order of their equations.
    signals      all that a trace holds, in the order they are drawn.
    states       the signals carried from step to step.
    step         (x, h, state, gate, backend) ▶ signals of one timestep, each (batch, unit).
    activations  what is usual in place of `Gate.activation`, by gate; files bring others.
    biases       their roles: "b" is added to the input's product, "bh" to the recurrent one.
    diagonal     whether the recurrence may be one-to-one, `h` weights (unit,) in place of a matrix.
    cell_activation  the activation on the cell state, "" for a cell without such.
    hidden_axis  the axis of the hidden state: "unit", or "projection".
    extra_params weights beside those of the Dense layers.
    updates      what a state or an inner signal is the sum of: its products by name, each of
                 signals at this step, or of what is made of one: "before:cell" the step before,
                 "one_minus:update", "squash:cell" through the layer's squash. A state left out is
                 not such a sum.
    diagram      the step as a drawing.
    """

    name: str
    title: str
    source: str
    equations: tuple[str, ...]
    gates: tuple[Gate, ...]
    signals: tuple[Signal, ...]
    states: tuple[str, ...]
    step: Step
    activations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    biases: tuple[str, ...] = ("b", "bh")
    diagonal: bool = False
    cell_activation: str = ""
    hidden_axis: str = "unit"
    extra_params: tuple[Param, ...] = ()
    updates: Updates = field(default_factory=dict)
    diagram: Diagram | None = None

    @cached_property
    def params(self) -> tuple[Param, ...]:
        """Every weight: `gate.x`, `gate.h`, the biases, which may be left out, and the extras."""
        dense = (param for gate in self.gates for param in self._dense(gate))
        return (*dense, *self.extra_params)

    @cached_property
    def named(self) -> dict[str, Param]:
        """Every weight by its name."""
        return {param.name: param for param in self.params}

    def signal(self, name: str) -> Signal:
        """A signal by its name; KeyError when the cell has none such."""
        return {signal.name: signal for signal in self.signals}[name]

    def _dense(self, gate: Gate) -> tuple[Param, ...]:
        recurs = gate.recurrence != "none"
        biases = self.biases if recurs else self.biases[:1]
        peephole = (Param(f"{gate.name}.p", ("unit",), required=False),) if gate.peephole else ()
        return (
            Param(f"{gate.name}.x", ("unit", "input")),
            *((Param(f"{gate.name}.h", ("unit", self.hidden_axis)),) if recurs else ()),
            *(Param(f"{gate.name}.{role}", ("unit",), required=False) for role in biases),
            *peephole,
        )


@dataclass(frozen=True)
class Activations:
    """A layer's activation functions during one step; `preactivations` keeps what each was given.

    functions  by gate, by "log:gate" where that is known, and by "squash".
    clip       preactivations are clipped to ± this before their activation, None for not at all.
    held       by gate, or "traced:gate" where it is more than its activation, where (batch, unit)
               it is held and at what number.
    """

    functions: Mapping[str, Function]
    backend: Backend
    clip: float | None
    preactivations: Signals = field(default_factory=dict)
    held: Held = field(default_factory=dict)

    def __call__(self, name: str, preactivation: Tensor) -> Tensor:
        """The gate (batch, unit) of a preactivation."""
        return self._held(name, self.functions[name](self._clipped(name, preactivation)))

    def log(self, name: str, preactivation: Tensor) -> Tensor:
        """The gate's logarithm (batch, unit) of a preactivation."""
        logarithm = self.functions[f"log:{name}"](self._clipped(name, preactivation))
        return self._held(name, logarithm, _log)

    def traced(self, name: str, value: Tensor) -> Tensor:
        """A gate (batch, unit) that is more than its activation."""
        return self._held(f"traced:{name}", value)

    def cell_activation(self, state: Tensor) -> Tensor:
        """The cell state on its way to the hidden state."""
        return self.functions["squash"](state)

    def _held(self, name: str, value: Tensor, of: Callable[[float], float] = float) -> Tensor:
        for where, number in self.held.get(name, ()):
            value = self.backend.where(where, self.backend.full(of(number), value), value)
        return value

    def _clipped(self, name: str, preactivation: Tensor) -> Tensor:
        self.preactivations[name] = preactivation
        if self.clip is None:
            return preactivation
        return self.backend.clip(preactivation, -self.clip, self.clip)


def _log(number: float) -> float:
    return log(number) if number else -inf


def functions(chosen: Mapping[str, str], backend: Backend) -> dict[str, Function]:
    """By gate the function of the activation chosen for it, and its logarithm if that is known."""
    logs = {
        f"log:{gate}": activation(LOGARITHMS[name], backend)
        for gate, name in chosen.items()
        if name in LOGARITHMS
    }
    return {gate: activation(name, backend) for gate, name in chosen.items()} | logs
