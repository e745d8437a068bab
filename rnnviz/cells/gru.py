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

from rnnviz.core.backend import Backend, Tensor
from rnnviz.core.cell import Cell, Gate, GateFunctions, RecurrentInput, Signal, Signals
from rnnviz.core.diagram import Diagram, Edge, Node, Spot


def step(
    x: Mapping[str, Tensor],
    h: RecurrentInput,
    state: Mapping[str, Tensor],
    gate: GateFunctions,
    backend: Backend,
) -> Signals:
    """One timestep, arrays (batch, unit); Cho et al. (2014), eqs. 5–8."""
    reset = gate("reset", x["reset"] + h["reset"])
    update = gate("update", x["update"] + h["update"])
    recalled = h.product("candidate", reset * state["hidden"])
    candidate = gate("candidate", x["candidate"] + recalled)
    hidden = update * state["hidden"] + (1 - update) * candidate
    return {"reset": reset, "update": update, "candidate": candidate, "hidden": hidden}


_H, _X = 26.6, 25.2  # the rows in which h and x run below the gates
_DIAGRAM = Diagram(
    size=(40, 29.4),
    nodes=(
        Node("x", "input", (12, 28.6)),
        Node("hidden before", "before", (0.4, 4.2), "hidden", Spot((0.4, 0.4))),
        Node("reset", "dense", (6.6, 21), "reset", phrase=Spot((7.2, 16.4)), width=9.2),
        Node("update", "dense", (18.4, 21), "update", phrase=Spot((19.1, 6.4)), width=9.2),
        Node("recalled", "times", (6.6, 15), "hidden", Spot((8.2, 12.2))),
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
        Edge("reset", "recalled"),
        Edge("hidden before", "recalled", ((6.6, 4.2),)),
        Edge("recalled", "candidate", ((27, 15),)),
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
    gates=(
        Gate("reset"),
        Gate("update"),
        Gate("candidate", "tanh", recurrence="inside", scaled_by="reset"),
    ),
    signals=(
        Signal("reset", "r", "gate", 0, 1, "passes"),
        Signal("update", "z", "gate", 0, 1, "keeps"),
        Signal("candidate", "n", "candidate", -1, 1),
        Signal("hidden", "h", "state", -1, 1),
    ),
    states=("hidden",),
    step=step,
    biases=("b",),
    updates={
        "hidden": {
            "kept": ("update", "before:hidden"),
            "written": ("one_minus:update", "candidate"),
        },
    },
    diagram=_DIAGRAM,
)
