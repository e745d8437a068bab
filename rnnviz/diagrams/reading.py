"""Words for what a layer reads at every step, for its drawing."""

from __future__ import annotations

from rnnviz.analysis.contribution_terms import hidden_symbol
from rnnviz.core.arrays import Array
from rnnviz.engine.trace import Trace
from rnnviz.formatting import format_number, token_label
from rnnviz.i18n import word

_MOST = 22


def what_is_read(trace: Trace, layer: int, row: int = 0, language: str = "en") -> list[str]:
    """The x of the drawing of a layer, a text for every step of a batch row.

    Tokens stand in quotes, few numbers as they are, many are counted, and a layer above the first
    reads the hidden states of the level below.

    >>> import rnnviz as rv
    >>> model = rv.random_model("gru", n_inputs=2, n_units=3, n_layers=2)
    >>> trace = rv.trace(model, [[0.5, -1]])
    >>> what_is_read(trace, 0), what_is_read(trace, 1)
    (['0.500, −1.00'], ['h¹→'])
    """
    n_steps, level = trace.sequence.lengths[row], trace.layers[layer].level
    if level:
        below = [one for one in trace.layers if one.level == level - 1]
        return [", ".join(hidden_symbol(level - 1, one.direction) for one in below)] * n_steps
    if trace.sequence.encoding == "values":
        return [_numbers(step[row], language) for step in trace.sequence.values[:n_steps]]
    tokens = trace.sequence.tokens[row][:n_steps]
    return [word("diagram.quoted", language, token=token_label(token)) for token in tokens]


def _numbers(values: Array, language: str) -> str:
    if len(values) > _MOST // 3:
        return word("diagram.numbers", language, count=len(values))
    text = ", ".join(format_number(float(value)) for value in values)
    return text if len(text) <= _MOST else word("diagram.numbers", language, count=len(values))
