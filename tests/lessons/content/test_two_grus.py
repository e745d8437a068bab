"""Two GRUs, with PyTorch and ONNX as the witnesses of what either computes."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch
from onnx.reference import ReferenceEvaluator

from rnnviz.lessons.content import two_grus
from rnnviz.lessons.content.networks import UNITS, sentence, small_network
from tests.witnesses import Array, assert_close

INPUTS = sentence().values
STARTS = two_grus.CODE.settings()
FACTS = {name: fact(STARTS) for name, fact in two_grus.CODE.facts.items()}
TORCH_GRU = ("reset", "update", "candidate")


def hidden(cell: str, init: str = "xavier") -> Array:
    return np.asarray(two_grus.reset_trace(small_network(cell, init=init))["hidden"])


def stacked(weights: dict[str, Array], role: str, order: tuple[str, ...]) -> Array:
    return np.concatenate([weights[f"{gate}.{role}"] for gate in order])


def pytorch(init: str, kind: type[torch.nn.GRU] | type[torch.nn.LSTM], cell: str) -> Array:
    """PyTorch's module with its own rows, in the order that its documentation gives."""
    order = {
        "gru_reset_after": ("reset", "update", "candidate"),
        "lstm": ("input", "forget", "candidate", "output"),
    }[cell]
    module = kind(INPUTS.shape[2], UNITS, dtype=torch.float64)
    weights = dict(small_network(cell, init=init).layers[0].weights)
    with torch.no_grad():
        for role, param in (
            ("x", module.weight_ih_l0),
            ("h", module.weight_hh_l0),
            ("b", module.bias_ih_l0),
            ("bh", module.bias_hh_l0),
        ):
            param.copy_(torch.tensor(stacked(weights, role, order)))
        return np.asarray(module(torch.tensor(INPUTS, dtype=torch.float64))[0].numpy())


def onnx_gru(linear_before_reset: int) -> Array:
    """ONNX's reference GRU with rows z, r, n and no biases."""
    weights = dict(small_network("gru").layers[0].weights)
    order = ("update", "reset", "candidate")
    node = onnx.helper.make_node(
        "GRU",
        ["x", "w", "r"],
        ["", "y"],
        hidden_size=UNITS,
        linear_before_reset=linear_before_reset,
    )
    kind = onnx.TensorProto.DOUBLE
    graph = onnx.helper.make_graph(
        [node],
        "gru",
        [onnx.helper.make_tensor_value_info(name, kind, None) for name in "xwr"],
        [onnx.helper.make_tensor_value_info("y", kind, None)],
    )
    evaluator = ReferenceEvaluator(onnx.helper.make_model(graph))
    given = {"w": stacked(weights, "x", order)[None], "r": stacked(weights, "h", order)[None]}
    # Its last state after each beginning of the sentence.
    ends = [
        evaluator.run(None, {"x": INPUTS[: t + 1].astype(float), **given})[0][0]
        for t in range(len(INPUTS))
    ]
    return np.array(ends)


def test_reset_before_is_onnxs_default_and_reset_after_is_pytorchs() -> None:
    assert_close(hidden("gru"), onnx_gru(linear_before_reset=0))
    assert_close(hidden("gru_reset_after"), onnx_gru(linear_before_reset=1))
    after = pytorch("xavier", torch.nn.GRU, "gru_reset_after")
    assert_close(hidden("gru_reset_after"), after)
    assert abs(FACTS["gap_free"] - abs(onnx_gru(0) - after).max()) < 1e-12


def test_both_have_the_same_weights_and_first_differ_at_step_2() -> None:
    one, other = (small_network(c).layers[0].weights for c in ("gru", "gru_reset_after"))
    assert all((one[name] == other[name]).all() for name in one)
    assert not any(other[name].any() for name in other if name.endswith(("b", "bh")))
    gap = abs(onnx_gru(0) - pytorch("xavier", torch.nn.GRU, "gru_reset_after")).max(axis=(1, 2))
    assert gap[0] < 1e-12 < 0.1 < gap[1]
    assert FACTS["gap_first"] == 0
    assert FACTS["gap_second"] == pytest.approx(gap[1])
    assert two_grus.CODE.answers["first"]() == 2


@pytest.mark.parametrize("reset", [0.0, 0.3, 0.55, 1.0])
def test_a_reset_that_all_units_share_makes_no_difference(reset: float) -> None:
    assert two_grus.gru_distance(reset).max() < 1e-14
    assert FACTS["gap_at_0"] == FACTS["gap_at_1"] == 0
    assert FACTS["gap_held"] < 1e-14


def test_gates_may_be_told_one_bias_but_the_candidate_may_not() -> None:
    own = pytorch("pytorch", torch.nn.GRU, "gru_reset_after")
    assert_close(hidden("gru_reset_after", "pytorch"), own)
    assert FACTS["merged_gates"] < 1e-14
    summed = two_grus.reset_trace(two_grus.merged_biases("candidate"))["hidden"]
    assert FACTS["merged"] == pytest.approx(abs(own - summed).max())
    assert FACTS["merged_first"] == pytest.approx(abs(own - summed)[0].max())
    assert min(FACTS["merged"], FACTS["merged_first"]) > 0.05


