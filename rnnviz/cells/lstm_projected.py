"""Long short-term memory with a projection: fewer numbers are passed on than there are units.

    f_t = σ(W_xf x_t + b_xf + W_hf h_{t-1} + b_hf)
    i_t = σ(W_xi x_t + b_xi + W_hi h_{t-1} + b_hi)
    g_t = tanh(W_xg x_t + b_xg + W_hg h_{t-1} + b_hg)
    o_t = σ(W_xo x_t + b_xo + W_ho h_{t-1} + b_ho)
    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
    m_t = o_t ⊙ tanh(c_t)
    h_t = W_r m_t

H. Sak, A. Senior and F. Beaufays, "Long Short-Term Memory Recurrent Neural Network Architectures
for Large Scale Acoustic Modeling", Interspeech 2014, eqs. 7–12, without its peepholes: this is
what `torch.nn.LSTM` computes with `proj_size`. The gates read the projection h, so their W_h are
(unit, projection) and W_r is (projection, unit).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from rnnviz.cells.lstm import LSTM
from rnnviz.core.backend import Backend, Tensor
from rnnviz.core.cell import Cell, GateFunctions, Param, RecurrentInput, Signal, Signals
from rnnviz.core.diagram import Diagram, Edge, Node, Spot


def step(
    x: Mapping[str, Tensor],
    h: RecurrentInput,
    state: Mapping[str, Tensor],
    gate: GateFunctions,
    backend: Backend,
) -> Signals:
    """One timestep, arrays (batch, unit), hidden (batch, projection); Sak et al. (2014)."""
    forget = gate("forget", x["forget"] + h["forget"])
    input_ = gate("input", x["input"] + h["input"])
    candidate = gate("candidate", x["candidate"] + h["candidate"])
    output = gate("output", x["output"] + h["output"])
    cell = forget * state["cell"] + input_ * candidate
    shown = output * gate.cell_activation(cell)
    hidden = shown @ h.weight("hidden.w").T
    return {
        "forget": forget,
        "input": input_,
        "candidate": candidate,
        "output": output,
        "cell": cell,
        "shown": shown,
        "hidden": hidden,
    }


_H, _X = 28.6, 27.0  # the rows in which h and x run below the gates
_DIAGRAM = Diagram(
    size=(40, 32),
    nodes=(
        Node("x", "input", (12, 31)),
        Node("hidden before", "before", (0.4, _H), "hidden", Spot((0.4, 29.3))),
        Node("cell before", "before", (0.4, 4.2), "cell", Spot((0.4, 0.4))),
        Node("forget", "dense", (6, 23.4), "forget", phrase=Spot((6.7, 6.6)), width=7.2),
        Node("input", "dense", (13.8, 23.4), "input", phrase=Spot((17.1, 9.5), "end"), width=7.2),
        Node("candidate", "dense", (21.6, 23.4), "candidate", width=7.2),
        Node(
            "output", "dense", (29.4, 23.4), "output", phrase=Spot((34.7, 13.2), "end"), width=7.2
        ),
        Node("kept", "times", (6, 4.2), "cell", Spot((12.7, 0.4), "middle")),
        Node("written", "times", (18.6, 11.2), "cell", Spot((19.3, 6.2))),
        Node("sum", "plus", (18.6, 4.2), "cell"),
        Node("cell after", "after", (39.6, 4.2), "cell", Spot((39.6, 0.4), "end")),
        Node("squashed", "squash", (36.2, 8.4), "shown", Spot((35.4, 9.9), "end")),
        Node("shown", "times", (36.2, 15), "shown", Spot((35.5, 16.1), "end")),
        Node("hidden", "project", (36.2, 22.4), "hidden"),
        Node("hidden after", "after", (39.6, _H), "hidden", Spot((39.6, 29.3), "end")),
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
        Edge("forget", "kept"),
        Edge("cell before", "kept"),
        Edge("input", "written", ((13.8, 11.2),)),
        Edge("candidate", "written", ((20.9, 11.2),)),
        Edge("kept", "sum"),
        Edge("written", "sum"),
        Edge("sum", "cell after"),
        Edge("sum", "squashed", ((36.2, 4.2),)),
        Edge("output", "shown", ((29.4, 15),)),
        Edge("squashed", "shown"),
        Edge("shown", "hidden"),
        Edge("hidden", "hidden after", ((36.2, _H),)),
    ),
)

LSTM_PROJECTED = Cell(
    name="lstm_projected",
    title="LSTM with projection",
    source="Sak et al. 2014",
    equations=(*LSTM.equations[:-1], "m_t = o_t ⊙ tanh(c_t)", "h_t = W_r m_t"),
    gates=LSTM.gates,
    signals=(
        *LSTM.signals[:-1],
        Signal("shown", "m", "intermediate", -1, 1),
        Signal("hidden", "h", "state", -inf, inf, axis="projection"),
    ),
    states=LSTM.states,
    step=step,
    cell_activation="tanh",
    hidden_axis="projection",
    extra_params=(Param("hidden.w", ("projection", "unit")),),
    updates={
        "cell": LSTM.updates["cell"],
        "shown": LSTM.updates["hidden"],
    },
    diagram=_DIAGRAM,
)
