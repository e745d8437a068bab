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

from math import inf

from rnnviz.cells.lstm import LSTM, lstm_diagram
from rnnviz.core.backend import Backend, Tensor
from rnnviz.core.cell import Cell, Gates, Param, Recurrence, Signal, Signals, equations_in
from rnnviz.core.diagram import Anchor, Node

# As in torch.nn.LayerNorm; the paper names none.
EPSILON = 1e-5
_GATES = tuple(gate.name for gate in LSTM.gates)


def moments(products: Signals) -> tuple[Tensor, Tensor]:
    """Mean μ and spread s (batch, 1) of all products (batch, unit) together.

    >>> import numpy as np
    >>> mean, spread = moments({"forget": np.array([[1.0, 3.0]]), "input": np.array([[1.0, 3.0]])})
    >>> float(mean[0, 0]), round(float(spread[0, 0]), 3)
    (2.0, 1.0)
    """
    mean = sum(z.mean(-1, keepdims=True) for z in products.values()) / len(products)
    squares = (((z - mean) ** 2).mean(-1, keepdims=True) for z in products.values())
    return mean, (sum(squares) / len(products) + EPSILON) ** 0.5


def step(x: Signals, h: Recurrence, state: Signals, gate: Gates, backend: Backend) -> Signals:
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


def _normalised(products: Signals, of: str, h: Recurrence) -> dict[str, Tensor]:
    mean, spread = moments(products)
    return {
        name: h.weight(f"{name}.g{of}") * (z - mean) / spread + h.weight(f"{name}.s{of}")
        for name, z in products.items()
    }


LSTM_LAYER_NORM = Cell(
    name="lstm_layer_norm",
    title="LSTM with layer normalisation",
    source="Ba et al. 2016",
    equations=equations_in(__doc__),
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
    diagram=lstm_diagram(
        lower=1,
        written_row=11.8,
        ending=(
            Node("normalised", "normalise", (36.2, 7.2), "normalised", Anchor((34, 5.4), "end")),
            Node(
                "activated", "cell_activation", (36.2, 11.4), "hidden", Anchor((33.4, 9.4), "end")
            ),
            Node("shown", "times", (36.2, 16.2), "hidden"),
        ),
    ),
    order=8,
)
