"""Arrays under our own names, `forget.x` or `layers.0.forward.forget.x` ▶ recurrent modules."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import cast

from rnnviz.cells import CELLS
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Cell
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.network.layer import Direction
from rnnviz.readers.recurrent import DirectionWeights, RecurrentModule, check_matrix
from rnnviz.readers.tensors import finite_floats

_NAME = re.compile(r"(?:(?P<place>.*)[./])?(?P<own>[a-z_]+\.[a-z]+)", re.DOTALL)
_SIDE = r"(?P<side>forward|backward)"
_PLACES = tuple(
    re.compile(rf"(?P<path>(?:.*[./])?){pattern}", re.DOTALL)
    for pattern in (
        # As Model.arrays() names them: "lstm layer 0 forward".
        rf"(?P<cell>\w+) layer (?P<level>\d{{1,4}}) {_SIDE}",
        rf"(?:layers[./])(?P<level>\d{{1,4}})[./]{_SIDE}",
        rf"(?P<level>\d{{1,4}})[./]{_SIDE}",
    )
)
# By the dimensions of `gate.h`; other arrays are refused when the layer is made.
_RECURRENCES = {1: "one_to_one", 2: "full"}
Places = dict[tuple[int, Direction], dict[str, str]]


def gate_modules(
    arrays: Mapping[str, Array], answers: Mapping[str, str]
) -> tuple[RecurrentModule, ...]:
    """Every stack of layers under our own names.

    Raises ModelError when the names make no cell, and naming an array that is not finite.

    >>> import numpy as np
    >>> arrays = {"hidden.x": np.ones((2, 3)), "hidden.h": np.ones((2, 2))}
    >>> gate_modules(arrays, {})[0].cells
    ('rnn',)
    """
    known = {param.name for cell in CELLS.values() for param in cell.params}
    stacks: dict[tuple[str, str], Places] = {}
    for name in arrays:
        found = _NAME.fullmatch(name)
        if found and found["own"] in known:
            path, cell, level, side = _place(found["place"] or "")
            places = stacks.setdefault((path, cell), {})
            places.setdefault((level, side), {})[found["own"]] = name
    return tuple(
        _module(path, cell, places, arrays, answers)
        for (path, cell), places in stacks.items()
        if any(own.endswith(".x") for names in places.values() for own in names)
    )


def _place(place: str) -> tuple[str, str, int, Direction]:
    """Path, cell or "", level and direction of what stands before `gate.role`."""
    for pattern in _PLACES:
        if found := pattern.fullmatch(place):
            side = cast(Direction, found["side"])
            cell = found.groupdict().get("cell", "")
            return found["path"].rstrip("./"), cell, int(found["level"]), side
    return place, "", 0, "forward"


def _module(
    path: str,
    cell: str,
    places: Places,
    arrays: Mapping[str, Array],
    answers: Mapping[str, str],
) -> RecurrentModule:
    directions = tuple(
        DirectionWeights(level, side, _finite(names, arrays, answers))
        for (level, side), names in sorted(
            places.items(), key=lambda place: (place[0][0], place[0][1] == "backward")
        )
    )
    cells = fitting_cells(cell, [each.weights for each in directions])
    for each in directions:
        for own, array in each.weights.items():
            if own.endswith(".x"):
                check_matrix(own, array)
    return RecurrentModule(
        path,
        "rnnviz",
        cells,
        directions,
        {},
        frozenset(name for names in places.values() for name in names.values()),
        cell_origin="names",
    )


def _finite(
    names: Mapping[str, str], arrays: Mapping[str, Array], answers: Mapping[str, str]
) -> dict[str, Array]:
    return {own: finite_floats(name, arrays[name], answers) for own, name in names.items()}


def fitting_cells(given: str, layers: Collection[Mapping[str, Array]]) -> tuple[str, ...]:
    """The cells that take exactly these weights; the one with the fewest left out comes first.

    given   the only cell that will do, "" for any.
    layers  weights of each level in each direction.

    Raises ModelError when there is none.

    >>> import numpy as np
    >>> fitting_cells("", [{"hidden.x": np.ones((2, 3)), "hidden.h": np.ones((2, 2))}])
    ('rnn',)
    """
    names = [set(weights) for weights in layers]
    fitting = [c for c in CELLS.values() if all(_takes(c, weights) for weights in layers)]
    if given:
        fitting = [cell for cell in fitting if cell.name == given]
    if not fitting:
        raise ModelError(
            "The arrays {came} make none of the cells {cells}; name every weight gate.role.",
            came=shown(", ".join(sorted(set().union(*names))), 200),
            cells=given or ", ".join(CELLS),
        )
    # A peephole cell without peepholes is the cell without them.
    plain = [cell for cell in fitting if not _has_peephole(cell)] or fitting
    chosen = fitting if any(own.endswith(".p") for own in names[0]) else plain
    return tuple(cell.name for cell in sorted(chosen, key=lambda cell: len(cell.params)))


def _takes(cell: Cell, weights: Mapping[str, Array]) -> bool:
    required = {param.name for param in cell.params if param.required}
    recurrences = {_RECURRENCES.get(w.ndim) for name, w in weights.items() if name.endswith(".h")}
    named = required <= weights.keys() <= cell.params_by_name.keys()
    return named and recurrences <= {*cell.recurrences, None}


def _has_peephole(cell: Cell) -> bool:
    return any(param.name.endswith(".p") for param in cell.params)
