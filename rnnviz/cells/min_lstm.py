"""minLSTM: an LSTM whose gates see the input alone and share out what is kept and written.

    f_t = σ(W_xf x_t + b_f)
    i_t = σ(W_xi x_t + b_i)
    n_t = W_xn x_t + b_n
    f'_t = f_t / (f_t + i_t)
    i'_t = i_t / (f_t + i_t)
    h_t = f'_t ⊙ h_{t-1} + i'_t ⊙ n_t

L. Feng, F. Tung, M. O. Ahmed, Y. Bengio and H. Hajimirsadeghi, "Were RNNs All We Needed?",
arXiv 2410.01201 (2024), section 3.2. The two shares add up to 1. Variants of the candidate:
"positive", the paper's g (appendix B: x + 0.5 where x ≥ 0, else σ(x)), and tanh.
"""

from __future__ import annotations

from math import inf

from rnnviz.core.backend import Backend
from rnnviz.core.cell import Cell, Gate, Gates, Recurrence, Signal, Signals, equations_in
from rnnviz.core.diagram import Anchor, Diagram, Edge, Node, gate_wires


def step(x: Signals, h: Recurrence, state: Signals, gate: Gates, backend: Backend) -> Signals:
    """One timestep, arrays (batch, unit); Feng et al. (2024), section 3.2."""
    forget = gate("forget", x["forget"])
    input_ = gate("input", x["input"])
    candidate = gate("candidate", x["candidate"])
    # f / (f + i) = σ(log f − log i), which two gates near 0 do not turn into 0 / 0.
    more = gate.log("forget", x["forget"]) - gate.log("input", x["input"])
    forget_share, input_share = backend.sigmoid(more), backend.sigmoid(-more)
    return {
        "forget": forget,
        "input": input_,
        "candidate": candidate,
        "forget_share": forget_share,
        "input_share": input_share,
        "hidden": forget_share * state["hidden"] + input_share * candidate,
    }


_DIAGRAM = Diagram(
    size=(40, 30.6),
    nodes=(
        Node("x", "input", (12.3, 29.8)),
        Node("hidden before", "before", (0.4, 4.2), "hidden", Anchor((0.4, 0.4))),
        Node("forget", "dense", (6.6, 23.4), "forget", width=9.4),
        Node("input", "dense", (18, 23.4), "input", width=9.4),
        Node("candidate", "dense", (31, 23.4), "candidate", width=11),
        Node(
            "forget_share",
            "share",
            (6.6, 16.6),
            "forget_share",
            Anchor((7.3, 12.2)),
            phrase=Anchor((7.3, 6.4)),
        ),
        Node("kept", "times", (6.6, 4.2), "hidden", Anchor((13, 0.4), "middle")),
        Node(
            "input_share",
            "one_minus",
            (18, 10),
            "input_share",
            Anchor((18, 11.7), "middle"),
            phrase=Anchor((30.3, 7.4), "end"),
        ),
        Node("written", "times", (31, 10), "hidden", Anchor((31.7, 6))),
        Node("sum", "plus", (31, 4.2), "hidden"),
        Node("hidden after", "after", (39.6, 4.2), "hidden", Anchor((39.6, 0.4), "end")),
    ),
    edges=(
        *gate_wires("x", {"forget": 6.6, "input": 18, "candidate": 31}, 27.9, (12.3, 27.9)),
        Edge("forget", "forget_share"),
        Edge("input", "forget_share", ((18, 16.6),)),
        Edge("forget_share", "kept"),
        Edge("hidden before", "kept"),
        Edge("forget_share", "input_share", ((6.6, 10),)),
        Edge("input_share", "written"),
        Edge("candidate", "written"),
        Edge("kept", "sum"),
        Edge("written", "sum"),
        Edge("sum", "hidden after"),
    ),
)

MIN_LSTM = Cell(
    name="min_lstm",
    title="minLSTM",
    source="Feng et al. 2024",
    equations=equations_in(__doc__),
    gates=(
        Gate("forget", recurrence="none", logarithm=True),
        Gate("input", recurrence="none", logarithm=True),
        Gate("candidate", "linear", recurrence="none"),
    ),
    signals=(
        Signal("forget", "f", "gate", 0, 1, gloss="forget_weight"),
        Signal("input", "i", "gate", 0, 1, gloss="input_weight"),
        Signal("candidate", "n", "candidate", -inf, inf),
        Signal("forget_share", "f'", "gate", 0, 1, "keeps", share_of="forget"),
        Signal("input_share", "i'", "gate", 0, 1, "writes", share_of="input"),
        Signal("hidden", "h", "state", -inf, inf),
    ),
    states=("hidden",),
    step=step,
    activations={"candidate": ("linear", "positive", "tanh")},
    biases=("b",),
    diagram=_DIAGRAM,
    order=11,
)
