"""Names of a file as path, stem and what they hold: `cell/ii/kernel` is the weights of `ii`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from rnnviz.readers.slots import Slot

_WEIGHTS, _BIASES = ("weight", "kernel", "w"), ("bias", "b")
_VARIABLE = re.compile(r":\d+$")


@dataclass(frozen=True)
class NamedLeaf:
    """One array by its name.

    name           in the file.
    stem           the word that tells what it is: "W_xi", "ii".
    part           "weights" or "bias" of a linear layer named by the stem, "" for an array of its
                   own.
    is_transposed  whether its framework stores (input, unit); None where none tells.
    """

    name: str
    stem: str
    part: Literal["", "weights", "bias"] = ""
    is_transposed: bool | None = None

    def slot(self, gates: tuple[str, ...], role: str) -> Slot:
        """The slot of the leaf, stored as its framework does."""
        slot = Slot(gates, role)
        return replace(slot, is_transposed=self.is_transposed) if slot.is_matrix else slot


@dataclass(frozen=True)
class LeafGroup:
    """The leaves that stand together under a path."""

    path: str
    leaves: tuple[NamedLeaf, ...]

    def find(self, stem: str, part: str = "") -> NamedLeaf | None:
        """The leaf of a stem, None where there is none."""
        return self._by_stem.get((stem, part))

    @cached_property
    def _by_stem(self) -> dict[tuple[str, str], NamedLeaf]:
        return {(leaf.stem, leaf.part): leaf for leaf in reversed(self.leaves)}

    @cached_property
    def word(self) -> str:
        """The last part of the path in lower case, without a number behind."""
        return re.sub(r"_?\d+$", "", re.split(r"[./]", self.path.lower())[-1])


def leaf_groups(names: Iterable[str]) -> tuple[LeafGroup, ...]:
    """Every group of a file, of arrays beside each other and of linear layers beside each other.

    >>> [group.path for group in leaf_groups(["cell/ii/kernel", "fc.weight"])]
    ['cell/ii', 'cell', '']
    """
    groups: dict[tuple[str, bool], list[NamedLeaf]] = {}
    for name in names:
        place, _, word = _split(_VARIABLE.sub("", name))
        groups.setdefault((place, False), []).append(NamedLeaf(name, word))
        outer, _, stem = _split(place)
        if stem and word in (*_WEIGHTS, *_BIASES):
            part: Literal["weights", "bias"] = "weights" if word in _WEIGHTS else "bias"
            leaf = NamedLeaf(name, stem, part, word != "weight")
            groups.setdefault((outer, True), []).append(leaf)
    return tuple(
        LeafGroup(path, tuple(leaves))
        for (path, _), leaves in groups.items()
        # A module's own weight and bias, of which most files are full, are no cell.
        if any(leaf.stem not in ("weight", "bias") for leaf in leaves)
    )


def _split(name: str) -> tuple[str, str, str]:
    """What stands before the last separator, that, and the last part."""
    at = max(name.rfind("."), name.rfind("/"))
    return (name[:at], name[at], name[at + 1 :]) if at >= 0 else ("", "", name)
