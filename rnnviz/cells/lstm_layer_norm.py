"""Long short-term memory with layer normalisation.

    f_t = σ(LN(W_xf x_t) + LN(W_hf h_{t-1}) + b_f)
    i_t = σ(LN(W_xi x_t) + LN(W_hi h_{t-1}) + b_i)
    g_t = tanh(LN(W_xg x_t) + LN(W_hg h_{t-1}) + b_g)
    o_t = σ(LN(W_xo x_t) + LN(W_ho h_{t-1}) + b_o)
    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
    ĉ_t = LN(c_t)
    h_t = o_t ⊙ tanh(ĉ_t)

    LN(z) = γ ⊙ (z − μ) / s + β,   μ = mean of z,   s = √(mean of (z − μ)² + ε)

J. L. Ba, J. R. Kiros and G. E. Hinton, "Layer Normalization", arXiv 1607.06450 (2016), eqs. 20–22.
The mean is taken over all units of all four gates together, once for W_x x_t and once for
W_h h_{t-1}. The gains γ are `gate.gx` and `gate.gh`, the shifts β `gate.sx` and `gate.sh`; those
of the cell state are `cell.g` and `cell.s`.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from rnnviz.cells.lstm import LSTM
from rnnviz.core.backend import Backend, Tensor
from rnnviz.core.cell import Cell, GateFunctions, Param, RecurrentInput, Signal, Signals
from rnnviz.core.diagram import Diagram, Edge, Node, Spot

# As in torch.nn.LayerNorm; the paper names none.
EPSILON = 1e-5
_GATES = tuple(gate.name for gate in LSTM.gates)


def moments(products: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
    """Mean μ and spread s (batch, 1) of all products (batch, unit) together.

    >>> import numpy as np
    >>> mean, spread = moments({"forget": np.array([[1.0, 3.0]]), "input": np.array([[1.0, 3.0]])})
    >>> float(mean[0, 0]), round(float(spread[0, 0]), 3)
    (2.0, 1.0)
    """
    mean = sum(z.mean(-1, keepdims=True) for z in products.values()) / len(products)
    squares = (((z - mean) ** 2).mean(-1, keepdims=True) for z in products.values())
    return mean, (sum(squares) / len(products) + EPSILON) ** 0.5


def step(
    x: Mapping[str, Tensor],
    h: RecurrentInput,
    state: Mapping[str, Tensor],
    gate: GateFunctions,
    backend: Backend,
) -> Signals:
    """One timestep, arrays (batch, unit); Ba et al. (2016), eqs. 20–22."""
    seen = _normalised({name: x[name] for name in _GATES}, "x", h)
    recalled = _normalised({name: h[name] for name in _GATES}, "h", h)
    forget, input_, candidate, output = (
        gate(name, seen[name] + recalled[name] + h.weight(f"{name}.b")) for name in _GATES
    )
    cell = forget * state["cell"] + input_ * candidate
    normalised = _normalised({"cell": cell}, "", h)["cell"]
    hidden = output * gate.cell_activation(normalised)
    return {
        "forget": forget,
        "input": input_,
        "candidate": candidate,
        "output": output,
        "cell": cell,
        "normalised": normalised,
        "hidden": hidden,
    }


def _normalised(products: Mapping[str, Tensor], of: str, h: RecurrentInput) -> dict[str, Tensor]:
    mean, spread = moments(products)
    return {
        name: h.weight(f"{name}.g{of}") * (z - mean) / spread + h.weight(f"{name}.s{of}")
        for name, z in products.items()
    }


_H, _X = 26.6, 25.0  # the rows in which h and x run below the gates
_DIAGRAM = Diagram(
    size=(40, 30),
    nodes=(
        Node("x", "input", (12, 29)),
        Node("hidden before", "before", (0.4, _H), "hidden", Spot((0.4, 27.3))),
        Node("cell before", "before", (0.4, 4.2), "cell", Spot((0.4, 0.4))),
        Node("forget", "dense", (6, 21.4), "forget", phrase=Spot((6.7, 6.6)), width=7.2),
        Node("input", "dense", (13.8, 21.4), "input", phrase=Spot((17.1, 10.1), "end"), width=7.2),
        Node("candidate", "dense", (21.6, 21.4), "candidate", width=7.2),
        Node(
            "output", "dense", (29.4, 21.4), "output", phrase=Spot((34.7, 14.4), "end"), width=7.2
        ),
        Node("kept", "times", (6, 4.2), "cell", Spot((12.7, 0.4), "middle")),
        Node("written", "times", (18.6, 11.8), "cell", Spot((19.3, 6.2))),
        Node("sum", "plus", (18.6, 4.2), "cell"),
        Node("cell after", "after", (39.6, 4.2), "cell", Spot((39.6, 0.4), "end")),
        Node("normalised", "normalise", (36.2, 7.2), "normalised", Spot((34, 5.4), "end")),
        Node("squashed", "squash", (36.2, 11.4), "hidden", Spot((33.4, 9.4), "end")),
        Node("shown", "times", (36.2, 16.2), "hidden"),
        Node("hidden after", "after", (39.6, _H), "hidden", Spot((39.6, 27.3), "end")),
    ),
    edges=(
        Edge("hidden before", "forget", ((5.2, _H),)),
        Edge("hidden before", "input", ((13, _H),)),
        Edge("hidden before", "candidate", ((20.8, _H),)),
        Edge("hidden before", "output", ((28.6, _H),)),
        Edge("x", "forget", ((12, _X), (6.8, _X))),
        Edge("x", "input", ((12, _X), (14.6, _X))),
        Edge("x", "candidate", ((12, _X), (22.4, _X))),
        Edge("x", "output", ((12, _X), (30.2, _X))),
        Edge("forget", "kept"),
        Edge("cell before", "kept"),
        Edge("input", "written", ((13.8, 11.8),)),
        Edge("candidate", "written", ((20.9, 11.8),)),
        Edge("kept", "sum"),
        Edge("written", "sum"),
        Edge("sum", "cell after"),
        Edge("sum", "normalised", ((36.2, 4.2),)),
        Edge("normalised", "squashed"),
        Edge("output", "shown", ((29.4, 16.2),)),
        Edge("squashed", "shown"),
        Edge("shown", "hidden after", ((36.2, _H),)),
    ),
)

LSTM_LAYER_NORM = Cell(
    name="lstm_layer_norm",
    title="LSTM with layer normalisation",
    source="Ba et al. 2016",
    equations=(
        "f_t = σ(LN(W_xf x_t) + LN(W_hf h_{t-1}) + b_f)",
        "i_t = σ(LN(W_xi x_t) + LN(W_hi h_{t-1}) + b_i)",
        "g_t = tanh(LN(W_xg x_t) + LN(W_hg h_{t-1}) + b_g)",
        "o_t = σ(LN(W_xo x_t) + LN(W_ho h_{t-1}) + b_o)",
        "c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t",
        "ĉ_t = LN(c_t)",
        "h_t = o_t ⊙ tanh(ĉ_t)",
    ),
    gates=LSTM.gates,
    signals=(
        *LSTM.signals[:-1],
        Signal("normalised", "ĉ", "intermediate", -inf, inf),
        LSTM.signal("hidden"),
    ),
    states=LSTM.states,
    step=step,
    # The bias is added after the normalisation, so it is none of the products'.
    biases=(),
    cell_activation="tanh",
    extra_params=(
        *(
            Param(f"{gate}.{role}", ("unit",), required=role.startswith("g"))
            for gate in _GATES
            for role in ("gx", "gh", "sx", "sh", "b")
        ),
        Param("cell.g", ("unit",)),
        Param("cell.s", ("unit",), required=False),
    ),
    updates={
        "cell": LSTM.updates["cell"],
        "hidden": {"shown": ("output", "squash:normalised")},
    },
    diagram=_DIAGRAM,
)
