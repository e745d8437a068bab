"""Slots: which weights of which gates an array holds, as a convention or the user spells it.

- `forget.x` of one gate: (unit, input)
- `input|forget|candidate|output.h` of several, one under the other: (gate × unit, unit)
- `forget.xh`, `forget.hx` over the input and the hidden state, side by side
- `forget.x.T` stored the other way, (input, unit)
- `layer 1 backward forget.b` of another level or direction
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal, cast

from rnnviz.cells import CELLS
from rnnviz.core.arrays import Shapes
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.network.layer import Direction

SIDE_BY_SIDE = ("xh", "hx")
_MATRICES = ("x", "h", "w", *SIDE_BY_SIDE)
_SPELLING = re.compile(
    r"\s*(?:layer\s+(?P<level>\d{1,4})\s+)?(?:(?P<direction>forward|backward)\s+)?"
    r"(?P<gates>[a-z_]+(?:\|[a-z_]+)*)\.(?P<role>[a-z]+)(?P<turned>\.T)?\s*"
)
_MAX_SPELLING = 400
Orientation = Literal["unit_rows", "unit_columns"]


@dataclass(frozen=True)
class Slot:
    """What an array holds.

    gates          whose weights, from the first row to the last.
    role           "x", "h", "b", "bh", … as in `gate.role`; "xh" or "hx" for both matrices.
    level          0 for the layer that reads the input.
    is_transposed  whether a column, not a row, is a unit's; None where the shapes shall tell.
    """

    gates: tuple[str, ...]
    role: str
    level: int = 0
    direction: Direction = "forward"
    is_transposed: bool | None = None

    @property
    def is_matrix(self) -> bool:
        """True for weights of an input or of a hidden state."""
        return self.role in _MATRICES

    def __str__(self) -> str:
        place = f"layer {self.level} " if self.level else ""
        place += "backward " if self.direction == "backward" else ""
        return f"{place}{'|'.join(self.gates)}.{self.role}{'.T' if self.is_transposed else ''}"


def parse_slot(spelling: object) -> Slot:
    """The slot that a spelling says. Raises ModelError for one that is none.

    >>> slot = parse_slot("layer 1 backward reset|update.x.T")
    >>> slot.gates, slot.level, slot.is_transposed
    (('reset', 'update'), 1, True)
    >>> str(slot)
    'layer 1 backward reset|update.x.T'
    """
    is_short = isinstance(spelling, str) and len(spelling) <= _MAX_SPELLING
    found = _SPELLING.fullmatch(str(spelling)) if is_short else None
    gates = tuple(found["gates"].split("|")) if found else ()
    if found is None or not {(gate, found["role"]) for gate in gates} <= _known():
        raise ModelError(
            "A slot is spelled gate.role, as “forget.x”, “forget.h”, “forget.b” or"
            " “input|forget|candidate|output.x”, but “{came}” came; the gates are {gates}.",
            came=shown(spelling, 80),
            gates=", ".join(sorted({gate for gate, _ in _known()})),
        )
    return Slot(
        gates,
        found["role"],
        int(found["level"] or 0),
        cast(Direction, found["direction"] or "forward"),
        True if found["turned"] else None,
    )


@cache
def _known() -> frozenset[tuple[str, str]]:
    """Every gate and role of every cell."""
    params = (param.name for cell in CELLS.values() for param in cell.params)
    known = {(gate, role) for gate, _, role in (name.partition(".") for name in params)}
    dense = {gate for gate, role in known if role == "x"}
    return frozenset(
        known | {(gate, role) for gate in dense for role in (*SIDE_BY_SIDE, "b", "bh")}
    )


@dataclass(frozen=True)
class LayerFit:
    """How the arrays of one layer in one direction fit on each other.

    slots         by array, each now knowing whether it is transposed.
    is_ambiguous  whether the matrices fit either way.
    """

    slots: Mapping[str, Slot]
    n_inputs: int
    is_ambiguous: bool = False


def fit_layer(
    slots: Mapping[str, Slot], shapes: Shapes, orientation: Orientation | None = None
) -> LayerFit:
    """The sizes of one layer, and which way its matrices are stored.

    orientation  taken where both ways fit; rows are units by default.

    Raises ModelError naming an array that does not fit.
    """
    _check_once(slots)
    fits = [fit for turned in (False, True) if (fit := _fit(slots, shapes, turned)) is not None]
    if not fits:
        _refuse(slots, shapes)
    first = fits[-1] if orientation == "unit_columns" else fits[0]
    return replace(first, is_ambiguous=len({tuple(fit.slots.values()) for fit in fits}) > 1)


def fits(slots: Mapping[str, Slot], shapes: Shapes) -> bool:
    """True when the arrays of one layer fit on each other.

    >>> fits({"W": parse_slot("hidden.xh")}, {"W": (2, 5)})
    True
    """
    _check_once(slots)
    return any(_fit(slots, shapes, turned) is not None for turned in (False, True))


def _fit(slots: Mapping[str, Slot], shapes: Shapes, is_turned: bool) -> LayerFit | None:
    fixed = {
        name: replace(slot, is_transposed=is_turned)
        if slot.is_matrix and slot.is_transposed is None and len(shapes[name]) == 2
        else slot
        for name, slot in slots.items()
    }
    shaped = {name: _rows_first(slot, shapes[name]) for name, slot in fixed.items()}
    units = {_n_units(fixed[name], shape) for name, shape in shaped.items()}
    if len(units) != 1 or not (n_units := units.pop()) or n_units != int(n_units):
        return None
    n_hidden = next((s[0] for n, s in shaped.items() if fixed[n].role == "w"), int(n_units))
    widths = {
        _n_inputs(slot.role, shaped[name], n_hidden)
        for name, slot in fixed.items()
        if slot.is_matrix and slot.role != "w"
    } - {None}
    if len(widths) != 1 or not (n_inputs := widths.pop()) or n_inputs < 1:
        return None
    return LayerFit(fixed, n_inputs)


def _rows_first(slot: Slot, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape with the units first; of a vector without its axes of one, () for none such."""
    if slot.is_matrix and len(shape) == 2:
        return shape[::-1] if slot.is_transposed else shape
    long = [n for n in shape if n != 1] or [1]
    is_vector = len(long) == 1 and len(shape) >= 1 and (not slot.is_matrix or slot.role == "h")
    return tuple(long) if is_vector else ()