def test_rows_in_another_order_are_another_network_save_for_keras_lstm() -> None:
    weights = dict(small_network("gru").layers[0].weights)
    rows = {role: stacked(weights, role, ("reset", "update", "candidate")) for role in "xh"}
    # As ONNX takes them: the first rows for z, the next for r.
    z, r, n = ({role: rows[role][i * UNITS : (i + 1) * UNITS] for role in "xh"} for i in range(3))
    h, states = np.zeros(UNITS), []
    for x in INPUTS[:, 0]:
        update, reset = (1 / (1 + np.exp(-(g["x"] @ x + g["h"] @ h))) for g in (z, r))
        h = update * h + (1 - update) * np.tanh(n["x"] @ x + reset * (n["h"] @ h))
        states.append(h)
    assert_close(two_grus.reset_trace(two_grus.misread_model("gru_zrn"))["hidden"][:, 0], states)
    assert min(FACTS["misread_gru"], FACTS["misread_onnx"]) > 0.5
    assert FACTS["misread_keras"] == 0
    right = pytorch("xavier", torch.nn.LSTM, "lstm")
    misread = two_grus.reset_trace(two_grus.misread_model("lstm_iofc"))["hidden"]
    assert FACTS["misread_onnx"] == pytest.approx(abs(right - misread).max())


def test_a_z_that_writes_is_read_by_turning_its_signs() -> None:
    weights = small_network("gru_reset_after").layers[0].weights
    h, states = np.zeros(UNITS), []
    for x in INPUTS[:, 0]:
        read = {gate: weights[f"{gate}.x"] @ x for gate in TORCH_GRU}
        recalled = {gate: weights[f"{gate}.h"] @ h for gate in TORCH_GRU}
        reset, update = (
            1 / (1 + np.exp(-read[gate] - recalled[gate])) for gate in ("reset", "update")
        )
        candidate = np.tanh(read["candidate"] + reset * recalled["candidate"])
        h = (1 - update) * h + update * candidate
        states.append(h)
    assert_close(two_grus.reset_trace(two_grus.negated_update())["hidden"][:, 0], states)
    assert FACTS["turned"] == pytest.approx(
        abs(hidden("gru_reset_after")[:, 0] - np.array(states)).max()
    )
    assert FACTS["turned"] > 1


def test_reset_near_1_makes_the_difference_smaller_but_not_zero() -> None:
    """PyTorch's GRU with the raised bias, against ONNX's formula with the same."""
    weights = small_network("gru").layers[0].weights
    h, states, resets = np.zeros(UNITS), [], []
    for x in INPUTS[:, 0]:
        reset = 1 / (1 + np.exp(-(weights["reset.x"] @ x + weights["reset.h"] @ h + 6)))
        update = 1 / (1 + np.exp(-(weights["update.x"] @ x + weights["update.h"] @ h)))
        n = np.tanh(weights["candidate.x"] @ x + weights["candidate.h"] @ (reset * h))
        h = update * h + (1 - update) * n
        states.append(h)
        resets.append(reset)
    assert FACTS["near_mean"] == pytest.approx(np.mean(resets))
    module = torch.nn.GRU(INPUTS.shape[2], UNITS, dtype=torch.float64)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
        module.weight_ih_l0.copy_(torch.tensor(stacked(dict(weights), "x", TORCH_GRU)))
        module.weight_hh_l0.copy_(torch.tensor(stacked(dict(weights), "h", TORCH_GRU)))
        module.bias_ih_l0[:UNITS] = 6
        after = module(torch.tensor(INPUTS, dtype=torch.float64))[0].numpy()[:, 0]
    gap = abs(np.array(states) - after).max()
    assert FACTS["near_gap"] == pytest.approx(gap)
    assert 0.05 < gap < 0.5 * float(FACTS["gap_free"])


def test_held_gates_agree_and_only_the_gates_biases_may_be_merged() -> None:
    assert two_grus.CODE.answers["hold"]() == 0
    assert float(FACTS["gap_half"]) < 1e-14
    assert two_grus.CODE.answers["merge"]() == 1
    agree = two_grus.CODE.exercises["agree"].reached
    assert agree({"reset": 0.35})
    assert not agree({"reset": None})


def test_keras_stores_transposed_matrices_and_two_biases_only_for_reset_after() -> None:
    keras = pytest.importorskip("keras")
    shapes = {}
    for after in (True, False):
        layer = keras.layers.GRU(5, reset_after=after)
        layer.build((None, None, 3))
        shapes[after] = [tuple(weight.shape) for weight in layer.weights]
    assert shapes == {True: [(3, 15), (5, 15), (2, 15)], False: [(3, 15), (5, 15), (15,)]}
    module = torch.nn.GRU(3, 5)
    turned = [tuple(module.weight_ih_l0.T.shape), tuple(module.weight_hh_l0.T.shape)]
    assert turned == shapes[True][:2]


def test_the_exercises_are_the_two_sums() -> None:
    h, r, w = (np.array([FACTS[f"given_{name}{i}"] for i in "12"]) for name in "hrw")
    assert FACTS["given_before"] == pytest.approx(w @ (r * h))
    assert FACTS["given_after"] == pytest.approx(r[0] * (w @ h))
    z = 1 / (1 + np.exp(-float(FACTS["given_sum"])))
    keeps = 1 / (1 + np.exp(-float(FACTS["given_turned"])))
    assert (1 - z) * 0.3 + z * 0.8 == pytest.approx(keeps * 0.3 + (1 - keeps) * 0.8)


@pytest.mark.parametrize("form", two_grus.GRUS)
def test_the_live_drawing_shows_the_chosen_form(form: str) -> None:
    widget = two_grus.CODE.widgets["cell"]({**STARTS, "form": form})
    assert widget.model.layers[0].cell_name == form
    assert_close(widget.trace["hidden"], hidden(form))
