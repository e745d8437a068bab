"""ONNX files with too much or too little around a layer open exported as their refusal says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import helper, numpy_helper

import rnnviz as rv
from tests.readers.onnx.onnx_files import model, node, weights
from tests.readers.onnx.torch_exports import TIME_AND_BATCH, exported
from tests.witnesses import normal

pytestmark = pytest.mark.filterwarnings("ignore")
VALUES = normal(6, 2, 3).astype(np.float32)


class Tagger(torch.nn.Module):
    """A recurrent layer among much else."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = torch.nn.GRU(3, 4)
        self.rest = torch.nn.Sequential(*(torch.nn.Linear(4, 4) for _ in range(60)))

    def forward(self, x: Any) -> Any:
        return self.rest(self.rnn(x)[0])


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(3)


def refusal(proto: Any, words: str) -> None:
    Path("m.onnx").write_bytes(proto.SerializeToString())
    with pytest.raises(rv.ModelError, match=re.escape(words)):
        rv.open_model("m.onnx", bounded=False)


def check(proto: Any, *, is_proved: bool = True) -> None:
    """The file opens, proved, and its hidden states are what onnxruntime gives."""
    Path("m.onnx").write_bytes(proto.SerializeToString())
    opened = rv.open_model("m.onnx", bounded=False)
    assert opened.certainty.grade == "proved" or not is_proved
    session = onnxruntime.InferenceSession("m.onnx")
    wanted = session.run(None, {session.get_inputs()[0].name: VALUES})[0]
    got = rv.trace(opened.model, VALUES)["hidden"]
    np.testing.assert_allclose(got, wanted.reshape(got.shape), rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize(
    ("bound", "size"),
    [
        ("graph.MAX_NODES", 40),
        ("graph._MAX_PARTS", 200),
        ("wire.MAX_FIELDS", 600),
        ("wire.MAX_MESSAGE_BYTES", 3_000),
    ],
)
def test_a_large_graph_opens_when_the_recurrent_part_is_exported_alone(
    bound: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, given = Tagger(), (torch.tensor(VALUES),)
    monkeypatch.setattr(f"rnnviz.readers.onnx.{bound}", size)
    refusal(exported(module, given, (TIME_AND_BATCH,)), "export the recurrent part alone")
    check(exported(module.rnn, given, (TIME_AND_BATCH,)))


LSTM = weights("LSTM", (3, 4), dtype=np.float32)


def honest() -> Any:
    return model([node("LSTM", LSTM)], LSTM)


def with_deep_bodies() -> Any:
    last = inner = helper.make_node("Identity", ["X"], ["z"])
    given = [helper.make_tensor_value_info("z", 1, None)]
    other = helper.make_graph([last], "other", [], given)
    for _ in range(12):
        body = helper.make_graph([inner], "body", [], given)
        inner = helper.make_node("If", ["go"], ["z"], then_branch=body, else_branch=other)
    return model([node("LSTM", LSTM), inner], LSTM | {"go": np.array(True)})


def with_sparse_weights() -> Any:
    proto = honest()
    dense = LSTM["R"].ravel()
    values = numpy_helper.from_array(dense, "R")
    places = numpy_helper.from_array(np.arange(dense.size), "places")
    proto.graph.sparse_initializer.append(
        helper.make_sparse_tensor(values, places, list(LSTM["R"].shape))
    )
    kept = [each for each in proto.graph.initializer if each.name != "R"]
    del proto.graph.initializer[:]
    proto.graph.initializer.extend(kept)
    return proto


def with_computed_weights() -> Any:
    """Weights that a small file makes as many as it holds a thousand times."""
    fill = helper.make_node("ConstantOfShape", ["shape"], ["W"])
    shape = {"R": LSTM["R"], "shape": np.array([1, 16, 10_000_000])}
    return model([fill, node("LSTM", LSTM)], shape)


def with_activation(name: str) -> Any:
    numbers = {"activation_alpha": [0.3], "activation_beta": [0.4]}
    given = numbers if name in ("Affine", "ScaledTanh", "ThresholdedRelu") else {}
    return model([node("LSTM", LSTM, activations=[name, "Tanh", "Tanh"], **given)], LSTM)


def quantised(*, has_scale: bool) -> Any:
    """Weights of whole numbers for DynamicQuantizeLSTM of onnxruntime, (direction, input, row)."""
    arrays: dict[str, Any] = {}
    for key, scale in (("W", 0.02), ("R", 0.03)):
        stored = np.round(LSTM[key] / scale).clip(-127, 127).astype(np.int8)
        arrays |= {key: stored.swapaxes(1, 2), f"{key}_scale": np.array([scale], np.float32)}
        arrays |= {f"{key}_zero": np.array([0], np.int8)}
    arrays["B"] = LSTM["B"]
    if not has_scale:
        arrays["R_scale"] = arrays["R_scale"].repeat(3)
    names = ["X", "W", "R", "B", "", "", "", "", "W_scale", "W_zero", "R_scale", "R_zero"]
    made = helper.make_node(
        "DynamicQuantizeLSTM", names, ["Y", "Y_h"], domain="com.microsoft", hidden_size=4
    )
    proto = model([made], arrays)
    proto.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    return proto


GRAPHS = {
    "bodies in bodies": (with_deep_bodies, "export a simpler graph"),
    "sparse weights": (with_sparse_weights, "export it with dense ones"),
    "weights of a constant shape": (with_computed_weights, "save them as plain initializers"),
    "an unknown activation": (lambda: with_activation("Gelu"), "it should be one of"),
    "a scale that fits nothing": (
        lambda: quantised(has_scale=False),
        "export the model in float32",
    ),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_that_is_exported_as_it_says_opens(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, words = GRAPHS[name]
    monkeypatch.setattr("rnnviz.readers.onnx.graph._MAX_DEPTH", 8)
    refusal(make(), words)
    check(honest())


def test_an_activation_that_is_none_leads_to_those_that_are() -> None:
    Path("m.onnx").write_bytes(with_activation("Gelu").SerializeToString())
    with pytest.raises(rv.ModelError) as refused:
        rv.open_model("m.onnx")
    known = str(refused.value).partition("one of ")[2].removesuffix(".").split(", ")
    assert {"Sigmoid", "HardSigmoid", "Relu"} <= set(known)
    for name in known:
        # Without a bound, the states of the long run that would prove it grow.
        check(with_activation(name), is_proved=name in ("Sigmoid", "HardSigmoid", "Tanh"))


def test_weights_in_too_large_a_file_open_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The numbers in a file of their own count apart."""
    proto = honest()
    monkeypatch.setattr("rnnviz.readers.onnx.wire.MAX_MESSAGE_BYTES", 700)
    refusal(proto, "export the recurrent part alone")
    onnx.save(proto, "m.onnx", save_as_external_data=True, location="w.bin", size_threshold=0)
    assert rv.open_model("m.onnx", bounded=False).certainty.grade == "proved"
