"""Checks that a trace was made by a model."""

from __future__ import annotations

from rnnviz.engine.trace import Trace
from rnnviz.errors import ModelError
from rnnviz.network.model import Model


def check_made_by(model: Model, trace: Trace) -> None:
    """Raise ModelError unless the layers and the inputs of model and trace are the same.

    >>> import rnnviz as rv
    >>> model = rv.random_model("gru", n_inputs=1, n_units=2)
    >>> check_made_by(model, rv.trace(model, [[0.5]]))
    """
    _check_layers(model, trace)
    _check_inputs(model, trace)


def _check_layers(model: Model, trace: Trace) -> None:
    wanted = [f"{layer.title} ({layer.n_units})" for layer in model.layers]
    came = [
        f"{layer.cell_name} layer {layer.level} {layer.direction} ({layer.n_units})"
        for layer in trace.layers
    ]
    if wanted != came:
        raise ModelError(
            "The model has the layers {wanted}, but the trace was made by {came}; trace the"
            " sequence with this model.",
            wanted=", ".join(wanted),
            came=", ".join(came),
        )


def _check_inputs(model: Model, trace: Trace) -> None:
    spare = model.n_inputs - trace.sequence.n_features
    if spare and (spare < 0 or trace.sequence.encoding != "one_hot"):
        raise ModelError(
            "The model reads {wanted} numbers a step, but the trace's sequence has {came}; trace"
            " the sequence with this model.",
            wanted=model.n_inputs,
            came=trace.sequence.n_features,
        )
