"""A cell's step as a record of its operations, which becomes the page's JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from rnnviz.core.activations import ACTIVATIONS
from rnnviz.core.backend import Backend
from rnnviz.core.cell import Cell
from rnnviz.core.operators import Operators


@dataclass(frozen=True)
class Operation:
    """One operation of a step.

    name      "plus", "tanh", …; "number" for a constant; "input", "recurrent", "state" and
              "weight" for what the step is handed.
    operands  places of earlier operations in the record.
    of        the constant, gate, state or weight that is meant; "" for none.
    axis      of the result: "unit", "projection", "matrix", or "one" for a single number.
    """

    name: str
    operands: tuple[int, ...]
    of: str
    axis: str


@dataclass(eq=False)
class StepRecord:
    """Operations in the order of computing, each written once."""

    operations: list[Operation] = field(default_factory=list)

    def add(self, name: str, *operands: Any, of: str = "", axis: str = "") -> Recorded:
        """The value of an operation; by default on the axis of the first operand that has one."""
        values = [one if isinstance(one, Recorded) else self._number(one) for one in operands]
        wide = (one.axis for one in values if one.axis != "one")
        return self._once(
            Operation(name, tuple(one.place for one in values), of, axis or next(wide, "one"))
        )

    def _number(self, number: float) -> Recorded:
        return self._once(Operation("number", (), repr(float(number)), "one"))

    def _once(self, operation: Operation) -> Recorded:
        if operation not in self.operations:
            self.operations.append(operation)
        return Recorded(self, self.operations.index(operation))


@dataclass(frozen=True, eq=False)
class Recorded(Operators):
    """Result of an operation, which stands where a step has an array."""

    record: StepRecord
    place: int

    def operation(self, name: str, *operands: Any) -> Recorded:
        """Result of an operation, on record."""
        return self.record.add(name, *operands)

    @property
    def axis(self) -> str:
        """Axis of the array that it stands for."""
        return self.record.operations[self.place].axis

    @property
    def T(self) -> Recorded:
        """Itself: a product with a transposed matrix is recorded as `W v`."""
        return self

    def mean(self, axis: int, *, keepdims: bool) -> Recorded:
        """Mean over the units."""
        return self.record.add("mean", self, axis="one")

    def __matmul__(self, matrix: Recorded) -> Recorded:
        return self.record.add("matmul", self, matrix, axis="projection")

    def __bool__(self) -> NoReturn:
        raise TypeError("A step may not branch on a value: write `backend.where`.")


@dataclass(frozen=True, eq=False)
class _Reads(Mapping[str, Recorded]):
    """Values by gate or state that a step is handed."""

    record: StepRecord
    name: str
    names: tuple[str, ...]
    axes: Mapping[str, str]

    def __getitem__(self, of: str) -> Recorded:
        return self.record.add(self.name, of=of, axis=self.axes.get(of, "unit"))

    def __iter__(self) -> Any:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True, eq=False)
class _Recurrence:
    """Recurrent products and extra weights."""

    record: StepRecord
    cell: Cell

    def __getitem__(self, gate: str) -> Recorded:
        return self.record.add("recurrent", of=gate, axis="unit")

    def product(self, gate: str, vector: Recorded) -> Recorded:
        return self.record.add("product", vector, of=gate, axis="unit")

    def weight(self, name: str) -> Recorded:
        axes = self.cell.params_by_name[name].axes
        return self.record.add("weight", of=name, axis=axes[0] if len(axes) == 1 else "matrix")


@dataclass(frozen=True, eq=False)
class _Gates:
    """Gates, whose activations, clips and clamps are the engine's."""

    record: StepRecord

    def __call__(self, name: str, preactivation: Recorded) -> Recorded:
        return self.record.add("gate", preactivation, of=name)

    def log(self, name: str, preactivation: Recorded) -> Recorded:
        return self.record.add("log_gate", preactivation, of=name)

    def hook(self, name: str, value: Recorded) -> Recorded:
        return self.record.add("hook", value, of=name)

    def cell_activation(self, state: Recorded) -> Recorded:
        return self.record.add("gate", state, of="cell_activation")


def record_step(cell: Cell) -> tuple[StepRecord, dict[str, int]]:
    """The operations of a cell's step, and by signal the number of the one that computes it.

    Raises TypeError for a step that uses what the record does not know.

    >>> from rnnviz.cells import CELLS
    >>> record, signals = record_step(CELLS["rnn"])
    >>> [operation.name for operation in record.operations], signals
    (['input', 'recurrent', 'plus', 'gate'], {'hidden': 3})
    """
    record = StepRecord()
    gates = tuple(gate.name for gate in cell.gates)
    axes = {signal.name: signal.axis for signal in cell.signals}
    try:
        signals = cell.step(
            _Reads(record, "input", gates, {}),
            _Recurrence(record, cell),
            _Reads(record, "state", cell.states, axes),
            _Gates(record),
            recording_backend(record),
        )
        return record, {name: value.place for name, value in signals.items()}
    except (AttributeError, TypeError) as error:
        raise TypeError(
            f"The step of {cell.name} cannot be written as JavaScript: {error}. What a step may use"
            " is listed in CONTRIBUTING.md, A cell, 4."
        ) from error


def record_activation(name: str) -> tuple[StepRecord, int]:
    """The operations of an activation on the first of its values; the others are its arguments.

    >>> record, result = record_activation("affine")
    >>> [(operation.name, operation.of) for operation in record.operations]
    [('argument', 'z'), ('argument', 'a'), ('argument', 'b'), ('times', ''), ('plus', '')]
    """
    record = StepRecord()
    make, defaults = ACTIVATIONS[name]
    z, *arguments = (
        record.add("argument", of=letter, axis="one") for letter in "zabc"[: 1 + len(defaults)]
    )
    return record, make(recording_backend(record), *arguments)(z).place


def recording_backend(record: StepRecord) -> Backend:
    """The array functions that a step or an activation may call, recorded."""

    def function(name: str) -> Callable[[Any], Recorded]:
        return lambda value: record.add(name, value)

    def clip(value: Recorded, low: float | None, high: float | None) -> Recorded:
        above = value if low is None else record.add("maximum", value, low)
        return above if high is None else record.add("minimum", above, high)

    def absent(*_: Any) -> NoReturn:
        raise TypeError("A step computes with the functions of one number alone.")

    return Backend(
        sigmoid=function("sigmoid"),
        tanh=function("tanh"),
        exp=function("exp"),
        softplus=function("softplus"),
        softmax=absent,
        clip=clip,
        maximum=lambda one, other: record.add("maximum", one, other),
        where=lambda condition, one, other: record.add("where", condition, one, other),
        array=absent,
        zeros=absent,
        full=absent,
        join=absent,
        stack=absent,
        stack_transposed=absent,
        diagonal=absent,
        numpy=absent,
    )
