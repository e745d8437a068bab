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

from rnnviz.cells.gru import GRU, gru_diagram
from rnnviz.core.backend import Backend
from rnnviz.core.cell import Cell, Gate, Gates, Recurrence, Signals, equations_in
from rnnviz.core.diagram import Anchor, Edge, gate_wires


def step(x: Signals, h: Recurrence, state: Signals, gate: Gates, backend: Backend) -> Signals:
    """One timestep, arrays (batch, unit); as documented for `torch.nn.GRU`."""
    reset = gate("reset", x["reset"] + h["reset"])
    update = gate("update", x["update"] + h["update"])
    candidate = gate("candidate", x["candidate"] + reset * h["candidate"])
    hidden = update * state["hidden"] + (1 - update) * candidate
    return {"reset": reset, "update": update, "candidate": candidate, "hidden": hidden}


GRU_RESET_AFTER = Cell(
    name="gru_reset_after",
    title="GRU, reset after",
    source="Cho et al. 2014, as in PyTorch and cuDNN",
    equations=equations_in(__doc__),
    gates=(Gate("reset"), Gate("update"), Gate("candidate", "tanh", scaled_by="reset")),
    signals=GRU.signals,
    states=GRU.states,
    step=step,
    diagram=gru_diagram(
        reset_phrase=Anchor((5.4, 13.3)),
        candidate=(
            *gate_wires("hidden before", {"candidate": 29.6}, 26.6, (1, 4.2), (1, 26.6)),
            Edge("reset", "candidate", ((6.6, 15), (25.6, 15)), scales=True),
        ),
    ),
    order=4,
)
