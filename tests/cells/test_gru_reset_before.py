"""Keras and the ONNX reference evaluator as second witnesses, above all for the reset before."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import onnx
import pytest
import torch
from keras.src.backend.common import dtypes
from onnx.reference import ReferenceEvaluator

import rnnviz as rv
from tests.witnesses import BATCH, INPUT, STEPS, UNIT, Array, assert_close, normal

GATES = {
    "rnn": ("hidden",),
    "lstm": ("input", "forget", "candidate", "output"),
    "gru": ("update", "reset", "candidate"),
    "gru_reset_after": ("update", "reset", "candidate"),
}
ONNX_GATES = GATES | {"lstm": ("input", "output", "forget", "candidate")}
ONNX_NODES = {
    "rnn": ("RNN", {}),
    "lstm": ("LSTM", {}),
    "gru": ("GRU", {"linear_before_reset": 0}),
    "gru_reset_after": ("GRU", {"linear_before_reset": 1}),
}
KERAS_LAYERS = {
    "rnn": (keras.layers.SimpleRNN, {}),
    "lstm": (keras.layers.LSTM, {}),
    "gru": (keras.layers.GRU, {"reset_after": False}),
    "gru_reset_after": (keras.layers.GRU, {"reset_after": True}),
}
VALUES = normal(STEPS, BATCH, INPUT, seed=70)
STATES = {"hidden": np.tanh(normal(BATCH, UNIT, seed=71)), "cell": normal(BATCH, UNIT, seed=72)}
BACKENDS = ["numpy", "torch"]


@pytest.fixture(autouse=True)
def _keras_multiplies_in_float64(monkeypatch: pytest.MonkeyPatch) -> None:
    # On Torch, Keras casts float64 to float32 inside matmul (keras-team/keras#23223, #23704).
    monkeypatch.setitem(dtypes.BIT64_TO_BIT32_DTYPE, "float64", "float64")


def weights_of(cell: str, *, biases: tuple[str, ...] = ()) -> dict[str, Array]:
    """Random weights; of the biases those that the cell has, or those named."""
    roles = {"x": (UNIT, INPUT), "h": (UNIT, UNIT)}
    roles |= dict.fromkeys(biases or rv.CELLS[cell].biases, (UNIT,))
    names = [(gate, role) for gate in GATES[cell] for role in roles]
    return {f"{g}.{r}": normal(*roles[r], seed=i) for i, (g, r) in enumerate(names)}


def traced(cell: str, weights: dict[str, Array], backend: str = "numpy") -> Array:
    """The hidden states (time, batch, unit) that rnnviz computes from STATES."""
    initial = {name: STATES[name] for name in rv.CELLS[cell].states}
    layer = rv.Layer(cell, "forward", weights, initial)
    return rv.trace(rv.Model((layer,)), VALUES, backend=backend)["hidden"]


def keras_says(cell: str, weights: dict[str, Array]) -> Array:
    """Keras' hidden states (time, batch, unit) from STATES."""
    kind, options = KERAS_LAYERS[cell]
    layer = kind(UNIT, return_sequences=True, dtype="float64", **options)
    layer.build((BATCH, STEPS, INPUT))

    def columns(role: str) -> Array:
        return np.concatenate([weights[f"{gate}.{role}"].T for gate in GATES[cell]], axis=-1)

    bias = np.stack([columns("b"), columns("bh")]) if f"{GATES[cell][0]}.bh" in weights else None
    layer.set_weights([columns("x"), columns("h"), columns("b") if bias is None else bias])
    initial = [torch.tensor(STATES[name]) for name in rv.CELLS[cell].states]
    hidden = layer(torch.tensor(VALUES.swapaxes(0, 1)), initial_state=initial)
    return hidden.detach().cpu().numpy().swapaxes(0, 1)


def onnx_says(cell: str, weights: dict[str, Array]) -> Array:
    """The ONNX reference evaluator's hidden states (time, batch, unit) from STATES."""
    operator, options = ONNX_NODES[cell]
    names = ["X", "W", "R", "B", "", *rv.CELLS[cell].states]

    def rows(role: str) -> Array:
        zeros = np.zeros(UNIT)
        return np.concatenate([weights.get(f"{gate}.{role}", zeros) for gate in ONNX_GATES[cell]])

    node = onnx.helper.make_node(operator, names, ["Y"], hidden_size=UNIT, **options)
    given: dict[str, Any] = {
        "X": VALUES,
        "W": rows("x")[None],
        "R": rows("h")[None],
        "B": np.concatenate([rows("b"), rows("bh")])[None],
        **{name: STATES[name][None] for name in rv.CELLS[cell].states},
    }
    declared = [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.DOUBLE, array.shape)
        for name, array in given.items()
    ]
    hidden = onnx.helper.make_tensor_value_info("Y", onnx.TensorProto.DOUBLE, None)
    graph = onnx.helper.make_graph([node], "witness", declared, [hidden])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 21)])
    return np.asarray(ReferenceEvaluator(model).run(None, given)[0])[:, 0]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("cell", ["gru", "gru_reset_after"])
def test_both_forms_of_the_gru_match_keras_from_a_random_state(cell: str, backend: str) -> None:
    weights = weights_of(cell)
    assert_close(traced(cell, weights, backend), keras_says(cell, weights))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("cell", ["gru", "gru_reset_after"])
def test_both_forms_of_the_gru_match_onnx_from_a_random_state(cell: str, backend: str) -> None:
    weights = weights_of(cell)
    assert_close(traced(cell, weights, backend), onnx_says(cell, weights))


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_rnn_and_lstm_match_keras_which_has_one_bias(cell: str) -> None:
    weights = weights_of(cell, biases=("b",))
    assert_close(traced(cell, weights), keras_says(cell, weights))


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_rnn_and_lstm_match_onnx_which_has_two_biases(cell: str) -> None:
    weights = weights_of(cell)
    assert_close(traced(cell, weights), onnx_says(cell, weights))


def test_the_two_forms_differ_on_the_same_weights_from_a_random_state() -> None:
    weights = weights_of("gru", biases=("b",))
    before, after = traced("gru", weights), traced("gru_reset_after", weights)
    wanted = keras_says("gru", weights) - onnx_says("gru_reset_after", weights)
    assert abs(wanted).max() > 0.05
    assert_close(before - after, wanted)


def test_the_two_forms_agree_while_the_state_is_zero() -> None:
    """The reset gate has nothing to act on: n = tanh(W x + b), h = (1 − z) ⊙ n in both."""
    weights = weights_of("gru", biases=("b",))
    x = VALUES[0]
    update = weights["update.x"] @ x.T + weights["update.b"][:, None]
    candidate = weights["candidate.x"] @ x.T + weights["candidate.b"][:, None]
    wanted = (1 - 1 / (1 + np.exp(-update))) * np.tanh(candidate)
    for cell in ("gru", "gru_reset_after"):
        layer = rv.Layer(cell, "forward", weights)
        assert_close(rv.trace(rv.Model((layer,)), VALUES[:1])["hidden"][0], wanted.T)
