"""Arrays beside a recurrent module's weights: a part of what it computes, or none.

A layer is an LSTM only if everything under its own path is accounted for. What no rule understands
is asked about where it may well be unused, and refused by name where its place, its name and its
shape say that the cell computes with it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from rnnviz.core.arrays import Shapes
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.recurrent import RecurrentModule
from rnnviz.readers.result import Answers, ImportQuestion

LEFT_OUT, PART_OF_CELL = "left_out", "part_of_cell"
_NORM = re.compile(
    r"norm|(?:^|[._/])(?:ln|bn|gn)(?:\d|_|$|[./])|gamma|beta|peephole|gain", re.IGNORECASE
)
_MAX_NAMED, _MAX_DISTANCE, _MAX_DEPTH, _MAX_DIGITS = 6, 3, 32, 10


class Surroundings:
    """Arrays of a file that no recurrent module has, found by where they stand.

    shapes   by name.
    modules  all recurrent modules of the file.
    """

    def __init__(self, shapes: Shapes, modules: Iterable[RecurrentModule]) -> None:
        modules = tuple(modules)
        used = {name for module in modules for name in module.used}
        self.shapes = {name: shape for name, shape in shapes.items() if name not in used}
        paths = [tuple(path_parts(module.path)) for module in modules]
        self._under: dict[tuple[str, ...], list[str]] = {
            path[:length]: [] for path in paths for length in range(len(path) + 1)
        }
        self._direct: dict[tuple[str, ...], list[str]] = {path: [] for path in self._under}
        deepest = max(map(len, self._under), default=0)
        for name in self.shapes:
            parts = path_parts(name)
            for length in range(min(deepest, len(parts)) + 1):
                if (key := tuple(parts[:length])) in self._under:
                    self._under[key].append(name)
                    if length == len(parts) - 1:
                        self._direct[key].append(name)
        self._norms: dict[tuple[str, ...], list[str]] = {}

    def under(self, path: Sequence[str]) -> Sequence[str]:
        """Names that stand under the path of a module, or under a part of it."""
        return self._under.get(tuple(path), ())

    def beside(self, path: Sequence[str]) -> Sequence[str]:
        """Names that stand right beside the last part of a module's path."""
        return self._direct.get(tuple(path[:-1]), ()) if path else ()

    def norms_near(self, path: Sequence[str]) -> Sequence[str]:
        """Names of vectors of norms in modules that stand beside the path's last part."""
        parent = tuple(path[:-1])
        if parent and is_list_index(parent[-1]):
            parent = parent[:-1]
        if parent not in self._norms:
            self._norms[parent] = [
                name
                for name in self.under(parent)
                if len(path_parts(name)) - len(parent) <= _MAX_DISTANCE
                and _NORM.search(name)
                and self.is_vector(name)
            ]
        return self._norms[parent]

    def is_vector(self, name: str) -> bool:
        """True for a vector that is no bias of a linear layer or a convolution."""
        return len(self.shapes[name]) == 1 and not is_bias_of_matrix(name, self.shapes)


def beside_questions(
    modules: Collection[RecurrentModule],
    surroundings: Surroundings | None,
    accounted: Collection[str],
    answers: Answers,
) -> tuple[ImportQuestion, ...]:
    """The question whether the arrays beside the modules' weights may be left out, where any are.

    surroundings  None where all that lies around is known.
    accounted     names that something else understands.

    Raises ModelError naming arrays that are a part of what a module computes, unless the answer
    to "beside" is "left_out".
    """
    if surroundings is None:
        return ()
    found: dict[str, bool] = {}
    for module in modules:
        for name, is_part in _beside(module, surroundings):
            if name not in accounted:
                found[name] = is_part or found.get(name, False)
    if not found:
        return ()
    parts = [name for name, is_part in found.items() if is_part]
    named = _named(parts or list(found), surroundings.shapes)
    likely = PART_OF_CELL if parts else LEFT_OUT
    question = ImportQuestion("beside", (LEFT_OUT, PART_OF_CELL), likely, named)
    if question.choose(answers) == PART_OF_CELL:
        module = next(iter(modules))
        raise ModelError(
            "“{path}” should be one of rnnviz's cells, but it also computes with {named}, as no"
            ' {cell} does; where the network does not use them, the answer beside="left_out" reads'
            " the rest.",
            path=shown(module.path, 80) or module.cells[0],
            named=named,
            cell=module.cells[0],
            lifted_by=("beside", LEFT_OUT),
        )
    return (question,)


def path_parts(path: str) -> list[str]:
    """Parts of a path; none of "".

    >>> path_parts("rnn.cell/kernel")
    ['rnn', 'cell', 'kernel']
    """
    return re.split(r"[./]", path, maxsplit=_MAX_DEPTH) if path else []


def is_list_index(part: str) -> bool:
    """True for a part of a path that is a place in a list.

    >>> is_list_index("12"), is_list_index("rnn1")
    (True, False)
    """
    return part.isascii() and part.isdigit() and len(part) < _MAX_DIGITS


def is_bias_of_matrix(name: str, shapes: Shapes) -> bool:
    """True for the bias of a linear layer or a convolution.

    >>> is_bias_of_matrix("fc.bias", {"fc.bias": (2,), "fc.weight": (2, 3)})
    True
    """
    stem = re.sub(r"(?:bias|b)$", "", name)
    weights = (shapes.get(stem + word, ()) for word in ("weight", "kernel", "w", "W"))
    return stem != name and any(len(shape) > 1 for shape in weights)


def _beside(module: RecurrentModule, around: Surroundings) -> Iterator[tuple[str, bool]]:
    """Names beside the module's weights, and whether they are a part of what it computes."""
    path = path_parts(module.path)
    for name in around.under(path):
        shape = around.shapes[name]
        # A file of one layer alone has no path, and then all of the file lies under it.
        if path or len(path_parts(name)) == 1:
            yield name, _is_of_units(module, shape)
        elif around.is_vector(name) and _is_of_gates(module, shape):
            yield name, True
    # The loop around a cell is written by hand, and may compute with what lies beside it.
    if module.style in ("torch_cell", "named"):
        near = (*around.norms_near(path), *around.beside(path))
        sized = [name for name in near if _is_of_units(module, around.shapes[name])]
        yield from ((name, _is_of_gates(module, around.shapes[name])) for name in sized)


def _is_of_units(module: RecurrentModule, shape: tuple[int, ...]) -> bool:
    return any(size in _unit_sizes(module) for size in shape)


def _is_of_gates(module: RecurrentModule, shape: tuple[int, ...]) -> bool:
    """True for as many numbers as several gates have together."""
    n_units = n_units_of(module)
    return any(size > n_units and size in _unit_sizes(module) for size in shape)


def _unit_sizes(module: RecurrentModule) -> set[int]:
    n_units, n_gates = n_units_of(module), n_gates_of(module)
    return {n_units * count for count in range(1, n_gates + 1)}


def n_units_of(module: RecurrentModule) -> int:
    """Units of the module's lowest level."""
    return len(next(w for name, w in module.directions[0].weights.items() if name.endswith(".x")))


def n_gates_of(module: RecurrentModule) -> int:
    """Gates of the module's cell."""
    return sum(name.endswith(".x") for name in module.directions[0].weights)


def _named(names: list[str], shapes: Shapes) -> str:
    first = ", ".join(f"{shown(name, 80)} {shapes[name]}" for name in names[:_MAX_NAMED])
    return first + (f", … +{len(names) - _MAX_NAMED}" if len(names) > _MAX_NAMED else "")
