"""JavaScript source of cells and activations, generated from the record of what they compute."""

from __future__ import annotations

from functools import cache

from rnnviz.cells import CELLS
from rnnviz.core.activations import ACTIVATIONS, LOGARITHMS
from rnnviz.core.cell import Cell
from rnnviz.javascript.record import StepRecord, record_activation, record_step

_FORMS = {
    "number": "{of}",
    "argument": "{of}",
    "plus": "{0} + {1}",
    "minus": "{0} - {1}",
    "times": "{0} * {1}",
    "over": "{0} / {1}",
    "power": "{0} ** {1}",
    "above": "{0} > {1}",
    "not_below": "{0} >= {1}",
    "below": "{0} < {1}",
    "not_above": "{0} <= {1}",
    "equal": "{0} === {1}",
    "where": "{0} ? {1} : {2}",
    "abs": "Math.abs({0})",
    "maximum": "Math.max({0}, {1})",
    "minimum": "Math.min({0}, {1})",
    "exp": "Math.exp({0})",
    "tanh": "Math.tanh({0})",
    "sigmoid": "sigmoid({0})",
    "softplus": "softplus({0})",
    "gate": 'gates["{of}"]({0}, u)',
    "log_gate": 'gates["log:{of}"]({0}, u)',
    "hook": 'gates["hook:{of}"]({0}, u)',
}
# Where a step finds what it is handed, by the name of the operation.
_HANDED = {"input": "x", "recurrent": "h", "state": "before", "weight": "weights"}
# What needs a whole vector, so that a loop ends before it.
_WHOLE = ("product", "mean", "matmul")
_AXES = ("one", "unit", "projection")


@cache
def cells_script() -> str:
    """JavaScript constants CELL_STEPS and LOGARITHMS, of all cells."""
    steps = ",\n".join(f'"{name}": {step_source(cell)}' for name, cell in CELLS.items())
    logarithms = ", ".join(f'"{name}": "{of_it}"' for name, of_it in LOGARITHMS.items())
    return f"const CELL_STEPS = {{\n{steps}\n}};\nconst LOGARITHMS = {{ {logarithms} }};\n"


@cache
def activations_script() -> str:
    """JavaScript constant ACTIVATIONS: functions of their arguments, by name."""
    activations = ",\n".join(f'"{name}": {activation_source(name)}' for name in ACTIVATIONS)
    return f"const ACTIVATIONS = {{\n{activations}\n}};\n"


def activation_source(name: str) -> str:
    """JavaScript function of an activation's arguments; it returns the function of one number.

    >>> activation_source("affine")
    '(a = 1.0, b = 0.0) => (z) => ((a * z) + b)'
    """
    record, result = record_activation(name)
    defaults = zip("abc", ACTIVATIONS[name][1], strict=False)
    arguments = ", ".join(f"{argument} = {value!r}" for argument, value in defaults)
    return f"({arguments}) => (z) => {_nested(record, result)}"


def _nested(record: StepRecord, place: int) -> str:
    operation = record.operations[place]
    text = _FORMS[operation.name].format(
        *(_nested(record, operand) for operand in operation.operands), of=operation.of
    )
    return f"({text})" if operation.operands else text


def step_source(cell: Cell) -> str:
    """JavaScript function of one timestep of one row, which writes every signal into `out`.

    >>> from rnnviz.cells import CELLS
    >>> print(step_source(CELLS["rnn"]))
    ({ x, h, before, weights, gates, inside, out, sizes, scratch }) => {
      const x_hidden = x["hidden"];
      const h_hidden = h["hidden"];
      const out_hidden = out["hidden"];
      for (let u = 0; u < sizes.unit; u++) {
        const v2 = x_hidden[u] + h_hidden[u];
        const v3 = gates["hidden"](v2, u);
        out_hidden[u] = v3;
      }
    }
    """
    return _StepWriter(*record_step(cell)).source()


