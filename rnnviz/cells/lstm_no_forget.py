"""Long short-term memory as it was first: without a forget gate, the cell state only adds up.

    i_t = σ(W_xi x_t + b_xi + W_hi h_{t-1} + b_hi)
    g_t = tanh(W_xg x_t + b_xg + W_hg h_{t-1} + b_hg)
    o_t = σ(W_xo x_t + b_xo + W_ho h_{t-1} + b_ho)
    c_t = c_{t-1} + i_t ⊙ g_t
    h_t = o_t ⊙ tanh(c_t)

S. Hochreiter and J. Schmidhuber, "Long Short-Term Memory", Neural Computation 9 (1997), whose
squashing functions have other ranges: here they are those of `lstm`, so that it is the "no forget
gate" of K. Greff et al., "LSTM: A Search Space Odyssey", IEEE Transactions on Neural Networks and
Learning Systems 28 (2017), without peepholes.
"""

from __future__ import annotations

from rnnviz.cells.lstm import LSTM, lstm_ending
from rnnviz.core.backend import Backend
from rnnviz.core.cell import Cell, Gates, Recurrence, Signals, equations_in
from rnnviz.core.diagram import Anchor, Diagram, Edge, Node, gate_wires


def step(x: Signals, h: Recurrence, state: Signals, gate: Gates, backend: Backend) -> Signals:
    """One timestep, arrays (batch, unit); Hochreiter & Schmidhuber (1997)."""
    input_ = gate("input", x["input"] + h["input"])
    candidate = gate("candidate", x["candidate"] + h["candidate"])
    output = gate("output", x["output"] + h["output"])
    cell = state["cell"] + input_ * candidate
    hidden = output * gate.cell_activation(cell)
    return {
        "input": input_,
        "candidate": candidate,
        "output": output,
        "cell": cell,
        "hidden": hidden,
    }


_GATES = {"input": 8.0, "candidate": 17.6, "output": 28.4}
_H, _X = 25.6, 24.0
_DIAGRAM = Diagram(
    size=(40, 29),
    nodes=(
        Node("x", "input", (12.8, 28)),
        Node("hidden before", "before", (0.4, _H), "hidden", Anchor((0.4, _H + 0.7))),
        Node("cell before", "before", (0.4, 4.2), "cell", Anchor((0.4, 0.4))),
        Node("input", "dense", (8, 20.4), "input", phrase=Anchor((11.5, 9.5), "end"), width=8),
        Node("candidate", "dense", (17.6, 20.4), "candidate", width=8),
        Node("written", "times", (16, 11.2), "cell", Anchor((16.7, 6.2))),
        Node("sum", "plus", (16, 4.2), "cell"),
        Node(
            "output", "dense", (28.4, 20.4), "output", phrase=Anchor((34.7, 13.2), "end"), width=8
        ),
        Node("cell after", "after", (39.6, 4.2), "cell", Anchor((39.6, 0.4), "end")),
        *lstm_ending(),
        Node("hidden after", "after", (39.6, _H), "hidden", Anchor((39.6, _H + 0.7), "end")),
    ),
    edges=(
        *gate_wires("hidden before", {gate: at - 0.8 for gate, at in _GATES.items()}, _H),
        *gate_wires("x", {gate: at + 0.8 for gate, at in _GATES.items()}, _X, (12.8, _X)),
        Edge("cell before", "sum"),
        Edge("input", "written", ((8, 11.2),)),
        Edge("candidate", "written", ((17.6, 11.2),)),
        Edge("written", "sum"),
        Edge("sum", "cell after"),
        Edge("sum", "activated", ((36.2, 4.2),)),
        Edge("output", "shown", ((28.4, 15),)),
        Edge("activated", "shown"),
        Edge("shown", "hidden after", ((36.2, _H),)),
    ),
)

LSTM_NO_FORGET = Cell(
    name="lstm_no_forget",
    title="LSTM without a forget gate",
    source="Hochreiter & Schmidhuber 1997",
    equations=equations_in(__doc__),
    gates=LSTM.gates[1:],
    signals=LSTM.signals[1:],
    states=LSTM.states,
    step=step,
    cell_activation="tanh",
    diagram=_DIAGRAM,
)
