"""Gated recurrent unit, reset before the product.

    r_t = σ(x_t W_xr + h_{t-1} W_hr + b_r)
    z_t = σ(x_t W_xz + h_{t-1} W_hz + b_z)
    n_t = tanh(x_t W_xh + (r_t ⊙ h_{t-1}) W_hh + b_h)
    h_t = z_t ⊙ h_{t-1} + (1 − z_t) ⊙ n_t

K. Cho et al., "Learning Phrase Representations using RNN Encoder–Decoder", EMNLP 2014, eqs. 5–8.
The reset gate acts on h_{t-1} before the product with W_hh: Keras with `reset_after=False`, ONNX
with `linear_before_reset=0`. PyTorch and cuDNN compute `gru_reset_after` in place of it; on the
same weights the two differ as soon as h is not 0. z = 1 keeps the old state.
"""

from __future__ import annotations

from collections.abc import Mapping

from rnnviz.cell import Activate, Cell, Gate, Recurrent, Signal, Signals
from rnnviz.maths import Maths, Tensor


def step(
    x: Mapping[str, Tensor],
    h: Recurrent,
    state: Mapping[str, Tensor],
    gate: Activate,
    maths: Maths,
) -> Signals:
    """One timestep, arrays (batch, unit); Cho et al. (2014), eqs. 5–8."""
    reset = gate("reset", x["reset"] + h["reset"])
    update = gate("update", x["update"] + h["update"])
    recalled = h.product("candidate", reset * state["hidden"])
    candidate = gate("candidate", x["candidate"] + recalled)
    hidden = update * state["hidden"] + (1 - update) * candidate
    return {"reset": reset, "update": update, "candidate": candidate, "hidden": hidden}


GRU = Cell(
    name="gru",
    title="GRU",
    source="Cho et al. 2014",
    equations=(
        "r_t = σ(x_t W_xr + h_{t-1} W_hr + b_r)",
        "z_t = σ(x_t W_xz + h_{t-1} W_hz + b_z)",
        "n_t = tanh(x_t W_xh + (r_t ⊙ h_{t-1}) W_hh + b_h)",
        "h_t = z_t ⊙ h_{t-1} + (1 − z_t) ⊙ n_t",
    ),
    gates=(Gate("reset"), Gate("update"), Gate("candidate", "tanh", recurrence="inside")),
    signals=(
        Signal("reset", "r", "gate", 0, 1, "passes"),
        Signal("update", "z", "gate", 0, 1, "keeps"),
        Signal("candidate", "n", "candidate", -1, 1),
        Signal("hidden", "h", "state", -1, 1),
    ),
    states=("hidden",),
    step=step,
    biases=("b",),
)
