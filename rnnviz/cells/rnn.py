"""The simple recurrent network.

    h_t = tanh(U x_t + W h_{t-1} + b)

J. L. Elman, "Finding Structure in Time", Cognitive Science 14 (1990). Its output,
y_t = softmax(V h_t + d), is the model's readout (`rnnviz.network.model.Readout`).

Variants: relu in place of tanh; a one-to-one recurrence, W diagonal, so that a unit sees only its
own past (Li et al., "Independently Recurrent Neural Network", CVPR 2018).
"""

from __future__ import annotations

from rnnviz.core.backend import Backend
from rnnviz.core.cell import Cell, Gate, Gates, Recurrence, Signal, Signals, equations_in
from rnnviz.core.diagram import Anchor, Diagram, Edge, Node


def step(x: Signals, h: Recurrence, state: Signals, gate: Gates, backend: Backend) -> Signals:
    """One timestep, arrays (batch, unit); Elman (1990)."""
    hidden = gate("hidden", x["hidden"] + h["hidden"])
    return {"hidden": hidden}


_DIAGRAM = Diagram(
    size=(40, 13.4),
    nodes=(
        Node("x", "input", (20, 12.4)),
        Node("hidden before", "before", (0.4, 5.6), "hidden", Anchor((0.4, 1.8))),
        Node("hidden", "dense", (20, 5.6), "hidden", width=13),
        Node("hidden after", "after", (39.6, 5.6), "hidden", Anchor((39.6, 1.8), "end")),
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
    equations=equations_in(__doc__),
    gates=(Gate("hidden", "tanh"),),
    signals=(Signal("hidden", "h", "state", -1, 1),),
    states=("hidden",),
    step=step,
    activations={"hidden": ("tanh", "relu")},
    recurrences=("full", "one_to_one"),
    diagram=_DIAGRAM,
    order=1,
)
