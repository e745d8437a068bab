"""Long short-term memory with a diagonal recurrence: each unit's gates see only its own past.

    f_t = σ(W_xf x_t + b_xf + w_hf ⊙ h_{t-1} + b_hf)
    i_t = σ(W_xi x_t + b_xi + w_hi ⊙ h_{t-1} + b_hi)
    g_t = tanh(W_xg x_t + b_xg + w_hg ⊙ h_{t-1} + b_hg)
    o_t = σ(W_xo x_t + b_xo + w_ho ⊙ h_{t-1} + b_ho)
    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
    h_t = o_t ⊙ tanh(c_t)

The idea is that of S. Li, W. Li, C. Cook, C. Zhu and Y. Gao, "Independently Recurrent Neural
Network (IndRNN): Building A Longer and Deeper RNN", CVPR 2018, who have it in the simple
network alone. This is their recurrence in the LSTM of `lstm`: the same equations, with a vector
(unit,) where that has a matrix (unit, unit), thus `torch.nn.LSTM` with diagonal W_h. Units meet
only in the layer above.
"""

from __future__ import annotations

from rnnviz.cells.lstm import LSTM, lstm_diagram, step
from rnnviz.core.cell import Cell, equations_in

LSTM_DIAGONAL = Cell(
    name="lstm_diagonal",
    title="LSTM with diagonal recurrence",
    source="Li et al. 2018; Hochreiter & Schmidhuber 1997",
    equations=equations_in(__doc__),
    gates=LSTM.gates,
    signals=LSTM.signals,
    states=LSTM.states,
    step=step,
    recurrences=("one_to_one",),
    cell_activation="tanh",
    diagram=lstm_diagram(),
)
