"""minGRU: a GRU whose gate and candidate see the input alone, so that all steps can run at once.

    z_t = σ(W_xz x_t + b_z)
    n_t = W_xn x_t + b_n
    h_t = z_t ⊙ h_{t-1} + (1 − z_t) ⊙ n_t

L. Feng, F. Tung, M. O. Ahmed, Y. Bengio and H. Hajimirsadeghi, "Were RNNs All We Needed?",
arXiv 2410.01201 (2024), section 3.1. In the paper z = 1 writes, (1 − z_t) ⊙ h_{t-1} + z_t ⊙ n_t;
here z = 1 keeps, as in every GRU, so that the paper's W_xz and b_z come in negated. Variants of
the candidate: "positive", the paper's g (appendix B: x + 0.5 where x ≥ 0, else σ(x)), and tanh.
"""

from __future__ import annotations

from math import inf

from rnnviz.core.backend import Backend
from rnnviz.core.cell import Cell, Gate, Gates, Recurrence, Signal, Signals, equations_in
from rnnviz.core.diagram import Anchor, Diagram, Edge, Node, gate_wires


def step(x: Signals, h: Recurrence, state: Signals, gate: Gates, backend: Backend) -> Signals:
    """One timestep, arrays (batch, unit); Feng et al. (2024), section 3.1."""
    update = gate("update", x["update"])
    candidate = gate("candidate", x["candidate"])
    hidden = update * state["hidden"] + (1 - update) * candidate
    return {"update": update, "candidate": candidate, "hidden": hidden}


_DIAGRAM = Diagram(
    size=(40, 25.6),
    nodes=(
        Node("x", "input", (19, 24.8)),
        Node("hidden before", "before", (0.4, 4.2), "hidden", Anchor((0.4, 0.4))),
        Node("update", "dense", (9, 18.4), "update", phrase=Anchor((9.7, 6.4)), width=11),
        Node("candidate", "dense", (29, 18.4), "candidate", width=11),
        Node("kept", "times", (9, 4.2), "hidden", Anchor((15, 0.4), "middle")),
        Node("rest", "one_minus", (19, 10), "update", Anchor((19, 11.6), "middle")),
        Node("written", "times", (29, 10), "hidden", Anchor((29.7, 6))),
        Node("sum", "plus", (29, 4.2), "hidden"),
        Node("hidden after", "after", (39.6, 4.2), "hidden", Anchor((39.6, 0.4), "end")),
    ),
    edges=(
        *gate_wires("x", {"update": 9, "candidate": 29}, 22.9, (19, 22.9)),
        Edge("update", "kept"),
        Edge("hidden before", "kept"),
        Edge("update", "rest", ((9, 10),)),
        Edge("rest", "written"),
        Edge("candidate", "written"),
        Edge("kept", "sum"),
        Edge("written", "sum"),
        Edge("sum", "hidden after"),
    ),
)

MIN_GRU = Cell(
    name="min_gru",
    title="minGRU",
    source="Feng et al. 2024",
    equations=equations_in(__doc__),
    gates=(Gate("update", recurrence="none"), Gate("candidate", "linear", recurrence="none")),
    signals=(
        Signal("update", "z", "gate", 0, 1, "keeps"),
        Signal("candidate", "n", "candidate", -inf, inf),
        Signal("hidden", "h", "state", -inf, inf),
    ),
    states=("hidden",),
    step=step,
    activations={"candidate": ("linear", "positive", "tanh")},
    biases=("b",),
    diagram=_DIAGRAM,
    order=10,
)
