"""Long short-term memory with peepholes: the gates see the cell state.

    f_t = σ(W_xf x_t + b_xf + W_hf h_{t-1} + b_hf + p_f ⊙ c_{t-1})
    i_t = σ(W_xi x_t + b_xi + W_hi h_{t-1} + b_hi + p_i ⊙ c_{t-1})
    g_t = tanh(W_xg x_t + b_xg + W_hg h_{t-1} + b_hg)
    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
    o_t = σ(W_xo x_t + b_xo + W_ho h_{t-1} + b_ho + p_o ⊙ c_t)
    h_t = o_t ⊙ tanh(c_t)

F. A. Gers and J. Schmidhuber, "Recurrent Nets that Time and Count", IJCNN 2000. A peephole is one
weight a unit, so a gate sees its own unit's cell alone: forget and input the cell before, output
the new one. This is ONNX's LSTM with the input P; a peephole left out counts as zeros.
"""

from __future__ import annotations

from collections.abc import Mapping

from rnnviz.cells.lstm import LSTM
from rnnviz.core.backend import Backend, Tensor
from rnnviz.core.cell import Cell, Gate, GateFunctions, RecurrentInput, Signals
from rnnviz.core.diagram import Diagram, Edge, Node, Spot


def step(
    x: Mapping[str, Tensor],
    h: RecurrentInput,
    state: Mapping[str, Tensor],
    gate: GateFunctions,
    backend: Backend,
) -> Signals:
    """One timestep, arrays (batch, unit); Gers & Schmidhuber (2000), eqs. 1–5."""
    before = state["cell"]
    forget = gate("forget", x["forget"] + h["forget"] + h.weight("forget.p") * before)
    input_ = gate("input", x["input"] + h["input"] + h.weight("input.p") * before)
    candidate = gate("candidate", x["candidate"] + h["candidate"])
    cell = forget * before + input_ * candidate
    output = gate("output", x["output"] + h["output"] + h.weight("output.p") * cell)
    hidden = output * gate.cell_activation(cell)
    return {
        "forget": forget,
        "input": input_,
        "candidate": candidate,
        "output": output,
        "cell": cell,
        "hidden": hidden,
    }


_H, _X = 25.6, 24.0  # the rows in which h and x run below the gates
_DIAGRAM = Diagram(
    size=(40, 29),
    nodes=(
        Node("x", "input", (12, 28)),
        Node("hidden before", "before", (0.4, _H), "hidden", Spot((0.4, 26.3))),
        Node("cell before", "before", (0.4, 4.2), "cell", Spot((0.4, 0.4))),
        Node("forget", "dense", (6, 20.4), "forget", phrase=Spot((6.7, 6.6)), width=7.2),
        Node("input", "dense", (13.8, 20.4), "input", phrase=Spot((17.1, 9.5), "end"), width=7.2),
        Node("candidate", "dense", (21.6, 20.4), "candidate", width=7.2),
        Node("kept", "times", (6, 4.2), "cell", Spot((12.7, 0.4), "middle")),
        Node("written", "times", (18.6, 11.2), "cell", Spot((19.3, 6.2))),
        Node("sum", "plus", (18.6, 4.2), "cell"),
        Node(
            "output", "dense", (29.4, 20.4), "output", phrase=Spot((34.7, 13.2), "end"), width=7.2
        ),
        Node("cell after", "after", (39.6, 4.2), "cell", Spot((39.6, 0.4), "end")),
        Node("squashed", "squash", (35.9, 8.4), "hidden", Spot((35.1, 9.9), "end")),
        Node("shown", "times", (35.9, 15), "hidden"),
        Node("hidden after", "after", (39.6, _H), "hidden", Spot((39.6, 26.3), "end")),
    ),
    edges=(
        Edge("hidden before", "forget", ((5.2, _H),)),
        Edge("hidden before", "input", ((13, _H),)),
        Edge("hidden before", "candidate", ((20.8, _H),)),
        Edge("hidden before", "output", ((28.6, _H),)),
        Edge("x", "forget", ((12, _X), (6.8, _X))),
        Edge("x", "input", ((12, _X), (14.6, _X))),
        Edge("x", "candidate", ((12, _X), (22.4, _X))),
        Edge("x", "output", ((12, _X), (30.2, _X))),
        Edge("cell before", "forget", ((3.6, 4.2),)),
        Edge("cell before", "input", ((3.6, 4.2), (3.6, 15.2), (11.4, 15.2))),
        Edge("sum", "output", ((38.5, 4.2), (38.5, 20.4))),
        Edge("forget", "kept"),
        Edge("cell before", "kept"),
        Edge("input", "written", ((13.8, 11.2),)),
        Edge("candidate", "written", ((20.9, 11.2),)),
        Edge("kept", "sum"),
        Edge("written", "sum"),
        Edge("sum", "cell after"),
        Edge("sum", "squashed", ((35.9, 4.2),)),
        Edge("output", "shown", ((29.4, 15),)),
        Edge("squashed", "shown"),
        Edge("shown", "hidden after", ((35.9, _H),)),
    ),
)

LSTM_PEEPHOLE = Cell(
    name="lstm_peephole",
    title="LSTM with peepholes",
    source="Gers & Schmidhuber 2000",
    equations=(
        "f_t = σ(W_xf x_t + b_xf + W_hf h_{t-1} + b_hf + p_f ⊙ c_{t-1})",
        "i_t = σ(W_xi x_t + b_xi + W_hi h_{t-1} + b_hi + p_i ⊙ c_{t-1})",
        "g_t = tanh(W_xg x_t + b_xg + W_hg h_{t-1} + b_hg)",
        "c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t",
        "o_t = σ(W_xo x_t + b_xo + W_ho h_{t-1} + b_ho + p_o ⊙ c_t)",
        "h_t = o_t ⊙ tanh(c_t)",
    ),
    gates=(
        Gate("forget", peephole="before:cell"),
        Gate("input", peephole="before:cell"),
        Gate("candidate", "tanh"),
        Gate("output", peephole="cell"),
    ),
    signals=LSTM.signals,
    states=LSTM.states,
    step=step,
    cell_activation="tanh",
    updates=LSTM.updates,
    diagram=_DIAGRAM,
)
