"""A change that is seen at once, for where nobody has made one yet."""

from __future__ import annotations

from rnnviz.interventions.types import Clamp, Intervention, Reset
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model


def example(model: Model, n_steps: int, *, layer: int = 0) -> Intervention:
    """From the middle on the layer keeps all that it holds; one without a gate forgets it there.

    Raises IndexError for a layer that the model does not have.

    >>> import rnnviz as rv
    >>> example(rv.random_model("lstm", 1, 2), 10)
    Clamp(gate='forget', value=1.0, units=None, start=5, stop=None, layer=0, row=None)
    >>> example(rv.random_model("rnn", 1, 2), 10)
    Reset(step=5, layer=None, row=None)
    """
    held = _keeping(model.layers[layer])
    if held is None:
        return Reset(n_steps // 2)
    gate, value = held
    return Clamp(gate, value, start=n_steps // 2, layer=layer)


def _keeping(layer: Layer) -> tuple[str, float] | None:
    """The gate that keeps, and where it keeps all; what has none keeps by not writing."""
    # A share of two gates keeps as its own gate does.
    meanings = {s.name.removesuffix("_share"): s.at_one for s in layer.kind.signals}
    gates = {meanings.get(gate.name): gate.name for gate in layer.kind.gates}
    if "keeps" in gates:
        return gates["keeps"], 1.0
    return (gates["writes"], 0.0) if "writes" in gates else None
