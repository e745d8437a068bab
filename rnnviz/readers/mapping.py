"""The user's own naming of a file's arrays, `names={"W_f": "forget.x", …}`.

A dialog shows the arrays of `MappingNeeded` and offers the slots of `mapping_slots`;
`check_names` tells in one sentence what is still wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rnnviz.cells import CELLS
from rnnviz.core.arrays import Array, Shapes
from rnnviz.core.checks import shown
from rnnviz.core.gate_order import GATE_ORDER
from rnnviz.errors import MappingNeeded, ModelError
from rnnviz.readers.recurrent import RecurrentModule
from rnnviz.readers.result import Answers
from rnnviz.readers.slots import Slot, parse_slot, placed_twice, roles_of
from rnnviz.readers.slotted import SlottedLayer, fit_places, slotted_module

AROUND = {"embedding": "embedding", "readout.V": "readout/V", "readout.d": "readout/d"}
"""By spelling what lies around the recurrent layers, under its own name in a file."""

_MAX_NAMED = 12


def mapping_slots(cell: str, n_levels: int = 1, *, is_both: bool = False) -> tuple[str, ...]:
    """Every slot that an array may have in a model of the cell, for a choice.

    is_both  for layers that read in both directions.

    >>> mapping_slots("rnn")
    ('hidden.x', 'hidden.h', 'hidden.b', 'hidden.bh', 'hidden.xh', 'hidden.hx', 'embedding', \
'readout.V', 'readout.d')
    """
    sides = ("", "backward ") if is_both else ("",)
    places = [f"layer {n} {side}" if n else side for n in range(n_levels) for side in sides]
    return (*(place + slot for place in places for slot in _slots(cell)), *AROUND)


def _slots(cell: str) -> Iterator[str]:
    yield from (param.name for param in CELLS[cell].params)
    dense = [gate.name for gate in CELLS[cell].gates if gate.reads_input]
    yield from (f"{gate}.{role}" for gate in dense for role in ("xh", "hx"))
    if len(dense) > 1:
        roles = dict.fromkeys(param.name.rpartition(".")[2] for param in CELLS[cell].params)
        kept = [role for role in roles if role in ("x", "h", "b", "bh")]
        orders = (orders.get(cell, ()) for orders in GATE_ORDER.values())
        for order in dict.fromkeys(["|".join(y) for y in (*orders, tuple(dense)) if y]):
            yield from (f"{order}.{role}" for role in (*kept, "xh", "hx"))


def check_names(shapes: Shapes, names: Mapping[str, str], cell: str = "") -> None:
    """Raise ModelError, in one sentence, unless the names make a model of these arrays.

    shapes  of every array of the file, by name.
    cell    that they shall make, "" for any.

    >>> check_names({"U": (2, 3), "W": (2, 2)}, {"U": "hidden.x", "W": "hidden.h"}, "rnn")
    """
    slots = _parsed(shapes, names)
    if not slots:
        raise ModelError("No array has a slot yet; say of at least one what it is.")
    for place, fit in fit_places(slots, shapes).items():
        held = {role for slot in fit.slots.values() for role in roles_of(slot)}
        params = CELLS[cell].params if cell else ()
        missing = sorted({p.name for p in params if p.required} - held)
        unknown = sorted(held - {p.name for p in params}) if cell else []
        if missing or unknown:
            raise ModelError(
                "Layer {level} {direction} needs the weights {wanted} of the cell {cell}, but"
                " {missing} are missing and {unknown} are not its own; say which arrays they are.",
                level=place[0],
                direction=place[1],
                wanted=", ".join(param.name for param in params if param.required),
                cell=cell,
                missing=", ".join(missing) or "none",
                unknown=", ".join(unknown) or "none",
            )


def named_module(
    arrays: Mapping[str, Array], names: Mapping[str, str], answers: Answers
) -> RecurrentModule | None:
    """The module that the user's names make; None where they name no recurrent weight.

    Raises ModelError for a name that is none of the file's, and for slots that make no cell.
    """
    shapes = {name: array.shape for name, array in arrays.items()}
    slots = _parsed(shapes, names)
    return slotted_module(SlottedLayer("", slots), arrays, answers) if slots else None


def _parsed(shapes: Shapes, names: Mapping[str, str]) -> dict[str, Slot]:
    """The slots of recurrent weights. Raises ModelError for names that are none of the file's."""
    for name in names:
        if name not in shapes:
            raise ModelError(
                "names={{…}} says what “{name}” is, but the file has no such array;"
                " it has {arrays}.",
                name=shown(name, 80),
                arrays=described(shapes) or "none",
            )
    return {name: parse_slot(said) for name, said in names.items() if _around(said) is None}


