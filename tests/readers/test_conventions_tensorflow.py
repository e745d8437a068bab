"""TensorFlow 1's cells with a projection, and that of cuDNN, against their formulas."""

from __future__ import annotations

import numpy as np
import pytest

import rnnviz as rv
from tests.readers.test_conventions import GRU, H, N, Weights, X, asked, gru, imported, sigmoid
from tests.readers.test_state_dict import hidden
from tests.witnesses import assert_close, normal

P = 2
WORDS = {
    "today": (
        "rnn/lstm_cell/kernel:0",
        "rnn/lstm_cell/bias:0",
        "rnn/lstm_cell/projection/kernel:0",
    ),
    "ELMo": ("Cell0/LSTMCell/W_0", "Cell0/LSTMCell/B", "Cell0/LSTMCell/W_P_0"),
    "with dots": ("rnn.lstm_cell.kernel", "rnn.lstm_cell.bias", "rnn.lstm_cell.projection.kernel"),
}


@pytest.mark.parametrize("who", WORDS)
def test_tensorflows_projection_is_what_the_cell_passes_on(who: str) -> None:
    """`LSTMCell(num_proj=…)`: m = matmul(m, projection), and the next step reads [x, m]."""
    arrays = {"kernel": normal(N + P, 4 * H), "bias": normal(4 * H), "projection": normal(H, P)}
    m, c, wanted = np.zeros((2, P)), np.zeros((2, H)), []
    for x in X:
        i, j, f, o = np.split(np.concatenate([x, m], 1) @ arrays["kernel"] + arrays["bias"], 4, 1)
        c = sigmoid(f + 1) * c + sigmoid(i) * np.tanh(j)
        m = (sigmoid(o) * np.tanh(c)) @ arrays["projection"]
        wanted.append(m)
    found = imported(dict(zip(WORDS[who], arrays.values(), strict=True)))
    assert asked(found) == {"forget_bias": "1"}
    assert_close(hidden(found.model, X), np.stack(wanted))
    assert found.model.readout is None


def test_tensorflows_projection_with_peepholes_is_refused() -> None:
    arrays = dict(
        zip(WORDS["today"], (normal(N + P, 4 * H), normal(4 * H), normal(H, P)), strict=True)
    )
    arrays |= {f"rnn/lstm_cell/w_{gate}_diag:0": normal(H) for gate in "ifo"}
    with pytest.raises(rv.ModelError, match="none of the cells"):
        imported(arrays)


def test_tensorflows_gru_of_cudnn_resets_after_the_product() -> None:
    """`CudnnCompatibleGRUCell`: candidate = tanh(W x + b + r ⊙ (U h + d))."""
    w = Weights(GRU, biases=2)
    path = "rnn/cudnn_compatible_gru_cell"
    arrays = {
        f"{path}/gates/kernel": w.stack_over_both("rz").T,
        f"{path}/gates/bias": w.stack("b", "rz") + w.stack("bh", "rz"),
        f"{path}/candidate/input_projection/kernel": w.x["n"].T,
        f"{path}/candidate/input_projection/bias": w.b["n"],
        f"{path}/candidate/hidden_projection/kernel": w.h["n"].T,
        f"{path}/candidate/hidden_projection/bias": w.bh["n"],
    }
    found = imported(arrays)
    assert found.questions == ()
    assert_close(hidden(found.model, X), gru(w, is_after=True))