def _n_units(slot: Slot, shape: tuple[int, ...]) -> float:
    """Units of each gate, 0 where the array has another form."""
    if slot.role == "w":
        return shape[1] if shape else 0
    return shape[0] / len(slot.gates) if shape else 0


def _n_inputs(role: str, shape: tuple[int, ...], n_hidden: int) -> int | None:
    """Inputs that a matrix reads; 0 where it does not fit, None where it reads none."""
    if role in SIDE_BY_SIDE:
        return max(0, shape[1] - n_hidden)
    if role == "x":
        return shape[1]
    return None if len(shape) == 1 or shape[1] == n_hidden else 0


def roles_of(slot: Slot) -> tuple[str, ...]:
    """Every `gate.role` that an array holds.

    >>> roles_of(parse_slot("forget.xh"))
    ('forget.x', 'forget.h')
    """
    roles = ("x", "h") if slot.role in SIDE_BY_SIDE else (slot.role,)
    return tuple(f"{gate}.{role}" for role in roles for gate in slot.gates)


def _check_once(slots: Mapping[str, Slot]) -> None:
    held: set[str] = set()
    for name, slot in slots.items():
        for role in roles_of(slot):
            if role in held:
                raise placed_twice(name, role)
            held.add(role)


def placed_twice(name: str, slot: str) -> ModelError:
    """The error for an array in a slot that another has."""
    return ModelError(
        "Every weight should be there once, but “{name}” is {slot}, which another array holds"
        " already; change one of the two.",
        name=shown(name, 80),
        slot=slot,
    )


def _refuse(slots: Mapping[str, Slot], shapes: Shapes) -> None:
    held = "; ".join(f"“{shown(n, 60)}” {shapes[n]} is {slot}" for n, slot in slots.items())
    raise ModelError(
        "The arrays of a layer should fit on each other as (unit, input), (unit, unit) and (unit,),"
        " but {held}; change what each of them is, or put .T behind what is stored transposed.",
        held=shown(held, 400),
    )
