"""Gated recurrent unit, reset after the product.

    r_t = σ(W_xr x_t + b_xr + W_hr h_{t-1} + b_hr)
    z_t = σ(W_xz x_t + b_xz + W_hz h_{t-1} + b_hz)
    n_t = tanh(W_xn x_t + b_xn + r_t ⊙ (W_hn h_{t-1} + b_hn))
    h_t = z_t ⊙ h_{t-1} + (1 − z_t) ⊙ n_t

The form of `torch.nn.GRU`, of Keras by default (`reset_after=True`), of cuDNN and of ONNX with
`linear_before_reset=1`; first in the public code of Cho et al. (2014), arXiv 1406.1078v1. The
reset gate acts on the product W_hn h_{t-1} with its own bias b_hn, so the candidate needs two
biases that do not add up to one. `gru` is the form with the reset before. z = 1 keeps.
"""

from __future__ import annotations

from collections.abc import Mapping

from rnnviz.cells.gru import GRU
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
    """One timestep, arrays (batch, unit); as documented for `torch.nn.GRU`."""
    reset = gate("reset", x["reset"] + h["reset"])
    update = gate("update", x["update"] + h["update"])
    candidate = gate("candidate", x["candidate"] + reset * h["candidate"])
    hidden = update * state["hidden"] + (1 - update) * candidate
    return {"reset": reset, "update": update, "candidate": candidate, "hidden": hidden}


_H, _X = 26.6, 25.2  # the rows in which h and x run below the gates
_DIAGRAM = Diagram(
    size=(40, 29.4),
    nodes=(
        Node("x", "input", (12, 28.6)),
        Node("hidden before", "before", (0.4, 4.2), "hidden", Spot((0.4, 0.4))),
        Node("reset", "dense", (6.6, 21), "reset", phrase=Spot((5.4, 13.3)), width=9.2),
        Node("update", "dense", (18.4, 21), "update", phrase=Spot((19.1, 6.4)), width=9.2),
        Node("candidate", "dense", (30.4, 21), "candidate", width=13),
        Node("kept", "times", (18.4, 4.2), "hidden", Spot((24.4, 0.4), "middle")),
        Node("rest", "one_minus", (24.2, 10), "update", Spot((24.2, 11.6), "middle")),
        Node("written", "times", (30.4, 10), "hidden", Spot((31.1, 6))),
        Node("sum", "plus", (30.4, 4.2), "hidden"),
        Node("hidden after", "after", (39.6, 4.2), "hidden", Spot((39.6, 0.4), "end")),
    ),
    edges=(
        Edge("hidden before", "reset", ((1, 4.2), (1, _H), (5.8, _H))),
        Edge("hidden before", "update", ((1, 4.2), (1, _H), (17.6, _H))),
        Edge("x", "reset", ((12, _X), (7.4, _X))),
        Edge("x", "update", ((12, _X), (19.2, _X))),
        Edge("x", "candidate", ((12, _X), (31.2, _X))),
        Edge("hidden before", "candidate", ((1, 4.2), (1, _H), (29.6, _H))),
        Edge("reset", "candidate", ((6.6, 15), (25.6, 15)), scales=True),
        Edge("update", "kept"),
        Edge("hidden before", "kept"),
        Edge("update", "rest", ((18.4, 10),)),
        Edge("rest", "written"),
        Edge("candidate", "written"),
        Edge("kept", "sum"),
        Edge("written", "sum"),
        Edge("sum", "hidden after"),
    ),
)

GRU_RESET_AFTER = Cell(
    name="gru_reset_after",
    title="GRU, reset after",
    source="Cho et al. 2014, as in PyTorch and cuDNN",
    equations=(
        "r_t = σ(W_xr x_t + b_xr + W_hr h_{t-1} + b_hr)",
        "z_t = σ(W_xz x_t + b_xz + W_hz h_{t-1} + b_hz)",
        "n_t = tanh(W_xn x_t + b_xn + r_t ⊙ (W_hn h_{t-1} + b_hn))",
        "h_t = z_t ⊙ h_{t-1} + (1 − z_t) ⊙ n_t",
    ),
    gates=(Gate("reset"), Gate("update"), Gate("candidate", "tanh", scaled_by="reset")),
    signals=GRU.signals,
    states=GRU.states,
    step=step,
    updates=GRU.updates,
    diagram=_DIAGRAM,
)
