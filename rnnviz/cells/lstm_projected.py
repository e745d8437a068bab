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

from math import inf

from rnnviz.cells.lstm import LSTM, lstm_diagram
from rnnviz.core.backend import Backend
from rnnviz.core.cell import Cell, Gates, Param, Recurrence, Signal, Signals, equations_in
from rnnviz.core.diagram import Anchor, Node


def step(x: Signals, h: Recurrence, state: Signals, gate: Gates, backend: Backend) -> Signals:
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


LSTM_PROJECTED = Cell(
    name="lstm_projected",
    title="LSTM with projection",
    source="Sak et al. 2014",
    equations=equations_in(__doc__),
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
    diagram=lstm_diagram(
        lower=3,
        ending=(
            Node("activated", "cell_activation", (36.2, 8.4), "shown", Anchor((35.4, 9.9), "end")),
            Node("shown", "times", (36.2, 15), "shown", Anchor((35.5, 16.1), "end")),
            Node("hidden", "project", (36.2, 22.4), "hidden"),
        ),
    ),
    order=6,
)
