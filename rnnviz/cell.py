"""The one abstraction: a cell is data (gates, parameters, signals) and one elementwise step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from rnnviz.maths import Function, Maths, Tensor
from rnnviz.wiring import Diagram

Kind = Literal["gate", "candidate", "state", "probability"]
Meaning = Literal["", "keeps", "writes", "shows", "passes"]
Signals = dict[str, Tensor]
Updates = Mapping[str, Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True)
class Signal:
    """One thing a cell computes for every unit at every step.

    name     the field's word for it: "forget", "hidden", …
    symbol   its letter in the equations.
    kind     "gate", "candidate" or "state" of a cell, or "probability" of a readout.
    low      no value lies below; -inf when unbounded.
    high     no value lies above; inf when unbounded.
    at_one   what a gate does where it is 1: "keeps" the old state, "writes" the candidate,
             "shows" the cell, "passes" the old hidden state on to the candidate.
    """

    name: str
    symbol: str
    kind: Kind
    low: float
    high: float
    at_one: Meaning = ""


@dataclass(frozen=True)
class Gate:
    """A Dense layer on `[x_t, h_{t-1}]` inside a cell.

    activation   the function on its drive when the layer does not choose another.
    recurrence   "outside": `W_h h_{t-1}` is handed to the step; "inside": the step itself asks
                 for the product, of something it has computed first.
    scaled_by    the gate that multiplies the recurrence, "" for none: the hidden state before the
                 product when that is inside, the product with its bias when it is outside.
    """

    name: str
    activation: Literal["sigmoid", "tanh"] = "sigmoid"
    recurrence: Literal["outside", "inside"] = "outside"
    scaled_by: str = ""


@dataclass(frozen=True)
class Param:
    """A weight by its name `gate.role` and its axes; one that is not required counts as zeros."""

    name: str
    axes: tuple[str, ...]
    required: bool = True


class Recurrent(Protocol):
    """What reaches a step from the step before: `h["forget"]` is `W_h h_{t-1} + b_h`."""

    def __getitem__(self, gate: str) -> Tensor:
        """`W_h h_{t-1} + b_h` of a gate whose recurrence is outside."""

    def product(self, gate: str, vector: Tensor) -> Tensor:
        """`W_h vector + b_h` of a gate whose recurrence is inside."""


class Activate(Protocol):
    """`gate("forget", drive)`: the drive (batch, unit) through that gate's activation."""

    def __call__(self, name: str, drive: Tensor) -> Tensor:
        """The gate (batch, unit)."""


Step = Callable[[Mapping[str, Tensor], Recurrent, Mapping[str, Tensor], Activate, Maths], Signals]


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
    step         (x, h, state, gate, maths) ▶ signals of one timestep, each (batch, unit).
    activations  what a layer may choose in place of `Gate.activation`, by gate.
    biases       their roles: "b" is added to the input's product, "bh" to the recurrent one.
    diagonal     whether the recurrence may be one-to-one, `h` weights (unit,) in place of a matrix.
    updates      what a state is the sum of: its products by name, each of signals at this step, or
                 of what is made of one: "before:cell" the step before, "one_minus:update",
                 "tanh:cell". A state left out is not such a sum.
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
    updates: Updates = field(default_factory=dict)
    diagram: Diagram | None = None

    @property
    def params(self) -> tuple[Param, ...]:
        """Every weight of the cell: `gate.x`, `gate.h`, and the biases, which may be left out."""
        return tuple(param for gate in self.gates for param in _dense(gate.name, self.biases))

    def signal(self, name: str) -> Signal:
        """A signal by its name; KeyError when the cell has none such."""
        return {signal.name: signal for signal in self.signals}[name]


def _dense(gate: str, biases: tuple[str, ...]) -> tuple[Param, ...]:
    return (
        Param(f"{gate}.x", ("unit", "input")),
        Param(f"{gate}.h", ("unit", "unit")),
        *(Param(f"{gate}.{role}", ("unit",), required=False) for role in biases),
    )


def activate(functions: Mapping[str, Function], chosen: Mapping[str, str]) -> Activate:
    """The plain way from a drive to its gate: apply the function chosen for it."""
    return lambda name, drive: functions[chosen[name]](drive)
