"""sLSTM: an LSTM with exponential gates, a normaliser, and a stabiliser that keeps both finite.

    f̃_t = W_xf x_t + b_xf + W_hf h_{t-1} + b_hf
    ĩ_t = W_xi x_t + b_xi + W_hi h_{t-1} + b_hi
    z_t = tanh(W_xz x_t + b_xz + W_hz h_{t-1} + b_hz)
    o_t = σ(W_xo x_t + b_xo + W_ho h_{t-1} + b_ho)
    m_t = max(log σ(f̃_t) + m_{t-1}, ĩ_t)
    f_t = exp(log σ(f̃_t) + m_{t-1} − m_t)
    i_t = exp(ĩ_t − m_t)
    c_t = f_t ⊙ c_{t-1} + i_t ⊙ z_t
    n_t = f_t ⊙ n_{t-1} + i_t
    h_t = o_t ⊙ c_t / n_t

M. Beck et al., "xLSTM: Extended Long Short-Term Memory", NeurIPS 2024, arXiv 2405.04517, eqs. 8–17.
f and i are the paper's stabilised f' and i' (eqs. 16 and 17): σ(f̃) and exp(ĩ) divided by what the
state has grown by, so that the larger of the two is 1 and h is the same as without m. As long as
nothing was written, n = 0, m_t = ĩ_t. Variant: an exponential forget gate, f̃ in place of log σ(f̃).
One head: the recurrence is a full matrix.
"""

from __future__ import annotations

from math import inf

from rnnviz.core.backend import Backend
from rnnviz.core.cell import Cell, Gate, Gates, Recurrence, Signal, Signals, equations_in
from rnnviz.core.diagram import Anchor, Diagram, Edge, Node, gate_wires


def step(x: Signals, h: Recurrence, state: Signals, gate: Gates, backend: Backend) -> Signals:
    """One timestep, arrays (batch, unit); Beck et al. (2024), eqs. 8–17."""
    log_forget = gate.log("forget", x["forget"] + h["forget"]) + state["stabiliser"]
    log_input = gate.log("input", x["input"] + h["input"])
    candidate = gate("candidate", x["candidate"] + h["candidate"])
    output = gate("output", x["output"] + h["output"])
    is_empty = state["normaliser"] == 0
    stabiliser = backend.where(is_empty, log_input, backend.maximum(log_forget, log_input))
    # The exponent is above 0 only while the state is empty.
    forget = gate.hook("forget", backend.exp(backend.clip(log_forget - stabiliser, None, 0)))
    input_ = gate.hook("input", backend.exp(log_input - stabiliser))
    cell = forget * state["cell"] + input_ * candidate
    normaliser = forget * state["normaliser"] + input_
    return {
        "forget": forget,
        "input": input_,
        "candidate": candidate,
        "output": output,
        "stabiliser": stabiliser,
        "cell": cell,
        "normaliser": normaliser,
        "hidden": output * (cell / normaliser),
    }


