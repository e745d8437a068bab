"""Files without a cell of rnnviz are refused by name, and what they are told to do opens."""

from __future__ import annotations

import re
import types
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import rnnviz as rv
from rnnviz.readers.no_recurrent_pair import no_recurrent_pair
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
    "Mamba": {"layers.0.mixer.A_log": (12, 4), "layers.0.mixer.in_proj.weight": (24, 6)},
    "RWKV": {"blocks.0.att.time_decay": (6,), "blocks.0.att.key.weight": (6, 6)},
    "S4": {"layers.0.kernel.log_A_real": (6, 4), "layers.0.D": (6,)},
    "LRU": {"layers.0.lru.nu_log": (6,), "layers.0.lru.B_re": (6, 3)},
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


class Attends(torch.nn.Module):
    """A classifier of torch's own encoder."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.out = torch.nn.Embedding(30, 12), torch.nn.Linear(12, 2)
        layer = torch.nn.TransformerEncoderLayer(12, 3, dim_feedforward=24)
        self.encoder = torch.nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)


def blocks(*shapes: tuple[str, tuple[int, ...]]) -> dict[str, torch.Tensor]:
    return {name: torch.randn(shape) for name, shape in shapes}


TRANSFORMERS: dict[str, Any] = {
    "torch": Attends().state_dict(),
    "BERT": blocks(
        ("embeddings.word_embeddings.weight", (30, 8)),
        ("embeddings.position_embeddings.weight", (16, 8)),
        ("encoder.layer.0.attention.self.query.weight", (8, 8)),
        ("encoder.layer.0.attention.self.key.weight", (8, 8)),
        ("encoder.layer.0.attention.output.dense.weight", (8, 8)),
        ("encoder.layer.0.attention.output.LayerNorm.weight", (8,)),
        ("encoder.layer.0.intermediate.dense.weight", (32, 8)),
        ("encoder.layer.0.output.dense.weight", (8, 32)),
        ("pooler.dense.weight", (8, 8)),
    ),
    "GPT-2": blocks(
        ("wte.weight", (30, 8)),
        ("wpe.weight", (16, 8)),
        ("h.0.ln_1.weight", (8,)),
        ("h.0.attn.c_attn.weight", (8, 24)),
        ("h.0.attn.c_proj.weight", (8, 8)),
        ("h.0.mlp.c_fc.weight", (8, 32)),
        ("h.0.mlp.c_proj.weight", (32, 8)),
    ),
    "Llama": blocks(
        ("model.embed_tokens.weight", (30, 8)),
        ("model.layers.0.self_attn.q_proj.weight", (8, 8)),
        ("model.layers.0.self_attn.k_proj.weight", (8, 8)),
        ("model.layers.0.mlp.gate_proj.weight", (24, 8)),
        ("model.layers.0.mlp.down_proj.weight", (8, 24)),
        ("lm_head.weight", (30, 8)),
    ),
}


@pytest.mark.parametrize("kind", TRANSFORMERS)
def test_a_transformer_is_named_and_leads_to_weights_that_open(kind: str) -> None:
    torch.save(TRANSFORMERS[kind], "net.pt")
    sentence = refusal("net.pt")
    assert "holds no recurrent layer: its blocks are attention" in sentence
    [line] = re.findall(r"torch\.save\(.*\)(?=\.$)", sentence)
    model = drawn(torch.nn.GRU(3, 4))
    exec(line, {"torch": torch, "model": model})
    wanted = model(torch.tensor(VALUES))[0].detach().numpy()
    assert_close(hidden(rv.read_model("weights.pt"), VALUES), wanted)


def sequential(*sizes: int) -> dict[str, torch.Tensor]:
    layers = [torch.nn.Linear(a, b) for a, b in pairwise(sizes)]
    return drawn(torch.nn.Sequential(*layers)).state_dict()


PLAIN: dict[str, Any] = {
    "numbered": sequential(7, 4, 10),
    "named": {f"fc1.{n}": y for n, y in drawn(torch.nn.Linear(7, 4)).state_dict().items()},
    "QRNN alone": {
        f"layers.0.linear.{n}": y for n, y in drawn(torch.nn.Linear(6, 15)).state_dict().items()
    },
}


@pytest.mark.parametrize("kind", PLAIN)
def test_a_plain_network_is_refused_and_its_line_reads_a_joined_matrix(kind: str) -> None:
    torch.save(PLAIN[kind], "net.pt")
    sentence = refusal("net.pt")
    assert "holds no recurrent layer" in sentence
    [said] = re.findall(r"read_model\(path, (.*)\)\.$", sentence)
    model = eval(f"rv.read_model('net.pt', {said})", {"rv": rv})
    weights = next(iter(PLAIN[kind].values())).numpy()
    weights = weights if "xh.T" not in said else weights.T
    values, wanted = normal(6, 2, weights.shape[1] - weights.shape[0]), []
    state = np.zeros((2, len(weights)))
    for x in values:
        state = np.tanh(np.concatenate([x, state], axis=1) @ weights.T)
        wanted.append(state)
    assert_close(hidden(model, values), np.stack(wanted))


OPEN: dict[str, Any] = {
    "a square matrix beside": sequential(7, 4, 4, 10),
    "one matrix over [x, h]": {"W": torch.randn(4, 7), "b": torch.randn(4)},
    "a cell of its own beside attention": blocks(
        ("attention.W.weight", (4, 4)), ("decoder.A", (4, 4)), ("decoder.B", (4, 7))
    ),
    "a cell by its name": blocks(("cell.net.weight", (16, 7)), ("attn.q_proj.weight", (4, 4))),
    "attention in the block of a cell": blocks(
        ("layers.0.attention.weight", (4, 4)), ("layers.0.A", (4, 4)), ("layers.0.B", (4, 7))
    ),
}


@pytest.mark.parametrize("kind", OPEN)
def test_what_may_be_a_layer_is_asked_about(kind: str) -> None:
    torch.save(OPEN[kind], "net.pt")
    with pytest.raises(rv.errors.MappingNeeded):
        rv.read_model("net.pt")


@given(
    st.integers(1, 4),
    st.integers(1, 9),
    st.integers(1, 9),
    st.tuples(st.booleans(), st.booleans()),
    st.sampled_from(["fc", "{}", "net.{}", "layers.{}.linear"]),
)
def test_no_layer_of_any_shape_is_taken_for_a_plain_network(
    gates: int, n_inputs: int, n_units: int, turned: tuple[bool, bool], name: str
) -> None:
    shapes = [(gates * n_units, n_inputs), (gates * n_units, n_units)]
    shapes = [y[::-1] if turn else y for y, turn in zip(shapes, turned, strict=True)]
    names = [f"{name.format(0)}.weight", f"{name.format(1)}_1.weight"]
    assert no_recurrent_pair(dict(zip(names, shapes, strict=True)), "net.pt") is None
