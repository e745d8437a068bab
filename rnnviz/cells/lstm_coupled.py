"""Long short-term memory with coupled gates: what is forgotten makes room for what is written.

    f_t = σ(W_xf x_t + b_xf + W_hf h_{t-1} + b_hf + p_f ⊙ c_{t-1})
    i_t = 1 − f_t
    g_t = tanh(W_xg x_t + b_xg + W_hg h_{t-1} + b_hg)
    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
    o_t = σ(W_xo x_t + b_xo + W_ho h_{t-1} + b_ho + p_o ⊙ c_t)
    h_t = o_t ⊙ tanh(c_t)

K. Greff, R. K. Srivastava, J. Koutník, B. R. Steunebrink and J. Schmidhuber, "LSTM: A Search Space
Odyssey", IEEE Transactions on Neural Networks and Learning Systems 28 (2017), appendix, variant
CIFG. The input gate has no weights of its own. The peepholes p may be left out and count as zeros.
ONNX's LSTM with `input_forget=1` computes the input gate and takes f = 1 − i from it.
"""

from __future__ import annotations

from rnnviz.cells.lstm import LSTM, lstm_diagram
from rnnviz.core.backend import Backend
from rnnviz.core.cell import Cell, Gate, Gates, Recurrence, Signals, equations_in
from rnnviz.core.diagram import Anchor, Edge, Node


def step(x: Signals, h: Recurrence, state: Signals, gate: Gates, backend: Backend) -> Signals:
    """One timestep, arrays (batch, unit); Greff et al. (2017), variant CIFG."""
    forget = gate("forget", x["forget"] + h["forget"] + h.weight("forget.p") * state["cell"])
    input_ = 1 - forget
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


LSTM_COUPLED = Cell(
    name="lstm_coupled",
    title="LSTM with coupled gates",
    source="Greff et al. 2017",
    equations=equations_in(__doc__),
    gates=(
        Gate("forget", peephole="before:cell"),
        Gate("candidate", "tanh"),
        Gate("output", peephole="cell"),
    ),
    signals=LSTM.signals,
    states=LSTM.states,
    step=step,
    cell_activation="tanh",
    diagram=lstm_diagram(
        coupled=Node(
            "input",
            "one_minus",
            (12.6, 11.2),
            "input",
            Anchor((12.6, 12.8), "middle"),
            phrase=Anchor((18.6, 8.2), "end"),
        ),
        peepholes=(
            Edge("cell before", "forget", ((4, 4.2),)),
            Edge("sum", "output", ((38.5, 4.2), (38.5, 20.4))),
        ),
    ),
    order=7,
)
