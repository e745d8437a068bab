"""Cells by name, one file of this folder each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnnviz.core.cell import Cell

_NAMES = frozenset(module.name for module in iter_modules(__path__))


class _Cells(Mapping[str, "Cell"]):
    """Cells by name, in the order of `Cell.order`; a file is imported when its cell is needed."""

    def __init__(self) -> None:
        self._imported: dict[str, Cell] = {}

    def __getitem__(self, name: str) -> Cell:
        if name in _NAMES and name not in self._imported:
            self._imported[name] = getattr(import_module(f"{__name__}.{name}"), name.upper())
        return self._imported[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._ordered)

    def __len__(self) -> int:
        return len(_NAMES)

    @cached_property
    def _ordered(self) -> tuple[str, ...]:
        return tuple(sorted(_NAMES, key=lambda name: (self[name].order, name)))


CELLS: Mapping[str, Cell] = _Cells()
