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

from rnnviz.core.backend import Backend
from rnnviz.core.cell import Cell, Gate, Gates, Recurrence, Signal, Signals, equations_in
from rnnviz.core.diagram import Anchor, Diagram, Edge, Node, gate_wires


def step(x: Signals, h: Recurrence, state: Signals, gate: Gates, backend: Backend) -> Signals:
    """One timestep, arrays (batch, unit); Cho et al. (2014), eqs. 5–8."""
    reset = gate("reset", x["reset"] + h["reset"])
    update = gate("update", x["update"] + h["update"])
    recalled = h.product("candidate", reset * state["hidden"])
    candidate = gate("candidate", x["candidate"] + recalled)
    hidden = update * state["hidden"] + (1 - update) * candidate
    return {"reset": reset, "update": update, "candidate": candidate, "hidden": hidden}


def gru_diagram(
    *, reset_phrase: Anchor, nodes: tuple[Node, ...] = (), candidate: tuple[Edge, ...]
) -> Diagram:
    """The drawing of a GRU: gates below, the hidden state above.

    reset_phrase  where the meaning of the reset gate stands.
    nodes         what is computed before the candidate.
    candidate     wires by which the reset hidden state reaches it.
    """
    return Diagram(
        size=(40, 29.4),
        nodes=(
            Node("x", "input", (12, 28.6)),
            Node("hidden before", "before", (0.4, 4.2), "hidden", Anchor((0.4, 0.4))),
            Node("reset", "dense", (6.6, 21), "reset", phrase=reset_phrase, width=9.2),
            Node("update", "dense", (18.4, 21), "update", phrase=Anchor((19.1, 6.4)), width=9.2),
            *nodes,
            Node("candidate", "dense", (30.4, 21), "candidate", width=13),
            Node("kept", "times", (18.4, 4.2), "hidden", Anchor((24.4, 0.4), "middle")),
            Node("rest", "one_minus", (24.2, 10), "update", Anchor((24.2, 11.6), "middle")),
            Node("written", "times", (30.4, 10), "hidden", Anchor((31.1, 6))),
            Node("sum", "plus", (30.4, 4.2), "hidden"),
            Node("hidden after", "after", (39.6, 4.2), "hidden", Anchor((39.6, 0.4), "end")),
        ),
        edges=(
            *gate_wires("hidden before", {"reset": 5.8, "update": 17.6}, 26.6, (1, 4.2), (1, 26.6)),
            *gate_wires("x", {"reset": 7.4, "update": 19.2, "candidate": 31.2}, 25.2, (12, 25.2)),
            *candidate,
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
    equations=equations_in(__doc__),
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
    diagram=gru_diagram(
        reset_phrase=Anchor((7.2, 16.4)),
        nodes=(Node("recalled", "times", (6.6, 15), "hidden", Anchor((8.2, 12.2))),),
        candidate=(
            Edge("reset", "recalled"),
            Edge("hidden before", "recalled", ((6.6, 4.2),)),
            Edge("recalled", "candidate", ((27, 15),)),
        ),
    ),
    order=3,
)
