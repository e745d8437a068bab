"""Checks that a Model or a Trace came where the library's calls want one."""

from __future__ import annotations

from rnnviz.core.checks import shown
from rnnviz.engine.trace import Trace
from rnnviz.errors import InputError, ModelError
from rnnviz.network.model import Model


def check_model(came: object) -> None:
    """Raise ModelError for anything but a Model.

    >>> import rnnviz as rv
    >>> check_model(rv.random_model("gru", n_inputs=1, n_units=2))
    """
    if not isinstance(came, Model):
        raise ModelError(
            "A Model is wanted, but {came} came; read a module with rv.from_torch or a file with"
            " rv.read_model first.",
            came=shown(type(came).__name__),
        )


def check_trace(came: object) -> None:
    """Raise InputError for anything but a Trace.

    >>> import rnnviz as rv
    >>> check_trace(rv.trace(rv.random_model("gru", n_inputs=1, n_units=2), [[0.5]]))
    """
    if not isinstance(came, Trace):
        raise InputError(
            "A Trace is wanted, but {came} came; give what rv.trace(model, …) returned, or a"
            " window of a recording.",
            came=shown(type(came).__name__),
        )
