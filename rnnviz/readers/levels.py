"""Recurrent modules of a file ▶ stacks of levels, joined only where nothing can lie between.

A state dict names parameters, not the way data takes: `rnns.0` and `rnns.1` may feed each other,
have a norm between them, or read the same input. What speaks for one or the other is weighed here,
and asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from rnnviz.readers.beside import Surroundings, is_list_index, path_parts
from rnnviz.readers.embedding_readout import is_around
from rnnviz.readers.recurrent import ModuleStack, RecurrentModule
from rnnviz.readers.result import Answers, ImportQuestion

STACKED, SEPARATE = "stacked", "separate"
NUMBER = re.compile(r"[_./]?(\d{1,9})(?=$|[_./])|(?<=[a-z])(\d{1,9})(?=$|[_./])")


def stack_modules(
    modules: Iterable[RecurrentModule], around: Surroundings, answers: Answers
) -> tuple[ModuleStack, ...]:
    """Modules as networks: numbered ones that fit on each other may be levels of one.

    around  what else the file holds, and where.

    They are separate where something of the file may lie between them, where they may read the
    same input, and where they have no numbers, unless the answer to "stack" says otherwise.
    """
    groups: dict[tuple[str, ...], list[RecurrentModule]] = {}
    for module in modules:
        groups.setdefault(_group(module), []).append(module)
    return tuple(stack for group in groups.values() for stack in _split(group, around, answers))


def _group(module: RecurrentModule) -> tuple[str, ...]:
    """Key that levels of one network share: the path without its numbers, the cell."""
    name = NUMBER.sub("", module.path)
    if module.style == "torch_cell" and not _numbers(module):
        name = module.path.rpartition(".")[0]
    return name, module.style, *module.cells, module.activation


def _numbers(module: RecurrentModule) -> tuple[int, ...]:
    return tuple(int(found[1] or found[2]) for found in NUMBER.finditer(module.path))


def _split(
    group: list[RecurrentModule], around: Surroundings, answers: Answers
) -> list[ModuleStack]:
    ordered = sorted(group, key=_numbers)
    fits = all(above.n_inputs == below.n_outputs for below, above in pairwise(ordered))
    if len(group) == 1 or not fits:
        return [ModuleStack(module.path, (module,)) for module in group]
    is_numbered = len({_numbers(module) for module in group}) == len(group)
    is_apart = not is_numbered or _Neighbours(ordered).may_be_apart(around)
    question = ImportQuestion("stack", (STACKED, SEPARATE), SEPARATE if is_apart else STACKED)
    if question.choose(answers) == STACKED:
        path = NUMBER.sub("", ordered[0].path) if is_numbered else _group(ordered[0])[0]
        path = path.strip("._/")
        return [ModuleStack(path, tuple(ordered), (question,))]
    return [ModuleStack(module.path, (module,), (question,)) for module in group]


class _Neighbours:
    """What stands beside numbered modules that fit on each other.

    common  the parts of the path that they share.
    blocks  the first part in which they differ: "0", "1"; "lstm1", "lstm2".
    """

    def __init__(self, ordered: list[RecurrentModule]) -> None:
        self.modules = ordered
        paths = [path_parts(module.path) for module in ordered]
        columns = zip(*paths, strict=False)
        n_common = next((i for i, column in enumerate(columns) if len(set(column)) > 1), 0)
        self.common = paths[0][:n_common]
        self.blocks = [path[n_common] if len(path) > n_common else "" for path in paths]
        self.is_list = all(map(is_list_index, self.blocks))

    def may_be_apart(self, around: Surroundings) -> bool:
        """True when something may lie between them, or when they may read the same input."""
        return (
            self._has_gap()
            or self._may_be_parallel()
            or any(self._reads_all(name, around.shapes[name]) for name in self._near(around))
            or any(self._may_lie_between(name, around) for name in self._near(around))
            or self._has_way_through(around)
        )

    def _has_gap(self) -> bool:
        """True for numbers like 0 and 2: what is left out has no arrays, but may compute."""
        last = [_numbers(module)[-1:] for module in self.modules]
        steps = {b[0] - a[0] for a, b in pairwise(last) if a and b}
        return self.is_list and bool(steps - {1})

    def _may_be_parallel(self) -> bool:
        """True for attributes like `lstm1` and `lstm2` that read equally many numbers."""
        return not self.is_list and len({module.n_inputs for module in self.modules}) == 1

    def _reads_all(self, name: str, shape: tuple[int, ...]) -> bool:
        """True for a linear layer that reads the outputs of all of them side by side."""
        total = sum(module.n_outputs for module in self.modules)
        return len(shape) == 2 and shape[-1] == total and is_around(name) != "embedding"

    def _near(self, around: Surroundings) -> Iterable[str]:
        """Names in what holds the modules; the list that they stand in is a module of its own."""
        return around.under(self.common[:-1] if self.is_list else self.common)

    def _may_lie_between(self, name: str, around: Surroundings) -> bool:
        parts = path_parts(name)
        if parts[: len(self.common)] == self.common and len(parts) > len(self.common):
            block = parts[len(self.common)]
            if block in self.blocks:
                return True
            if self.is_list and is_list_index(block):
                numbers = [int(each) for each in self.blocks]
                return min(numbers) < int(block) < max(numbers)
        return any(
            self._fits_between(name, below.n_outputs, above.n_inputs, around)
            for below, above in pairwise(self.modules)
        )

    def _has_way_through(self, around: Surroundings) -> bool:
        """True for a module beside them that reads one's numbers and gives the next one's."""
        scope = len(self.common[:-1] if self.is_list else self.common)
        reading: dict[str, set[str]] = {}
        given = {below.n_outputs for below in self.modules[:-1]}
        read = {above.n_inputs for above in self.modules[1:]}
        for name in self._near(around):
            shape = around.shapes[name]
            parts = path_parts(name)
            in_list = self.is_list and parts[: len(self.common)] == self.common
            if len(shape) > 1 and not is_around(name) and not in_list:
                ways = reading.setdefault(parts[scope], set())
                ways |= {"in"} if given.intersection(shape[1:]) else set()
                ways |= {"out"} if read.intersection(shape[:1]) else set()
        return any(len(ways) == 2 for ways in reading.values())

    def _fits_between(self, name: str, n_given: int, n_read: int, around: Surroundings) -> bool:
        shape = around.shapes[name]
        if len(shape) == 1:
            return shape == (n_given,) and around.is_vector(name)
        is_alone = bool(is_around(name)) and not NUMBER.search(name)
        return shape[:2] in ((n_read, n_given), (n_given, n_read)) and not is_alone
