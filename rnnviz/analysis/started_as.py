"""A model that starts where a run of it started."""

from __future__ import annotations

from dataclasses import replace

from rnnviz.engine.trace import Trace
from rnnviz.network.model import Model


def started_as(model: Model, run: Trace) -> Model:
    """The model from the states that a run of a single row started from.

    >>> import rnnviz as rv
    >>> model = rv.random_model("gru", n_inputs=1, n_units=2)
    >>> started_as(model, rv.trace(model, [[0.5]])).layers[0].initial["hidden"].shape
    (2,)
    """
    layers = (
        replace(layer, initial={name: array[0] for name, array in traced.initial.items()})
        for layer, traced in zip(model.layers, run.layers, strict=True)
    )
    return replace(model, layers=tuple(layers))
