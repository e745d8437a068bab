"""Variables by the names that TensorFlow gives them, as a SavedModel has them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import rnnviz as rv
from tests.witnesses import INPUT, UNIT, Array, assert_close, normal, sigmoid


# Of tf.keras 2.15, and of `model.export` of Keras 3 with TensorFlow 2.18.
@pytest.mark.parametrize("layer", ["lstm_1/lstm_cell", "sequential/lstm/lstm_cell"])
def test_variables_by_tensorflows_names_are_read_and_the_gates_asked(
    layer: str, tmp_path: Path
) -> None:
    """keras.layers.LSTM, its equations with either sigmoid."""
    shapes = ((INPUT, 4 * UNIT), (UNIT, 4 * UNIT), (4 * UNIT,))
    kernel, recurrent, bias = (normal(*shape, seed=i) for i, shape in enumerate(shapes))
    arrays = {"kernel": kernel, "recurrent_kernel": recurrent, "bias": bias}
    np.savez(tmp_path / "model.npz", **{f"{layer}/{name}:0": a for name, a in arrays.items()})
    values = normal(4, 2, INPUT, seed=9)
    for answer, gate in (("sigmoid", sigmoid), ("hard_sigmoid(0.2,0.5)", hard)):
        found = rv.open_model(tmp_path / "model.npz", {"recurrent_activation": answer})
        assert {q.name: q.likely for q in found.questions} == {
            "activation": "tanh",
            "recurrent_activation": "sigmoid",
        }
        h = c = np.zeros((2, UNIT))
        for x, ours in zip(values, rv.trace(found.model, values)["hidden"], strict=True):
            i, f, g, o = np.split(x @ kernel + h @ recurrent + bias, 4, axis=1)
            c = gate(f) * c + gate(i) * np.tanh(g)
            h = gate(o) * np.tanh(c)
            assert_close(ours, h)


def hard(values: Array) -> Array:
    """`hard_sigmoid` of Keras 2, keras/backend.py."""
    return np.clip(0.2 * values + 0.5, 0, 1)
