"""MUT1, one of the three best cells that a search through ten thousand found.

    z_t = σ(W_xz x_t + b_z)
    r_t = σ(W_xr x_t + W_hr h_{t-1} + b_r)
    u_t = tanh(W_xu x_t)
    n_t = tanh(W_hn (r_t ⊙ h_{t-1}) + u_t + b_n)
    h_t = z_t ⊙ n_t + (1 − z_t) ⊙ h_{t-1}

R. Jozefowicz, W. Zaremba and I. Sutskever, "An Empirical Exploration of Recurrent Network
Architectures", ICML 2015, MUT1. In the paper x_t has the size of the state and enters the
candidate as tanh(x_t). Inputs of another size need a matrix inside that tanh, W_xu here; with the
identity in its place this is the paper's formula. There u_t and n_t have no letters, W_hn and b_n
are W_hh and b_h, and h_{t+1} follows from h_t. z = 1 writes, z = 0 keeps the old state, the
reverse of the GRU.
"""

from __future__ import annotations

from rnnviz.core.backend import Backend
from rnnviz.core.cell import Cell, Gate, Gates, Recurrence, Signal, Signals, equations_in
from rnnviz.core.diagram import Anchor, Diagram, Edge, Node, gate_wires


def step(x: Signals, h: Recurrence, state: Signals, gate: Gates, backend: Backend) -> Signals:
    """One timestep, arrays (batch, unit); Jozefowicz et al. (2015), MUT1."""
    update = gate("update", x["update"])
    reset = gate("reset", x["reset"] + h["reset"])
    input_term = gate("input_term", x["input_term"])
    recalled = h.product("candidate", reset * state["hidden"])
    candidate = gate("candidate", recalled + input_term)
    hidden = update * candidate + (1 - update) * state["hidden"]
    return {
        "update": update,
        "reset": reset,
        "input_term": input_term,
        "candidate": candidate,
        "hidden": hidden,
    }


_RESET, _UPDATE, _CANDIDATE = 7, 20, 32  # the columns
_DIAGRAM = Diagram(
    size=(40, 34.2),
    nodes=(
        Node("x", "input", (13.4, 33.4)),
        Node("hidden before", "before", (0.4, 4.2), "hidden", Anchor((0.4, 0.4))),
        Node("update", "dense", (_UPDATE, 25.6), "update", phrase=Anchor((20.7, 12.3)), width=9.6),
        Node("reset", "dense", (_RESET, 25.6), "reset", phrase=Anchor((7.7, 19.5)), width=9.6),
        Node("input_term", "dense", (_CANDIDATE, 25.6), "input_term", width=9.6),
        Node("recalled", "times", (_RESET, 17.4), "hidden", Anchor((8.8, 14))),
        Node("candidate", "dense", (_CANDIDATE, 17.4), "candidate", width=12),
        Node("rest", "one_minus", (_UPDATE, 8.2), "update", Anchor((21.8, 6.3))),
        Node("written", "times", (_CANDIDATE, 11), "hidden", Anchor((32.7, 6.4))),
        Node("kept", "times", (_UPDATE, 4.2), "hidden", Anchor((26, 0.4), "middle")),
        Node("sum", "plus", (_CANDIDATE, 4.2), "hidden"),
        Node("hidden after", "after", (39.6, 4.2), "hidden", Anchor((39.6, 0.4), "end")),
    ),
    edges=(
        *gate_wires("hidden before", {"reset": 6.2}, 31.4, (1, 4.2), (1, 31.4)),
        *gate_wires("x", {"reset": 7.8, "update": 20, "input_term": 32}, 30, (13.4, 30)),
        Edge("reset", "recalled"),
        Edge("hidden before", "recalled", ((_RESET, 4.2),)),
        Edge("recalled", "candidate"),
        Edge("input_term", "candidate"),
        Edge("update", "written", ((_UPDATE, 11),)),
        Edge("candidate", "written"),
        Edge("update", "rest"),
        Edge("rest", "kept"),
        Edge("hidden before", "kept"),
        Edge("written", "sum"),
        Edge("kept", "sum"),
        Edge("sum", "hidden after"),
    ),
)

MUT1 = Cell(
    name="mut1",
    title="MUT1",
    source="Jozefowicz et al. 2015",
    equations=equations_in(__doc__),
    gates=(
        Gate("update", recurrence="none"),
        Gate("reset"),
        Gate("input_term", "tanh", recurrence="none", biases=()),
        Gate(
            "candidate",
            "tanh",
            recurrence="inside",
            scaled_by="reset",
            reads_input=False,
            adds=("input_term",),
            biases=("bh",),
        ),
    ),
    signals=(
        Signal("update", "z", "gate", 0, 1, "writes", gloss="update_writes"),
        Signal("reset", "r", "gate", 0, 1, "passes"),
        Signal("input_term", "u", "intermediate", -1, 1),
        Signal("candidate", "n", "candidate", -1, 1),
        Signal("hidden", "h", "state", -1, 1),
    ),
    states=("hidden",),
    step=step,
    biases=("b",),
    diagram=_DIAGRAM,
)
