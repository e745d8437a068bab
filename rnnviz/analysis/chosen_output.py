"""The number of an output, by its number or name."""

from __future__ import annotations

from rnnviz.analysis.cursor import check_index
from rnnviz.core.checks import shown
from rnnviz.engine.trace import Trace
from rnnviz.errors import InputError


def output_number(trace: Trace, output: int | str) -> int:
    """Number of a readout's output, or without a readout of a hidden number of the top level.

    Raises InputError for an output that the trace does not have.

    >>> import rnnviz as rv
    >>> model = rv.random_model("gru", n_inputs=1, n_units=2, n_outputs=3)
    >>> output_number(rv.trace(model, [[0.5]]), "y2")
    2
    """
    names = trace.output_names
    number = names.index(output) if isinstance(output, str) and output in names else output
    if isinstance(number, str):
        raise InputError(
            "The outputs are {names}, but “{came}” was asked for.",
            names=shown(", ".join(names) or f"0 to {trace.outputs.shape[2] - 1}", 200),
            came=shown(output),
        )
    check_index("output", number, trace.outputs.shape[2])
    return int(number)
