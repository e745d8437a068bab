"""Linear RNN with a gate: diagonal, both parts see the input alone, so that all steps run at once.

    f_t = σ(W_xf x_t + b_f)
    n_t = W_xn x_t + b_n
    h_t = f_t ⊙ h_{t-1} + n_t

R. Grazzi, J. Siems, J. K. H. Franke, A. Zela, F. Hutter and M. Pontil, "Unlocking State-Tracking in
Linear RNNs Through Negative Eigenvalues", ICLR 2025, equation 1 with a diagonal A: the recurrence
of Mamba and its kin for one number of state a unit. Variant of the gate: tanh, whose range of −1 to
1 is the paper's 2σ − 1 with weights of another scale.
"""

from __future__ import annotations

from math import inf

from rnnviz.core.backend import Backend
from rnnviz.core.cell import Cell, Gate, Gates, Recurrence, Signal, Signals, equations_in
from rnnviz.core.diagram import Anchor, Diagram, Edge, Node, gate_wires


def step(x: Signals, h: Recurrence, state: Signals, gate: Gates, backend: Backend) -> Signals:
    """One timestep, arrays (batch, unit); Grazzi et al. (2025), equation 1."""
    forget = gate("forget", x["forget"])
    candidate = gate("candidate", x["candidate"])
    hidden = forget * state["hidden"] + candidate
    return {"forget": forget, "candidate": candidate, "hidden": hidden}


_DIAGRAM = Diagram(
    size=(40, 19.6),
    nodes=(
        Node("x", "input", (19, 18.8)),
        Node("hidden before", "before", (0.4, 4.2), "hidden", Anchor((0.4, 0.4))),
        Node("forget", "dense", (9, 12.4), "forget", phrase=Anchor((9.7, 6.4)), width=11),
        Node("candidate", "dense", (29, 12.4), "candidate", width=11),
        Node("kept", "times", (9, 4.2), "hidden", Anchor((15, 0.4), "middle")),
        Node("sum", "plus", (29, 4.2), "hidden"),
        Node("hidden after", "after", (39.6, 4.2), "hidden", Anchor((39.6, 0.4), "end")),
    ),
    edges=(
        *gate_wires("x", {"forget": 9, "candidate": 29}, 16.9, (19, 16.9)),
        Edge("forget", "kept"),
        Edge("hidden before", "kept"),
        Edge("candidate", "sum"),
        Edge("kept", "sum"),
        Edge("sum", "hidden after"),
    ),
)

LINEAR_RNN = Cell(
    name="linear_rnn",
    title="Linear RNN",
    source="Grazzi et al. 2025",
    equations=equations_in(__doc__),
    gates=(Gate("forget", recurrence="none"), Gate("candidate", "linear", recurrence="none")),
    signals=(
        Signal("forget", "f", "gate", -1, 1, "keeps", gloss="signed_gate"),
        Signal("candidate", "n", "candidate", -inf, inf),
        Signal("hidden", "h", "state", -inf, inf),
    ),
    states=("hidden",),
    step=step,
    activations={"forget": ("sigmoid", "tanh")},
    biases=("b",),
    diagram=_DIAGRAM,
)
