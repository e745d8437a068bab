"""A cell's equations as LaTeX, names as in the cell's own file."""

from __future__ import annotations

import re

from rnnviz.core.cell import Cell, Signal

_SIGNS = {
    "σ": r"\sigma",
    "tanh": r"\tanh",
    "⊙": r"\odot",
    "−": "-",
    "ĉ": r"\hat{c}",
    "LN": r"\mathrm{LN}",
    "f̃": r"\tilde{f}",
    "ĩ": r"\tilde{\imath}",
    "exp(": r"\exp(",
    "max(": r"\max(",
    "log ": r"\log ",
}


def latex(cell: Cell) -> tuple[str, ...]:
    r"""One line of LaTeX an equation.

    >>> from rnnviz.cells import CELLS
    >>> latex(CELLS["rnn"])[0]
    'h_t = \\tanh(U x_t + W h_{t-1} + b)'
    """
    return tuple(map(_line, cell.equations))


def letter(signal: Signal) -> str:
    r"""A signal's symbol as LaTeX: `f`, `\hat{c}`."""
    return _line(signal.symbol)


def _line(equation: str) -> str:
    for sign, spelled in _SIGNS.items():
        equation = equation.replace(sign, spelled)
    return re.sub(r"_([a-z]{2,})", r"_{\1}", equation)
