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

from rnnviz.cells.lstm import LSTM, lstm_diagram
from rnnviz.core.backend import Backend
from rnnviz.core.cell import Cell, Gate, Gates, Recurrence, Signals, equations_in
from rnnviz.core.diagram import Edge


def step(x: Signals, h: Recurrence, state: Signals, gate: Gates, backend: Backend) -> Signals:
    """One timestep, arrays (batch, unit); Gers & Schmidhuber (2000), eqs. 1–5."""
    forget = gate("forget", x["forget"] + h["forget"] + h.weight("forget.p") * state["cell"])
    input_ = gate("input", x["input"] + h["input"] + h.weight("input.p") * state["cell"])
    candidate = gate("candidate", x["candidate"] + h["candidate"])
    cell = forget * state["cell"] + input_ * candidate
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


LSTM_PEEPHOLE = Cell(
    name="lstm_peephole",
    title="LSTM with peepholes",
    source="Gers & Schmidhuber 2000",
    equations=equations_in(__doc__),
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
    diagram=lstm_diagram(
        peepholes=(
            Edge("cell before", "forget", ((3.6, 4.2),)),
            Edge("cell before", "input", ((3.6, 4.2), (3.6, 15.2), (11.4, 15.2))),
            Edge("sum", "output", ((38.5, 4.2), (38.5, 20.4))),
        )
    ),
    order=5,
)
