"""Gradients of a loss as panels over time, and at the places of a cell's drawing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from rnnviz.analysis.colour_range import robust_limit
from rnnviz.analysis.panels import Panel, Panels, panels
from rnnviz.core.arrays import Array
from rnnviz.core.diagram import Node
from rnnviz.engine.gradients import Gradients
from rnnviz.engine.trace import Trace


def gradient_panels(
    trace: Trace,
    gradients: Gradients,
    signals: Iterable[str] | None = None,
    *,
    layer: int = 0,
    row: int = 0,
    units: Iterable[int] | None = None,
) -> Panels:
    """Gradients with respect to the signals of one layer, a panel a signal, all on one scale.

    By default of all the layer's signals and units. Raises InputError for a layer, row, unit or
    signal that the trace does not have.

    >>> import rnnviz as rv
    >>> model = rv.random_model("rnn", n_inputs=1, n_units=2)
    >>> read = rv.Sequence([[[0.5]], [[0.1]]])
    >>> view = gradient_panels(rv.trace(model, read), rv.gradients(model, read, [-1, 0]))
    >>> view.panels[0].values.shape, view.panels[0].low == -view.panels[0].high
    ((2, 2), True)
    """
    wanted = trace.layers[layer].signals if signals is None else signals
    view = panels(trace, wanted, layer=layer, row=row, units=units)
    of_layer = gradients.layers[layer].signals
    values = {p.signal.name: of_layer[p.signal.name][: view.n_steps, row] for p in view.panels}
    limit = max(map(robust_limit, values.values())) or 1.0
    shown = tuple(_panel(panel, values[panel.signal.name], limit) for panel in view.panels)
    return replace(view, panels=shown)


def _panel(panel: Panel, values: Array, limit: float) -> Panel:
    rows = list(map(int, panel.units))
    return replace(panel, values=values[:, rows].T, low=-limit, high=limit, held=None)


def node_gradients(
    trace: Trace, gradients: Gradients, *, layer: int = 0, row: int = 0
) -> dict[str, Array]:
    """Gradients at the places of a cell's drawing, (time, unit) by the name of the node.

    At a state's end what comes from everything later; at a product what goes into it from there; at
    a state's beginning what goes back to the step before along that wire. Of the simple RNN and the
    LSTM; of the hidden state before, it is what the whole step hands back, so that a readout must
    not look at it too. Empty for another cell, where more than one wire meets at a place.
    """
    traced, found = trace.layers[layer], gradients.layers[layer]
    if traced.cell_name not in ("rnn", "lstm") or traced.cell.diagram is None:
        return {}
    n_steps = trace.sequence.lengths[row]
    own = {name: array[:n_steps, row] for name, array in found.signals.items()}
    values = {name: array[:n_steps, row].astype(float) for name, array in traced.signals.items()}
    back = {"hidden": np.concatenate([found.initial["hidden"][None, row], own["hidden"][:-1]])}
    if "cell" in own:
        back["cell"] = values["forget"] * own["cell"]

    def at(node: Node) -> Array:
        if node.kind == "before":
            return back[node.signal]
        if node.kind == "cell_activation":
            return values["output"] * own["hidden"]
        return own[node.signal]

    return {node.name: at(node) for node in traced.cell.diagram.nodes if node.signal}
