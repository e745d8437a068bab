"""All recurrent stacks of a file, and which of its matrices lie nearest to each."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from rnnviz.readers.embedding_readout import Matrices, NamedMatrix
from rnnviz.readers.recurrent import ModuleStack

# A path's parts, each in the branch of the one before it.
_Branch = dict[str, "_Branch"]


@dataclass(frozen=True, eq=False)
class FileStacks:
    """The stacks of a file, and the matrices that an embedding or a readout may be."""

    stacks: tuple[ModuleStack, ...]
    matrices: Matrices

    @cached_property
    def used(self) -> frozenset[str]:
        """Names of the arrays that the stacks are made of."""
        modules = (module for stack in self.stacks for module in stack.modules)
        return frozenset(name for module in modules for name in module.used)

    def nearest(self, stack: ModuleStack) -> list[NamedMatrix]:
        """The matrices to which no other stack lies nearer, by the parts that their paths share."""
        own = [place for branch in self._branches(stack.path) for place in self._places[id(branch)]]
        return [self.matrices[place] for place in sorted(own)]

    @cached_property
    def _root(self) -> _Branch:
        root: _Branch = {}
        for stack in self.stacks:
            branch = root
            for part in _parts(stack.path):
                branch = branch.setdefault(part, {})
        return root

    @cached_property
    def _places(self) -> dict[int, list[int]]:
        """Places of the matrices by the last branch that a stack shares with them."""
        places: dict[int, list[int]] = defaultdict(list)
        for place, matrix in enumerate(self.matrices):
            *_, last = self._branches(matrix.path)
            places[id(last)].append(place)
        return places

    def _branches(self, path: str) -> Iterator[_Branch]:
        branch: _Branch | None = self._root
        for part in (*_parts(path), None):
            if branch is None:
                return
            yield branch
            branch = branch.get(part) if part is not None else None


def _parts(path: str) -> list[str]:
    return re.split(r"[./]", path)
