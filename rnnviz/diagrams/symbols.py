"""Symbols and equations of a cell, as text and as LaTeX."""

from __future__ import annotations

import re

from rnnviz.core.cell import Cell, Signal
from rnnviz.core.diagram import Diagram

Run = tuple[str, str]
_SIGNS = {"sigmoid": "σ"}
# Of a name that stands before a number in a gate's box.
_SHORT = 4


def activation_symbol(activation: str) -> str:
    """An activation in a formula: σ, its name if that is short, else φ.

    >>> [activation_symbol(name) for name in ("sigmoid", "tanh", "elu(0.5)", "hard_sigmoid")]
    ['σ', 'tanh', 'elu', 'φ']
    """
    name = activation.partition("(")[0]
    return _SIGNS.get(name, name if len(name) <= _SHORT else "φ")


def formula(cell: Cell, gate: str) -> str:
    """Right side of a gate's equation, without subscripts and biases.

    >>> from rnnviz.cells import CELLS
    >>> formula(CELLS["gru_reset_after"], "candidate")
    'tanh(W x + r ⊙ (W h))'
    """
    start = f"{cell.signal(gate).symbol}_t = "
    equation = next((line for line in cell.equations if line.startswith(start)), "")
    bare = re.sub(r"_(\{[^}]*\}|[a-z]+)", "", equation.removeprefix(start))
    return bare.replace(" + b", "")


def expression(cell: Cell, name: str, cell_activation: str = "tanh") -> tuple[Run, ...]:
    """A node's value in symbols, each with the signal whose colour it has, "" for signs.

    cell_activation  the layer's activation of the cell state.

    >>> from rnnviz.cells import CELLS
    >>> "".join(text for text, _ in expression(CELLS["gru"], "written"))
    '(1−z)⊙n'
    """
    diagram = diagram_of(cell)
    node = diagram.node(name)
    if name == node.signal:
        return ((cell.signal(name).symbol, name),)
    inputs = [expression(cell, source.name, cell_activation) for source in diagram.inputs(name)]
    if node.kind == "times":
        one, other = map(_bracketed, inputs)
        return (*one, ("⊙", ""), *other)
    if node.kind == "one_minus":
        return (("1−", ""), *inputs[0])
    if node.kind == "divide":
        return (*inputs[0], ("/", ""), *inputs[1])
    if node.kind == "cell_activation":
        return ((f"{activation_symbol(cell_activation)} ", ""), *inputs[0])
    return ((cell.signal(node.signal).symbol, node.signal),) if node.signal else (("x", ""),)


def gated_value(cell: Cell, gate: str, cell_activation: str = "tanh") -> tuple[Run, ...]:
    """Value that a gate multiplies, in symbols: `c` of "keeps 93 % of c".

    cell_activation  the layer's activation of the cell state.

    >>> from rnnviz.cells import CELLS
    >>> gated_value(CELLS["gru_reset_after"], "reset")
    (('W ', ''), ('h', 'hidden'))
    """
    diagram = diagram_of(cell)
    for edge in diagram.edges:
        others = [node for node in diagram.inputs(edge.target) if node.name != gate]
        if edge.source == gate and diagram.node(edge.target).kind == "times":
            return _bracketed(expression(cell, others[0].name, cell_activation))
        if edge.source == gate and edge.scales:
            state = next(node for node in others if node.kind == "before")
            return (("W ", ""), *expression(cell, state.name))
    return ()


def diagram_of(cell: Cell) -> Diagram:
    """Diagram of a cell that declares one."""
    assert cell.diagram is not None
    return cell.diagram


def _bracketed(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    return (("(", ""), *runs, (")", "")) if runs[0] == ("1−", "") else runs


_OPERATORS = {
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


def latex_equations(cell: Cell) -> tuple[str, ...]:
    r"""A cell's equations as LaTeX, one line each.

    >>> from rnnviz.cells import CELLS
    >>> latex_equations(CELLS["rnn"])[0]
    'h_t = \\tanh(U x_t + W h_{t-1} + b)'
    """
    return tuple(map(_line, cell.equations))


def latex_symbol(signal: Signal) -> str:
    r"""A signal's symbol as LaTeX: `f`, `\hat{c}`."""
    return _line(signal.symbol)


def _line(equation: str) -> str:
    for sign, spelled in _OPERATORS.items():
        equation = equation.replace(sign, spelled)
    return re.sub(r"_([a-z]{2,})", r"_{\1}", equation)
