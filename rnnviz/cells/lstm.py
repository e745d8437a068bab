"""Long short-term memory.

    f_t = σ(W_xf x_t + b_xf + W_hf h_{t-1} + b_hf)
    i_t = σ(W_xi x_t + b_xi + W_hi h_{t-1} + b_hi)
    g_t = tanh(W_xg x_t + b_xg + W_hg h_{t-1} + b_hg)
    o_t = σ(W_xo x_t + b_xo + W_ho h_{t-1} + b_ho)
    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
    h_t = o_t ⊙ tanh(c_t)

S. Hochreiter and J. Schmidhuber, "Long Short-Term Memory", Neural Computation 9 (1997), with the
forget gate of F. A. Gers, J. Schmidhuber and F. Cummins, "Learning to Forget", Neural Computation
12 (2000). This is what `torch.nn.LSTM` computes, two biases included.
"""

from __future__ import annotations

from itertools import pairwise
from math import inf

from rnnviz.core.backend import Backend
from rnnviz.core.cell import Cell, Gate, Gates, Recurrence, Signal, Signals, equations_in
from rnnviz.core.diagram import Anchor, Diagram, Edge, Node, gate_wires


def step(x: Signals, h: Recurrence, state: Signals, gate: Gates, backend: Backend) -> Signals:
    """One timestep, arrays (batch, unit); Hochreiter & Schmidhuber (1997), Gers et al. (2000)."""
    forget = gate("forget", x["forget"] + h["forget"])
    input_ = gate("input", x["input"] + h["input"])
    candidate = gate("candidate", x["candidate"] + h["candidate"])
    output = gate("output", x["output"] + h["output"])
    cell = forget * state["cell"] + input_ * candidate
    hidden = output * gate.cell_activation(cell)
    return {
        "forget": forget,
        "input": input_,
        "candidate": candidate,
        "output": output,
        "cell": cell,
        "hidden": hidden,
    }


def lstm_diagram(
    *,
    coupled: Node | None = None,
    peepholes: tuple[Edge, ...] = (),
    ending: tuple[Node, ...] = (),
    lower: float = 0,
    written_row: float = 11.2,
) -> Diagram:
    """The drawing of an LSTM: gates below, the cell state above, on the right the hidden state.

    coupled      the input gate where it is 1 − the forget gate, None for a gate of its own.
    peepholes    wires from the cell state to gates.
    ending       nodes from the cell state to the hidden state, of which "shown" is the output
                 gate's product.
    lower        rows by which everything below the cell state stands lower.
    written_row  row of the product that is written.
    """
    gates = {"forget": 6.0, "input": 13.8, "candidate": 21.6, "output": 29.4}
    x, width, written, kept_note, forget_phrase = 12.0, 7.2, 18.6, 12.7, 6.6
    writing: tuple[Edge, ...] = (
        Edge("input", "written", ((13.8, written_row),)),
        Edge("candidate", "written", ((20.9, written_row),)),
    )
    if coupled:
        gates = {"forget": 6.6, "candidate": 20, "output": 29.4}
        x, width, written, kept_note, forget_phrase = 13.4, 8, 20, 13, 5.4
        writing = (
            Edge("forget", "input", ((6.6, written_row),)),
            Edge("input", "written"),
            Edge("candidate", "written"),
        )
    gate_row, x_row, h_row = 20.4 + lower, 24 + lower, 25.6 + lower
    ending = ending or lstm_ending(35.9 if peepholes else 36.2)
    end, shown_row = ending[0].at[0], next(node.at[1] for node in ending if node.name == "shown")
    phrases = {
        "forget": Anchor((gates["forget"] + 0.7, forget_phrase)),
        "input": Anchor((17.1, written_row - 1.7), "end"),
        "output": Anchor((34.7, shown_row - 1.8), "end"),
    }
    boxes = {
        gate: Node(gate, "dense", (at, gate_row), gate, phrase=phrases.get(gate), width=width)
        for gate, at in gates.items()
    }
    output = boxes.pop("output")
    return Diagram(
        size=(40, 29 + lower),
        nodes=(
            Node("x", "input", (x, 28 + lower)),
            Node("hidden before", "before", (0.4, h_row), "hidden", Anchor((0.4, h_row + 0.7))),
            Node("cell before", "before", (0.4, 4.2), "cell", Anchor((0.4, 0.4))),
            *boxes.values(),
            Node(
                "kept", "times", (gates["forget"], 4.2), "cell", Anchor((kept_note, 0.4), "middle")
            ),
            *((coupled,) if coupled else ()),
            Node("written", "times", (written, written_row), "cell", Anchor((written + 0.7, 6.2))),
            Node("sum", "plus", (written, 4.2), "cell"),
            # After the sum, which it may see through a peephole.
            output,
            Node("cell after", "after", (39.6, 4.2), "cell", Anchor((39.6, 0.4), "end")),
            *ending,
            Node(
                "hidden after", "after", (39.6, h_row), "hidden", Anchor((39.6, h_row + 0.7), "end")
            ),
        ),
        edges=(
            *gate_wires("hidden before", {gate: at - 0.8 for gate, at in gates.items()}, h_row),
            *gate_wires("x", {gate: at + 0.8 for gate, at in gates.items()}, x_row, (x, x_row)),
            *peepholes,
            Edge("forget", "kept"),
            Edge("cell before", "kept"),
            *writing,
            Edge("kept", "sum"),
            Edge("written", "sum"),
            Edge("sum", "cell after"),
            Edge("sum", ending[0].name, ((end, 4.2),)),
            Edge("output", "shown", ((29.4, shown_row),)),
            *(Edge(node.name, after.name) for node, after in pairwise(ending)),
            Edge(ending[-1].name, "hidden after", ((end, h_row),)),
        ),
    )


def lstm_ending(column: float = 36.2) -> tuple[Node, ...]:
    """The hidden state of an LSTM's drawing: the output gate times the activated cell state."""
    note = Anchor((column - 0.8, 9.9), "end")
    return (
        Node("activated", "cell_activation", (column, 8.4), "hidden", note),
        Node("shown", "times", (column, 15), "hidden"),
    )


LSTM = Cell(
    name="lstm",
    title="LSTM",
    source="Hochreiter & Schmidhuber 1997; Gers et al. 2000",
    equations=equations_in(__doc__),
    gates=(Gate("forget"), Gate("input"), Gate("candidate", "tanh"), Gate("output")),
    signals=(
        Signal("forget", "f", "gate", 0, 1, "keeps"),
        Signal("input", "i", "gate", 0, 1, "writes"),
        Signal("candidate", "g", "candidate", -1, 1),
        Signal("output", "o", "gate", 0, 1, "shows"),
        Signal("cell", "c", "state", -inf, inf),
        Signal("hidden", "h", "state", -1, 1),
    ),
    states=("hidden", "cell"),
    step=step,
    cell_activation="tanh",
    diagram=lstm_diagram(),
    order=2,
)
