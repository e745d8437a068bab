"""Every cell by its name; adding one is adding a file here and its name below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnnviz.core.cell import Cell

_NAMES = (
    "rnn",
    "lstm",
    "gru",
    "gru_reset_after",
    "lstm_peephole",
    "lstm_projected",
    "lstm_coupled",
    "lstm_layer_norm",
    "mgu",
    "min_gru",
    "min_lstm",
    "slstm",
)


class _Cells(Mapping[str, "Cell"]):
    """Cells by name; a cell's file is opened when the cell is first asked for."""

    def __init__(self) -> None:
        self._opened: dict[str, Cell] = {}

    def __getitem__(self, name: str) -> Cell:
        if name in _NAMES and name not in self._opened:
            self._opened[name] = getattr(import_module(f"rnnviz.cells.{name}"), name.upper())
        return self._opened[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_NAMES)

    def __len__(self) -> int:
        return len(_NAMES)


CELLS: Mapping[str, Cell] = _Cells()
