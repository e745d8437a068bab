"""Equations as LaTeX."""

from __future__ import annotations

import pytest

from rnnviz.cells import CELLS
from rnnviz.diagrams.symbols import latex_equations, latex_symbol


def test_the_equations_of_the_lstm_read_like_a_textbook() -> None:
    lines = latex_equations(CELLS["lstm"])
    assert lines[0] == r"f_t = \sigma(W_{xf} x_t + b_{xf} + W_{hf} h_{t-1} + b_{hf})"
    assert lines[-2:] == (
        r"c_t = f_t \odot c_{t-1} + i_t \odot g_t",
        r"h_t = o_t \odot \tanh(c_t)",
    )


@pytest.mark.parametrize("cell", CELLS.values(), ids=lambda cell: cell.name)
def test_every_equation_is_plain_ascii_with_balanced_braces(cell: object) -> None:
    lines = latex_equations(cell)
    assert len(lines) == len(cell.equations)
    for line in lines:
        assert line.isascii(), line
        assert line.count("{") == line.count("}")
        assert line.count("(") == line.count(")")


@pytest.mark.parametrize("cell", CELLS.values(), ids=lambda cell: cell.name)
def test_every_signal_of_a_cell_is_computed_by_one_of_its_equations(cell: object) -> None:
    computed = {line.partition(" = ")[0] for line in latex_equations(cell)}
    assert {f"{latex_symbol(signal)}_t" for signal in cell.signals} <= computed
