"""The simple recurrent network.

    h_t = tanh(U x_t + W h_{t-1} + b)
    y_t = softmax(V h_t + d)

J. L. Elman, "Finding Structure in Time", Cognitive Science 14 (1990). The second line is the
model's readout (`rnnviz.network.model.Readout`).

Variants: relu in place of tanh; a one-to-one recurrence, W diagonal, so that a unit sees only its
own past (Li et al., "Independently Recurrent Neural Network", CVPR 2018, eq. 2).
"""

from __future__ import annotations

from collections.abc import Mapping

from rnnviz.core.backend import Backend, Tensor
from rnnviz.core.cell import Cell, Gate, GateFunctions, RecurrentInput, Signal, Signals
from rnnviz.core.diagram import Diagram, Edge, Node, Spot


def step(
    x: Mapping[str, Tensor],
    h: RecurrentInput,
    state: Mapping[str, Tensor],
    gate: GateFunctions,
    backend: Backend,
) -> Signals:
    """One timestep, arrays (batch, unit); Elman (1990)."""
    hidden = gate("hidden", x["hidden"] + h["hidden"])
    return {"hidden": hidden}


_DIAGRAM = Diagram(
    size=(40, 13.4),
    nodes=(
        Node("x", "input", (20, 12.4)),
        Node("hidden before", "before", (0.4, 5.6), "hidden", Spot((0.4, 1.8))),
        Node("hidden", "dense", (20, 5.6), "hidden", width=13),
        Node("hidden after", "after", (39.6, 5.6), "hidden", Spot((39.6, 1.8), "end")),
    ),
    edges=(
        Edge("x", "hidden"),
        Edge("hidden before", "hidden"),
        Edge("hidden", "hidden after"),
    ),
)

RNN = Cell(
    name="rnn",
    title="RNN",
    source="Elman 1990",
    equations=("h_t = tanh(U x_t + W h_{t-1} + b)",),
    gates=(Gate("hidden", "tanh"),),
    signals=(Signal("hidden", "h", "state", -1, 1),),
    states=("hidden",),
    step=step,
    activations={"hidden": ("tanh", "relu")},
    diagonal=True,
    diagram=_DIAGRAM,
)
