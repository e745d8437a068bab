"""Files without a cell of rnnviz are refused by name, and what they are told to do opens."""

from __future__ import annotations

import re
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz as rv
from tests.readers.test_state_dict import drawn, hidden
from tests.witnesses import assert_close, normal

VALUES = normal(6, 2, 3)
INDEX_END = bytes.fromhex("57fb808b247547db")
pytestmark = pytest.mark.filterwarnings("ignore::rnnviz.AssumptionWarning")


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def refusal(path: str) -> str:
    with pytest.raises(rv.ModelError) as refused:
        rv.read_model(path)
    assert not isinstance(refused.value, rv.errors.MappingNeeded)
    return str(refused.value)


OTHERS = {
    "SRU": {"rnn.rnn_lst.0.weight": (5, 15), "rnn.rnn_lst.0.weight_c": (10,)},
    "QRNN": {"rnns.0.layers.0.linear.weight": (15, 6), "rnns.0.layers.0.linear.bias": (15,)},
    "convolutions": {"conv1.weight": (6, 3, 3, 3), "fc.weight": (10, 96), "fc.bias": (10,)},
    "convolutions (“cell_list.0.conv.weight”": {"cell_list.0.conv.weight": (16, 7, 3, 3)},
}


@pytest.mark.parametrize("said", OTHERS)
def test_other_layers_are_named_and_lead_to_weights_that_open(said: str) -> None:
    torch.save({name: torch.randn(shape) for name, shape in OTHERS[said].items()}, "net.pt")
    sentence = refusal("net.pt")
    assert said in sentence
    [line] = re.findall(r"torch\.save\(.*\)(?=\.$)", sentence)
    model = drawn(torch.nn.LSTM(3, 4))
    exec(line, {"torch": torch, "model": model})
    wanted = model(torch.tensor(VALUES))[0].detach().numpy()
    assert_close(hidden(rv.read_model("weights.pt"), VALUES), wanted)


@pytest.mark.parametrize(
    "shapes",
    [
        {"layers.0.linear.weight": (12, 4), "layers.1.linear.weight": (12, 12)},
        {"conv.weight": (6, 3, 3), "A": (4, 4), "B": (4, 3)},
    ],
)
def test_arrays_that_may_be_a_layer_are_left_to_the_user(shapes: Any) -> None:
    torch.save({name: torch.randn(shape) for name, shape in shapes.items()}, "net.pt")
    with pytest.raises(rv.errors.MappingNeeded):
        rv.read_model("net.pt")


def test_a_block_of_cudnn_opens_when_its_gates_are_saved_apart() -> None:
    np.savez("block.npz", **{"cudnn_lstm/opaque_kernel": normal(500)})
    assert "named as W_i, U_i, b_i" in refusal("block.npz")
    layer = drawn(torch.nn.LSTM(3, 4))
    parts = {
        "W": layer.weight_ih_l0.detach().numpy(),
        "U": layer.weight_hh_l0.detach().numpy(),
        "b": (layer.bias_ih_l0 + layer.bias_hh_l0).detach().numpy(),
    }
    gates = {
        f"{w}_{g}": a[4 * i : 4 * i + 4] for w, a in parts.items() for i, g in enumerate("ifco")
    }
    np.savez("gates.npz", **gates)
    wanted = layer(torch.tensor(VALUES))[0].detach().numpy()
    assert_close(hidden(rv.read_model("gates.npz"), VALUES), wanted)


PARTS = {
    "model.ckpt.index": bytes(200) + INDEX_END,
    "model.ckpt-1000.data-00000-of-00001": normal(60).tobytes(),
    "model.ckpt.meta": b"\n\x9e\x01" + bytes(100),
    "checkpoint": b'model_checkpoint_path: "model.ckpt"\n',
}


class _Reader:
    """`tf.train.load_checkpoint`, of which the recipe calls two methods."""

    def __init__(self, arrays: dict[str, Any]) -> None:
        self.get_tensor = arrays.__getitem__
        self.get_variable_to_shape_map = lambda: {name: np.shape(a) for name, a in arrays.items()}


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("is_second", [False, True])
def test_a_checkpoint_of_tensorflow_opens_as_the_arrays_that_it_is_told_to_save(
    name: str, is_second: bool
) -> None:
    kernel, bias = normal(7, 16), normal(16)
    arrays: dict[str, Any] = {
        "rnn/basic_lstm_cell/kernel": kernel,
        "rnn/basic_lstm_cell/bias": bias,
        "global_step": np.int64(7),
    }
    if is_second:
        end = "/.ATTRIBUTES/VARIABLE_VALUE"
        arrays = {each + end: array for each, array in arrays.items()}
        arrays["_CHECKPOINTABLE_OBJECT_GRAPH"] = b"\n\x01"
    Path(name).write_bytes(PARTS[name])
    [line] = re.findall(r"import numpy.*\)(?=\.$)", refusal(name))
    # The real library is too large to install here: its reader's two methods stand in for it.
    asked: list[str] = []
    train = types.SimpleNamespace(load_checkpoint=lambda p: asked.append(p) or _Reader(arrays))
    code = line.replace("import numpy, tensorflow; ", "")
    exec(code, {"numpy": np, "tensorflow": types.SimpleNamespace(train=train)})
    assert asked == ["." if name == "checkpoint" else re.split(r"\.(?:index|meta|data)", name)[0]]
    hidden_, cell = np.zeros((2, 4)), np.zeros((2, 4))
    wanted = []
    # BasicLSTMCell: i, j, f, o, and forget_bias = 1 (tf.nn.rnn_cell).
    for x in VALUES:
        i, j, f, o = np.split(np.concatenate([x, hidden_], 1) @ kernel + bias, 4, 1)
        cell = sigmoid(f + 1) * cell + sigmoid(i) * np.tanh(j)
        hidden_ = sigmoid(o) * np.tanh(cell)
        wanted.append(hidden_)
    assert_close(hidden(rv.read_model("weights.npz"), VALUES), np.stack(wanted))


@pytest.mark.parametrize("name", ["model.index", "my.meta", "a.data-00000-of-00001"])
def test_a_model_under_such_a_name_opens(name: str) -> None:
    layer = drawn(torch.nn.GRU(3, 4))
    torch.save(layer.state_dict(), name)
    wanted = layer(torch.tensor(VALUES))[0].detach().numpy()
    assert_close(hidden(rv.read_model(name), VALUES), wanted)


@pytest.mark.parametrize(
    "given",
    [
        {"names": {"A": 3}},
        {"names": {3: "A"}},
        {"names": {"weight_ih_l0": ["forget.x"]}},
        {"names": [1]},
        {"answers": [1]},
        {"answers": "activation"},
        {"answers": {1: 2}},
        {"answers": {"beside": 3}},
        {"answers": {"nan": 3}},
        {"answers": {"activation": ["tanh"]}},
        {"part": 3},
        {"part": ["a"]},
        {"path": 3},
        {"path": b"model.pt"},
        {"path": "model\0.pt"},
    ],
)
def test_nonsense_is_answered_in_one_sentence(given: dict[str, Any]) -> None:
    torch.save(torch.nn.RNN(3, 4).state_dict(), "model.pt")
    with pytest.raises(rv.ModelError):
        rv.open_model(**{"path": "model.pt", **given})