class _StepWriter:
    """Writer of one step: loops over units, between them what needs a whole vector."""

    def __init__(self, record: StepRecord, signals: dict[str, int]) -> None:
        self.operations = record.operations
        self.signals = signals
        self.stages = _stages(record)
        self.kept = self._kept()

    def source(self) -> str:
        """The function's text."""
        stages = range(max(self.stages) + 1)
        lines = [*self._declarations(), *(line for stage in stages for line in self._stage(stage))]
        body = "\n".join(f"  {line}" for line in lines)
        handed = "{ x, h, before, weights, gates, inside, out, sizes, scratch }"
        return f"({handed}) => {{\n{body}\n}}"

    def _declarations(self) -> list[str]:
        handed = [
            f'const {self._array(place)} = {_HANDED[operation.name]}["{operation.of}"];'
            for place, operation in enumerate(self.operations)
            if operation.name in _HANDED
        ]
        written = [f'const out_{name} = out["{name}"];' for name in self.signals]
        between = [
            f"const s{place} = scratch({place}, sizes.{self.operations[place].axis});"
            for place in sorted(self.kept - set(self.signals.values()))
        ]
        # What a step hands on unchanged has no loop of its own.
        copied = [
            f"out_{name}.set({self._array(place)});"
            for name, place in self.signals.items()
            if self.operations[place].name in _HANDED
        ]
        return [*handed, *written, *between, *copied]

    def _stage(self, stage: int) -> list[str]:
        here = [place for place, at in enumerate(self.stages) if at == stage]
        whole = [place for place in here if self.operations[place].name in _WHOLE]
        lines = [line for place in whole for line in self._whole(place)]
        for axis in _AXES:
            computed = [p for p in here if p not in whole and self._is_computed_on(p, axis)]
            lines += self._loop(axis, computed) if computed else []
        return lines

    def _is_computed_on(self, place: int, axis: str) -> bool:
        operation = self.operations[place]
        return operation.axis == axis and operation.name not in (*_HANDED, "number")

    def _loop(self, axis: str, places: list[int]) -> list[str]:
        lines = [line for place in places for line in self._element(place)]
        if axis == "one":
            return lines
        inner = [f"  {line}" for line in lines]
        return [f"for (let u = 0; u < sizes.{axis}; u++) {{", *inner, "}"]

    def _element(self, place: int) -> list[str]:
        operation = self.operations[place]
        operands = (self._operand(one, self.stages[place]) for one in operation.operands)
        value = _FORMS[operation.name].format(*operands, of=operation.of)
        kept = (f"{array}[u] = v{place};" for array in self._arrays(place))
        return [f"const v{place} = {value};", *kept]

    def _whole(self, place: int) -> list[str]:
        operation = self.operations[place]
        *_, vector = operands = [self._array(operand) for operand in operation.operands]
        if operation.name == "mean":
            return [f"const v{place} = mean({vector});"]
        target, *others = self._arrays(place)
        if operation.name == "product":
            line = f'inside["{operation.of}"]({vector}, {target});'
        else:
            line = f"multiply({operands[1]}, {operands[0]}, {target});"
        return [line, *(f"{other}.set({target});" for other in others)]

    def _operand(self, place: int, stage: int) -> str:
        """An element of an array, a value of this loop, or a single number."""
        operation = self.operations[place]
        if operation.name == "number":
            return operation.of
        is_array = operation.axis != "one" and (
            operation.name in (*_HANDED, *_WHOLE) or self.stages[place] < stage
        )
        return f"{self._array(place)}[u]" if is_array else f"v{place}"

    def _array(self, place: int) -> str:
        operation = self.operations[place]
        if operation.name in _HANDED:
            return f"{_HANDED[operation.name]}_{operation.of}".replace(".", "_")
        return self._arrays(place)[0]

    def _arrays(self, place: int) -> list[str]:
        """Arrays that a result is written to: those of its signals, else one between loops."""
        signals = [f"out_{name}" for name, at in self.signals.items() if at == place]
        return signals or ([f"s{place}"] if place in self.kept else [])

    def _kept(self) -> set[int]:
        """Computed vectors that a later loop, or what needs a whole vector, reads."""
        read = {
            operand
            for place, operation in enumerate(self.operations)
            for operand in operation.operands
            if self.stages[operand] < self.stages[place]
        }
        whole = {place for place, one in enumerate(self.operations) if one.name in _WHOLE}
        return {
            place
            for place in read | whole
            if self.operations[place].axis in ("unit", "projection")
            and self.operations[place].name not in _HANDED
        }


def _stages(record: StepRecord) -> list[int]:
    """By operation the number of its loop: what needs a whole vector begins another one."""
    stages: list[int] = []
    for operation in record.operations:
        before = max((stages[operand] for operand in operation.operands), default=0)
        stages.append(before + (operation.name in _WHOLE))
    return stages
