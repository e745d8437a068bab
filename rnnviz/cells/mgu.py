"""Minimal gated unit: a GRU whose one gate does the work of both.

    f_t = σ(W_xf x_t + W_hf h_{t-1} + b_f)
    n_t = tanh(W_xn x_t + W_hn (f_t ⊙ h_{t-1}) + b_n)
    h_t = (1 − f_t) ⊙ h_{t-1} + f_t ⊙ n_t

G.-B. Zhou, J. Wu, C.-L. Zhang and Z.-H. Zhou, "Minimal Gated Unit for Recurrent Neural Networks",
International Journal of Automation and Computing 13 (2016). The forget gate is the
paper's: where it is 1 the candidate is written and sees all of the past, where it is 0 the old
state is kept. f = 1 throughout is the simple RNN.
"""

from __future__ import annotations

from rnnviz.core.backend import Backend
from rnnviz.core.cell import Cell, Gate, Gates, Recurrence, Signal, Signals, equations_in
from rnnviz.core.diagram import Anchor, Diagram, Edge, Node, gate_wires


def step(x: Signals, h: Recurrence, state: Signals, gate: Gates, backend: Backend) -> Signals:
    """One timestep, arrays (batch, unit); Zhou et al. (2016)."""
    forget = gate("forget", x["forget"] + h["forget"])
    recalled = h.product("candidate", forget * state["hidden"])
    candidate = gate("candidate", x["candidate"] + recalled)
    hidden = (1 - forget) * state["hidden"] + forget * candidate
    return {"forget": forget, "candidate": candidate, "hidden": hidden}


_H, _X = 26.6, 25.2  # the rows in which h and x run below the gates
_DIAGRAM = Diagram(
    size=(40, 29.4),
    nodes=(
        Node("x", "input", (21, 28.6)),
        Node("hidden before", "before", (0.4, 4.2), "hidden", Anchor((0.4, 0.4))),
        Node("forget", "dense", (8.6, 21), "forget", phrase=Anchor((14.9, 11.6)), width=13),
        Node("recalled", "times", (6.2, 15), "hidden", Anchor((7.6, 12.2))),
        Node("candidate", "dense", (30.4, 21), "candidate", width=13.6),
        Node("rest", "one_minus", (19.2, 8.2), "forget", Anchor((21, 6.3))),
        Node("kept", "times", (19.2, 4.2), "hidden", Anchor((25.1, 0.4), "middle")),
        Node("written", "times", (30.4, 10), "hidden", Anchor((31.1, 6))),
        Node("sum", "plus", (30.4, 4.2), "hidden"),
        Node("hidden after", "after", (39.6, 4.2), "hidden", Anchor((39.6, 0.4), "end")),
    ),
    edges=(
        *gate_wires("hidden before", {"forget": 7.8}, _H, (1, 4.2), (1, _H)),
        *gate_wires("x", {"forget": 9.4, "candidate": 31.2}, _X, (21, _X)),
        Edge("forget", "written", ((14.2, 10),)),
        Edge("forget", "recalled", ((6.2, 17),)),
        Edge("hidden before", "recalled", ((6.2, 4.2),)),
        Edge("recalled", "candidate", ((27, 15),)),
        Edge("forget", "rest", ((14.2, 10), (14.2, 8.2))),
        Edge("rest", "kept"),
        Edge("hidden before", "kept"),
        Edge("candidate", "written"),
        Edge("kept", "sum"),
        Edge("written", "sum"),
        Edge("sum", "hidden after"),
    ),
)

MGU = Cell(
    name="mgu",
    title="MGU",
    source="Zhou et al. 2016",
    equations=equations_in(__doc__),
    gates=(
        Gate("forget"),
        Gate("candidate", "tanh", recurrence="inside", scaled_by="forget"),
    ),
    signals=(
        Signal("forget", "f", "gate", 0, 1, "writes", gloss="one_gate"),
        Signal("candidate", "n", "candidate", -1, 1),
        Signal("hidden", "h", "state", -1, 1),
    ),
    states=("hidden",),
    step=step,
    biases=("b",),
    diagram=_DIAGRAM,
    order=9,
)