_H, _X = 32.4, 30.8  # the rows in which h and x run below the gates
_GATES = {"forget": 9.6, "input": 17, "candidate": 24.4, "output": 31.8}
_C, _N, _M = 4.2, 15, 20.6  # those in which the states run above them
_DIAGRAM = Diagram(
    size=(40, 35.6),
    nodes=(
        Node("x", "input", (13.3, 34.8)),
        Node("hidden before", "before", (0.4, _H), "hidden", Anchor((0.4, 33.1))),
        Node("cell before", "before", (0.4, _C), "cell", Anchor((0.4, 0.4))),
        Node("normaliser before", "before", (0.4, _N), "normaliser", Anchor((0.4, 11.2))),
        Node("stabiliser before", "before", (0.4, _M), "stabiliser", Anchor((0.4, 16.8))),
        Node("forget", "dense", (9.6, 27.4), "forget", phrase=Anchor((10.6, 5.6)), width=6.9),
        Node("input", "dense", (17, 27.4), "input", phrase=Anchor((23.3, 8), "end"), width=6.9),
        Node("candidate", "dense", (24.4, 27.4), "candidate", width=6.9),
        Node(
            "output", "dense", (31.8, 27.4), "output", phrase=Anchor((36.9, 21.2), "end"), width=6.9
        ),
        Node("stabiliser", "max", (14.1, _M), "stabiliser"),
        Node("stabiliser after", "after", (39.6, _M), "stabiliser", Anchor((28.6, 16.8), "middle")),
        Node("kept", "times", (9.9, _C), "cell", Anchor((17, 0.4), "middle")),
        Node("written", "times", (24.4, 10.4), "cell", Anchor((25.1, 6.2))),
        Node("sum", "plus", (24.4, _C), "cell"),
        Node("cell after", "after", (39.6, _C), "cell", Anchor((39.6, 0.4), "end")),
        Node("still counted", "times", (11.6, _N), "normaliser", Anchor((15.5, 11.2), "middle")),
        Node("count", "plus", (17, _N), "normaliser"),
        Node("normaliser after", "after", (39.6, _N), "normaliser", Anchor((28.6, 11.2), "middle")),
        Node("mean", "divide", (33.2, 9.6), "hidden", Anchor((34, 5.6))),
        Node("shown", "times", (37.8, 23.6), "hidden"),
        Node("hidden after", "after", (39.6, _H), "hidden", Anchor((39.6, 33.1), "end")),
    ),
    edges=(
        *gate_wires("hidden before", {gate: at - 0.8 for gate, at in _GATES.items()}, _H),
        *gate_wires("x", {gate: at + 0.8 for gate, at in _GATES.items()}, _X, (13.3, _X)),
        Edge("forget", "stabiliser", ((12.6, 23),)),
        Edge("stabiliser before", "stabiliser"),
        Edge("input", "stabiliser", ((15.5, 23),)),
        Edge("stabiliser", "stabiliser after"),
        Edge("forget", "kept", ((9.9, 16),)),
        Edge("cell before", "kept"),
        Edge("input", "written", ((19.4, 10.4),)),
        Edge("candidate", "written"),
        Edge("kept", "sum"),
        Edge("written", "sum"),
        Edge("sum", "cell after"),
        Edge("forget", "still counted", ((11.6, 16),)),
        Edge("normaliser before", "still counted"),
        Edge("still counted", "count"),
        Edge("input", "count"),
        Edge("count", "normaliser after"),
        Edge("sum", "mean", ((33.2, _C),)),
        Edge("count", "mean", ((33.2, _N),)),
        Edge("output", "shown", ((31.8, 23.6),)),
        Edge("mean", "shown", ((37.8, 9.6),)),
        Edge("shown", "hidden after", ((37.8, _H),)),
    ),
)

SLSTM = Cell(
    name="slstm",
    title="sLSTM",
    source="Beck et al. 2024",
    equations=equations_in(__doc__),
    gates=(
        Gate("forget", logarithm=True, shift=("before:stabiliser", "minus:stabiliser")),
        Gate("input", "exponential", logarithm=True, shift=("minus:stabiliser",)),
        Gate("candidate", "tanh"),
        Gate("output"),
    ),
    signals=(
        Signal("forget", "f", "gate", 0, 1, "keeps"),
        Signal("input", "i", "gate", 0, 1, "writes"),
        Signal("candidate", "z", "candidate", -1, 1),
        Signal("output", "o", "gate", 0, 1, "shows"),
        Signal("stabiliser", "m", "state", -inf, inf),
        Signal("cell", "c", "state", -inf, inf),
        Signal("normaliser", "n", "state", 0, inf),
        Signal("hidden", "h", "state", -1, 1),
    ),
    states=("hidden", "stabiliser", "cell", "normaliser"),
    step=step,
    activations={"forget": ("sigmoid", "exponential")},
    diagram=_DIAGRAM,
    order=12,
)
