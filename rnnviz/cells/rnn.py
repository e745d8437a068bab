"""The simple recurrent network.

    h_t = tanh(U x_t + W h_{t-1} + b)
    y_t = softmax(V h_t + d)

J. L. Elman, "Finding Structure in Time", Cognitive Science 14 (1990). The second line is the
model's readout (`rnnviz.model.Readout`).

Variants: relu in place of tanh; a one-to-one recurrence, W diagonal, so that a unit sees only its
own past (Li et al., "Independently Recurrent Neural Network", CVPR 2018, eq. 2).
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
    """One timestep, arrays (batch, unit); Elman (1990)."""
    hidden = gate("hidden", x["hidden"] + h["hidden"])
    return {"hidden": hidden}


RNN = Cell(
    name="rnn",
    title="RNN",
    source="Elman 1990",
    equations=("h_t = tanh(U x_t + W h_{t-1} + b)",),
    gates=(Gate("hidden", "tanh"),),
    signals=(Signal("hidden", "h", "state", -1, 1),),
    states=("hidden",),
    step=step,
    activations={"hidden": ("tanh", "relu")},
    diagonal=True,
)
