"""Long short-term memory.

    f_t = σ(W_xf x_t + b_xf + W_hf h_{t-1} + b_hf)
    i_t = σ(W_xi x_t + b_xi + W_hi h_{t-1} + b_hi)
    g_t = tanh(W_xg x_t + b_xg + W_hg h_{t-1} + b_hg)
    o_t = σ(W_xo x_t + b_xo + W_ho h_{t-1} + b_ho)
    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
    h_t = o_t ⊙ tanh(c_t)

S. Hochreiter and J. Schmidhuber, "Long Short-Term Memory", Neural Computation 9 (1997), with the
forget gate of F. A. Gers, J. Schmidhuber and F. Cummins, "Learning to Forget", Neural Computation
12 (2000). This is what `torch.nn.LSTM` computes, two biases included.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from rnnviz.cell import Activate, Cell, Gate, Recurrent, Signal, Signals
from rnnviz.maths import Maths, Tensor


def step(
    x: Mapping[str, Tensor],
    h: Recurrent,
    state: Mapping[str, Tensor],
    gate: Activate,
    maths: Maths,
) -> Signals:
    """One timestep, arrays (batch, unit); Hochreiter & Schmidhuber (1997), Gers et al. (2000)."""
    forget = gate("forget", x["forget"] + h["forget"])
    input_ = gate("input", x["input"] + h["input"])
    candidate = gate("candidate", x["candidate"] + h["candidate"])
    output = gate("output", x["output"] + h["output"])
    cell = forget * state["cell"] + input_ * candidate
    hidden = output * maths.tanh(cell)
    return {
        "forget": forget,
        "input": input_,
        "candidate": candidate,
        "output": output,
        "cell": cell,
        "hidden": hidden,
    }


LSTM = Cell(
    name="lstm",
    title="LSTM",
    source="Hochreiter & Schmidhuber 1997; Gers et al. 2000",
    equations=(
        "f_t = σ(W_xf x_t + b_xf + W_hf h_{t-1} + b_hf)",
        "i_t = σ(W_xi x_t + b_xi + W_hi h_{t-1} + b_hi)",
        "g_t = tanh(W_xg x_t + b_xg + W_hg h_{t-1} + b_hg)",
        "o_t = σ(W_xo x_t + b_xo + W_ho h_{t-1} + b_ho)",
        "c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t",
        "h_t = o_t ⊙ tanh(c_t)",
    ),
    gates=(Gate("forget"), Gate("input"), Gate("candidate", "tanh"), Gate("output")),
    signals=(
        Signal("forget", "f", "gate", 0, 1, "keeps"),
        Signal("input", "i", "gate", 0, 1, "writes"),
        Signal("candidate", "g", "candidate", -1, 1),
        Signal("output", "o", "gate", 0, 1, "shows"),
        Signal("cell", "c", "state", -inf, inf),
        Signal("hidden", "h", "state", -1, 1),
    ),
    states=("hidden", "cell"),
    step=step,
)