def _around(said: object) -> str | None:
    """The own name in a file of what lies around the layers, None for a slot inside them."""
    return AROUND.get(said.removesuffix(".T")) if isinstance(said, str) else None


def renamed_around(
    arrays: Mapping[str, Array], names: Mapping[str, str], module: RecurrentModule
) -> dict[str, Array]:
    """The arrays with embedding and readout under the names by which they are known, rows first.

    Raises ModelError for one that does not fit the module, or is there twice.
    """
    found: dict[str, Array] = {}
    widths = {"embedding": module.n_inputs, "readout/V": module.n_outputs}
    # The bias after its matrix, by whose rows it is measured.
    for name, said in sorted(names.items(), key=lambda pair: str(pair[1]).endswith(".d")):
        if (own := _around(said)) is None:
            continue
        if own in found:
            raise placed_twice(name, said)
        if own == "readout/d":
            found[own] = _bias(name, arrays[name], found.get("readout/V"))
        else:
            found[own] = _rows_first(name, said, arrays[name], widths[own])
    return {n: array for n, array in arrays.items() if _around(names.get(n)) is None} | found


def _rows_first(name: str, said: str, array: Array, n_columns: int) -> Array:
    """A matrix with a row for every token or output, however it is stored."""
    is_turned = said.endswith(".T") or (array.ndim == 2 and array.shape[1] != n_columns)
    rows = array.T if is_turned else array
    if rows.ndim != 2 or rows.shape[1] != n_columns:
        wanted = f"({n_columns}, …)" if said.endswith(".T") else f"(…, {n_columns})"
        raise _no_fit(name, said, wanted, array)
    return rows


def _bias(name: str, array: Array, matrix: Array | None) -> Array:
    if matrix is None or array.size != len(matrix):
        wanted = f"({len(matrix)},)" if matrix is not None else "“readout.V”"
        raise _no_fit(name, "readout.d", wanted, array)
    return array.reshape(-1)


def _no_fit(name: str, said: str, wanted: str, array: Array) -> ModelError:
    return ModelError(
        "“{name}” is said to be {slot}, which needs {wanted}, but its shape is {came}; change what"
        " it is.",
        name=shown(name, 80),
        slot=said,
        wanted=wanted,
        came=array.shape,
    )


def mapping_needed(arrays: Mapping[str, Array], source: str) -> MappingNeeded:
    """The error for a file whose names do not tell the gates."""
    shapes = {name: array.shape for name, array in arrays.items()}
    return MappingNeeded(
        "“{source}” should hold a recurrent layer under names that tell its gates, but its arrays"
        " are {came}; say what they are, as in"
        ' read_model(path, names={{"{first}": "forget.x", …}}), or open the file of another model.',
        source=shown(source, 80),
        came=described(shapes),
        first=shown(next(iter(arrays)), 40),
        arrays=shapes,
    )


def described(shapes: Shapes) -> str:
    """The first arrays by name and shape.

    >>> described({"W": (2, 3)})
    'W (2, 3)'
    """
    first = [f"{shown(name, 60)} {shapes[name]}" for name in list(shapes)[:_MAX_NAMED]]
    more = len(shapes) - len(first)
    return ", ".join(first) + (f", … +{more}" if more else "")
