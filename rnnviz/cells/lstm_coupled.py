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
    """One timestep, arrays (batch, unit); Greff et al. (2017), variant CIFG."""
    before = state["cell"]
    forget = gate("forget", x["forget"] + h["forget"] + h.weight("forget.p") * before)
    input_ = 1 - forget
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
        Node("x", "input", (13.4, 28)),
        Node("hidden before", "before", (0.4, _H), "hidden", Spot((0.4, 26.3))),
        Node("cell before", "before", (0.4, 4.2), "cell", Spot((0.4, 0.4))),
        Node("forget", "dense", (6.6, 20.4), "forget", phrase=Spot((7.3, 5.4)), width=8),
        Node("candidate", "dense", (20, 20.4), "candidate", width=8),
        Node("kept", "times", (6.6, 4.2), "cell", Spot((13, 0.4), "middle")),
        Node(
            "input",
            "one_minus",
            (12.6, 11.2),
            "input",
            Spot((12.6, 12.8), "middle"),
            phrase=Spot((18.6, 8.2), "end"),
        ),
        Node("written", "times", (20, 11.2), "cell", Spot((20.7, 6.2))),
        Node("sum", "plus", (20, 4.2), "cell"),
        Node("output", "dense", (29.4, 20.4), "output", phrase=Spot((34.7, 13.2), "end"), width=8),
        Node("cell after", "after", (39.6, 4.2), "cell", Spot((39.6, 0.4), "end")),
        Node("squashed", "squash", (35.9, 8.4), "hidden", Spot((35.1, 9.9), "end")),
        Node("shown", "times", (35.9, 15), "hidden"),
        Node("hidden after", "after", (39.6, _H), "hidden", Spot((39.6, 26.3), "end")),
    ),
    edges=(
        Edge("hidden before", "forget", ((5.8, _H),)),
        Edge("hidden before", "candidate", ((19.2, _H),)),
        Edge("hidden before", "output", ((28.6, _H),)),
        Edge("x", "forget", ((13.4, _X), (7.4, _X))),
        Edge("x", "candidate", ((13.4, _X), (20.8, _X))),
        Edge("x", "output", ((13.4, _X), (30.2, _X))),
        Edge("cell before", "forget", ((4, 4.2),)),
        Edge("sum", "output", ((38.5, 4.2), (38.5, 20.4))),
        Edge("forget", "kept"),
        Edge("cell before", "kept"),
        Edge("forget", "input", ((6.6, 11.2),)),
        Edge("input", "written"),
        Edge("candidate", "written"),
        Edge("kept", "sum"),
        Edge("written", "sum"),
        Edge("sum", "cell after"),
        Edge("sum", "squashed", ((35.9, 4.2),)),
        Edge("output", "shown", ((29.4, 15),)),
        Edge("squashed", "shown"),
        Edge("shown", "hidden after", ((35.9, _H),)),
    ),
)

LSTM_COUPLED = Cell(
    name="lstm_coupled",
    title="LSTM with coupled gates",
    source="Greff et al. 2017",
    equations=(
        "f_t = σ(W_xf x_t + b_xf + W_hf h_{t-1} + b_hf + p_f ⊙ c_{t-1})",
        "i_t = 1 − f_t",
        "g_t = tanh(W_xg x_t + b_xg + W_hg h_{t-1} + b_hg)",
        "c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t",
        "o_t = σ(W_xo x_t + b_xo + W_ho h_{t-1} + b_ho + p_o ⊙ c_t)",
        "h_t = o_t ⊙ tanh(c_t)",
    ),
    gates=(
        Gate("forget", peephole="before:cell"),
        Gate("candidate", "tanh"),
        Gate("output", peephole="cell"),
    ),
    signals=LSTM.signals,
    states=LSTM.states,
    step=step,
    cell_activation="tanh",
    updates={
        "cell": {
            "kept": ("forget", "before:cell"),
            "written": ("one_minus:forget", "candidate"),
        },
        "hidden": LSTM.updates["hidden"],
    },
    diagram=_DIAGRAM,
)
