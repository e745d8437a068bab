"""The one order in which signals stand on every page: memory, gates, then what is folded."""

from __future__ import annotations

from rnnviz.analysis.unit_steps import memory_state
from rnnviz.core.cell import Cell


def main_signals(cell: Cell) -> tuple[str, ...]:
    """The memory and the gates, which are shown first.

    >>> from rnnviz.cells import CELLS
    >>> main_signals(CELLS["lstm"])
    ('cell', 'forget', 'input', 'output')
    """
    gates = (signal.name for signal in cell.signals if signal.kind == "gate")
    return (memory_state(cell), *gates)


def ordered_signals(cell: Cell) -> tuple[str, ...]:
    """All signals of a cell: the main ones, then the candidate, what lies between, other states.

    >>> from rnnviz.cells import CELLS
    >>> ordered_signals(CELLS["lstm"])
    ('cell', 'forget', 'input', 'output', 'candidate', 'hidden')
    """
    main = main_signals(cell)
    return (*main, *(signal.name for signal in cell.signals if signal.name not in main))
