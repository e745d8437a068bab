"""What a file holds around its recurrent stacks, indexed once for all of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.readers.beside import Surroundings, is_bias_of_matrix, path_parts
from rnnviz.readers.embedding_readout import Matrices, NamedMatrix
from rnnviz.readers.recurrent import ModuleStack

_MAX_LEFT_OUT = 200


class ArraysAround:
    """The arrays of a file around its recurrent stacks.

    arrays        all of the file.
    matrices      those that an embedding or a readout may be.
    stacks        all of the file; a stack without modules marks a place that another takes.
    surroundings  what must be accounted for; None where all that lies around is known.
    """

    def __init__(
        self,
        arrays: Mapping[str, Array],
        matrices: Matrices,
        stacks: Iterable[ModuleStack],
        surroundings: Surroundings | None = None,
    ) -> None:
        stacks = tuple(stacks)
        used = {name for stack in stacks for module in stack.modules for name in module.used}
        self.arrays, self.surroundings = arrays, surroundings
        self.left = [name for name in arrays if name not in used]
        self._widths: dict[int, list[NamedMatrix]] = {}
        for matrix in matrices:
            self._widths.setdefault(matrix.shape[1], []).append(matrix)
        self._read = Counter(m.shape[1] for m in matrices if m.kind == "linear")
        self._recurrent = {stack.modules[0].n_inputs for stack in stacks if stack.modules}
        paths = {_prefix(path_parts(stack.path), length) for stack in stacks for length in _DEPTHS}
        self._nearest = {matrix: _longest(path_parts(matrix.path), paths) for matrix in matrices}
        self._embeddings = {matrix.weights for matrix in matrices if matrix.is_embedding}
        self._sized = self._by_size(paths) if surroundings is not None else {}

    def of_width(self, n_columns: int) -> Sequence[NamedMatrix]:
        """The matrices that have so many columns."""
        return self._widths.get(n_columns, ())

    def is_near(self, matrix: NamedMatrix, path: str) -> bool:
        """True when no other stack of the file lies nearer to the matrix than the one at a path."""
        nearest = self._nearest[matrix]
        return _prefix(path_parts(path), len(nearest)) == nearest

    def is_of_encoder(self, name: str, path: str) -> bool:
        """False for an array outside the encoder at a path, of a file that has a decoder as well.

        What reads the decoder's states, such as the generator of OpenNMT, may have their width.
        """
        parts = path_parts(path)
        place = next((i for i, part in enumerate(parts) if _ENCODER.fullmatch(part)), None)
        if place is None or not self._has_decoder:
            return True
        return _prefix(path_parts(name), place + 1) == _prefix(parts, place + 1)

    @cached_property
    def _has_decoder(self) -> bool:
        return any(_DECODER.search(name) for name in self.arrays)

    def between(
        self, stack: ModuleStack, size: int, taken: Collection[str], is_below: bool
    ) -> tuple[str, ...]:
        """Names of arrays that may compute between a stack and the matrix below or above it.

        They have an axis of the size of what passes there, and no other stack lies nearer.

        taken     names of the matrices joined to the stack; one that holds the same numbers under
                  another name is none of them.
        is_below  whether the matrix is the embedding; another embedding never lies above.
        """
        own = tuple(f"{module.path}." for module in stack.modules if module.path)
        same = [self.arrays[name] for name in taken]
        path = path_parts(stack.path)
        return tuple(
            name
            for name, nearest in self._sized.get(size, {}).items()
            if _prefix(path, len(nearest)) == nearest
            and name not in taken
            and self.is_of_encoder(name, stack.path)
            and not name.startswith(own)
            and (is_below or name not in self._embeddings)
            and not any(_are_equal(self.arrays[name], each) for each in same)
        )

    def is_read(self, matrix: NamedMatrix) -> bool:
        """True when another layer reads as many numbers as this one gives."""
        rows, columns = matrix.shape
        others = self._read[rows] - (rows == columns and matrix.kind == "linear")
        is_numbered = matrix.word[-1:].isdigit()
        return others > 0 or (is_numbered and rows in self._recurrent)

    def are_equal(self, matrices: Sequence[NamedMatrix]) -> bool:
        """True when all hold the same numbers, as weights that are shared do."""
        first = self.arrays[matrices[0].weights]
        return all(_are_equal(self.arrays[each.weights], first) for each in matrices[1:])

    def _by_size(self, paths: set[tuple[str, ...]]) -> dict[int, dict[str, tuple[str, ...]]]:
        """The nearest path by the name of each array that is left, by the sizes of its axes."""
        shapes = {name: self.arrays[name].shape for name in self.left}
        found: dict[int, dict[str, tuple[str, ...]]] = {}
        for name, shape in shapes.items():
            if not is_bias_of_matrix(name, shapes):
                nearest = _longest(path_parts(name), paths)
                for size in set(shape):
                    found.setdefault(size, {})[name] = nearest
        return found

    def left_out(self, taken: Iterable[str]) -> tuple[str, ...]:
        """The first arrays that no stack has, without those taken, and how many more there are."""
        taken = set(taken)
        names = [name for name in self.left[: _MAX_LEFT_OUT + len(taken)] if name not in taken]
        more = len(self.left) - len(taken.intersection(self.left)) - _MAX_LEFT_OUT
        listed = [f"{shown(n, 80)} {self.arrays[n].shape}" for n in names[:_MAX_LEFT_OUT]]
        return (*listed, f"… +{more}") if more > 0 else tuple(listed)


_DEPTHS = range(34)
_ENCODER = re.compile(r"(?:\w*_)?enc(?:oder)?(?:_\w*)?", re.IGNORECASE)
_DECODER = re.compile(r"(?:^|[._])dec(?:oder)?[._]", re.IGNORECASE)


def _are_equal(one: Array, other: Array) -> bool:
    return one.shape == other.shape and np.array_equal(one, other)


def _prefix(parts: Sequence[str], length: int) -> tuple[str, ...]:
    return tuple(parts[:length])


def _longest(parts: Sequence[str], paths: set[tuple[str, ...]]) -> tuple[str, ...]:
    """The longest start of a path that is one of the paths."""
    starts = (_prefix(parts, length) for length in range(len(parts), -1, -1))
    return next((start for start in starts if start in paths), ())
