"""What a refusal tells to save anew is saved so here, and is read as PyTorch and ONNX run it."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import save_file

import rnnviz as rv
from tests.readers.onnx.onnx_files import model as onnx_model
from tests.readers.onnx.onnx_files import node
from tests.readers.onnx.onnx_files import weights as onnx_weights
from tests.readers.saved import zipped
from tests.readers.test_state_dict import drawn, hidden
from tests.witnesses import assert_close, normal

VALUES = normal(6, 2, 3)
State = dict[str, Any]
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def net() -> Any:
    return drawn(torch.nn.LSTM(3, 4, num_layers=2))


def refusal(path: str, words: str, **told: Any) -> str:
    with pytest.raises(rv.ModelError, match=re.escape(words)) as refused:
        rv.read_model(path, **told)
    return str(refused.value)


def check(path: str, layer: Any, **told: Any) -> None:
    got = hidden(rv.read_model(path, **told), VALUES)
    assert_close(got, layer(torch.tensor(VALUES))[0].detach().numpy())


def with_rows(name: str, n_rows: int) -> Callable[[State], State]:
    return lambda state: state | {name: state[name][:n_rows]}


SAVE_WHOLE = {
    "a bias too short": (with_rows("bias_hh_l0", 12), "save the whole model again"),
    "rows of two and a half gates": (
        lambda state: {k: v[:10] for k, v in state.items()},
        "again",
    ),
    "one layer a GRU": (
        lambda state: {k: v[:12] if "l1" in k else v for k, v in state.items()},
        "save the whole model again",
    ),
}


@pytest.mark.parametrize("name", SAVE_WHOLE)
def test_a_state_dict_with_pieces_of_another_opens_when_the_whole_model_is_saved(name: str) -> None:
    layer, (broken, words) = net(), SAVE_WHOLE[name]
    torch.save(broken(dict(layer.state_dict())), "model.pt")
    assert words in refusal("model.pt", words)
    torch.save(layer.state_dict(), "model.pt")
    check("model.pt", layer)


@pytest.mark.parametrize("kind", ["pt", "old.pt", "safetensors", "npz", "h5", "keras", "onnx"])
def test_a_file_that_was_cut_off_opens_when_it_is_copied_again(kind: str) -> None:
    layer, path = net(), f"model.{kind}"
    state = {key: value.contiguous() for key, value in layer.state_dict().items()}
    if kind == "onnx":
        arrays = onnx_weights("GRU", (3, 4))
        Path(path).write_bytes(onnx_model([node("GRU", arrays)], arrays).SerializeToString())
    elif kind in ("h5", "keras"):
        keras = pytest.importorskip("keras")
        made = keras.Sequential([keras.Input((6, 3)), keras.layers.GRU(4, return_sequences=True)])
        made.save(path)
    elif kind == "npz":
        np.savez(path, **{key: value.numpy() for key, value in state.items()})
    elif kind == "safetensors":
        save_file(state, path)
    else:
        torch.save(state, path, _use_new_zipfile_serialization=kind == "pt")
    whole = Path(path).read_bytes()
    Path(path).write_bytes(whole[: len(whole) * 2 // 3])
    said = refusal(path, "again")
    assert re.search(r"(copy|save|export) (it|or save it) again|export it again", said)
    Path(path).write_bytes(whole)
    assert rv.read_model(path).layers


def test_two_members_of_one_name_open_when_the_model_is_saved_again() -> None:
    layer = net()
    torch.save(layer.state_dict(), "model.pt")
    whole = Path("model.pt").read_bytes()
    with zipfile.ZipFile("model.pt") as archive:
        name = archive.namelist()[-1]
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile("model.pt", "a") as archive:
        archive.writestr(name, b"other")
    refusal("model.pt", "save the model again")
    Path("model.pt").write_bytes(whole)
    check("model.pt", layer)


def test_a_sparse_tensor_opens_as_the_refusal_says() -> None:
    layer = net()
    state = dict(layer.state_dict())
    torch.save(state | {"weight_hh_l0": state["weight_hh_l0"].to_sparse()}, "model.pt")
    said = refusal("model.pt", "should be a dense tensor")
    [how] = re.findall(r"make it one with (\S+) and save", said)
    state["weight_hh_l0"] = eval(f"tensor{how}", {"tensor": state["weight_hh_l0"].to_sparse()})
    torch.save(state, "model.pt")
    check("model.pt", layer)


def test_a_tensor_that_stores_less_than_its_shape_opens_as_a_plain_copy() -> None:
    layer = net()
    state = dict(layer.state_dict())
    row = state["bias_hh_l0"][:1]
    state["bias_hh_l0"] = torch.as_strided(row.clone(), (16,), (0,))
    torch.save(state, "model.pt")
    try:
        rv.read_model("model.pt")
    except rv.ModelError as error:
        [how] = re.findall(r"in PyTorch with (\.clone\(.*\))\.$", str(error))
        state["bias_hh_l0"] = eval(f"t{how}", {"t": state["bias_hh_l0"], "torch": torch})
        torch.save(state, "model.pt")
    layer.load_state_dict(state)
    check("model.pt", layer)


def test_whole_numbers_open_when_the_model_is_saved_unquantised() -> None:
    layer = net()
    whole = {key: (value * 20).to(torch.int8) for key, value in layer.state_dict().items()}
    torch.save(whole, "model.pt")
    refusal("model.pt", "save the model unquantised")
    torch.save(layer.state_dict(), "model.pt")
    check("model.pt", layer)


def test_numbers_that_are_none_are_read_as_zero_by_the_answer() -> None:
    layer = net()
    with torch.no_grad():
        layer.weight_ih_l0[0, 0] = float("nan")
    torch.save(layer.state_dict(), "model.pt")
    refusal("model.pt", 'the answer nan="zero"')
    with torch.no_grad():
        layer.weight_ih_l0[0, 0] = 0
    check("model.pt", layer, nan="zero")


def test_a_file_without_weights_opens_with_them() -> None:
    layer = net()
    torch.save({"epoch": 3}, "weights.pt")
    said = refusal("weights.pt", "save")
    line = 'torch.save(model.state_dict(), "weights.pt")'
    assert line in said or "check that it is the whole model" in said
    exec(line, {"torch": torch, "model": layer})
    check("weights.pt", layer)


def test_weights_of_an_own_class_open_as_the_refusal_says() -> None:
    layer = net()
    module = torch.nn.Sequential(layer)
    torch.save(module, "model.pt")
    said = refusal("model.pt", "weights")
    line = said.partition("alone: ")[2].removesuffix(".")
    exec(line, {"torch": torch})
    check("weights.pt", layer)


def test_a_list_of_tokens_opens_beside_its_model() -> None:
    layer = torch.nn.Sequential(torch.nn.Embedding(3, 3), drawn(torch.nn.LSTM(3, 4))).double()
    torch.save(layer.state_dict(), "model.pt")
    Path("vocab.txt").write_text("<unk>\nthe\ncat\n")
    refusal("vocab.txt", "open it together with its model file, or read it as a text")
    assert rv.parse(Path("vocab.txt").read_text()).n_steps
    # In one folder they are together.
    assert rv.read_model("model.pt").vocabulary == ("<unk>", "the", "cat")


def test_a_part_of_a_model_opens_when_all_are_in_one_folder() -> None:
    layer = net()
    state = layer.state_dict()
    parts = [dict(list(state.items())[:4]), dict(list(state.items())[4:])]
    names = [f"model-{i:05}-of-00002.safetensors" for i in (1, 2)]
    save_file(parts[0], names[0])
    refusal(names[0], "put all of them into one folder")
    save_file(parts[1], names[1])
    check(names[0], layer)
    held = {key: names[key in parts[1]] for key in state}
    Path("model.safetensors.index.json").write_text(json.dumps({"weight_map": held}))
    check("model.safetensors.index.json", layer)


def test_a_pair_of_archives_opens_when_it_is_unpacked() -> None:
    layer = net()
    stream = io.BytesIO()
    torch.save(layer.state_dict(), stream)
    inner = zipped({"model.pt": stream.getvalue()})
    Path("model.zip").write_bytes(zipped({"a.zip": zipped({"b.zip": zipped({"c.zip": inner})})}))
    refusal("model.zip", "unpack")
    Path("model.zip").write_bytes(inner)
    check("model.zip", layer)


def runtime(path: str) -> Any:
    session = ort.InferenceSession(path)
    return session.run(None, {"X": VALUES.astype(np.float32)})[0][:, 0]


def broken_onnx(change: Callable[[Any], None]) -> tuple[Any, Any]:
    arrays = onnx_weights("LSTM", (3, 4), dtype=np.float32)
    good = onnx_model([node("LSTM", arrays)], arrays)
    bad = type(good)()
    bad.CopyFrom(good)
    change(bad.graph)
    return bad, good


def set_attribute(name: str, value: Any) -> Callable[[Any], None]:
    def change(graph: Any) -> None:
        kept = [one for one in graph.node[0].attribute if one.name != name]
        del graph.node[0].attribute[:]
        graph.node[0].attribute.extend([*kept, helper.make_attribute(name, value)])

    return change


def replace_weights(tensor: Any) -> Callable[[Any], None]:
    def change(graph: Any) -> None:
        kept = [one for one in graph.initializer if one.name != "R"]
        del graph.initializer[:]
        graph.initializer.extend([*kept, tensor])

    return change


def short_tensor() -> Any:
    return TensorProto(name="R", dims=[1, 16, 4], data_type=1, raw_data=bytes(8))


ONNX = {
    "direction": (set_attribute("direction", "sideways"), "export the model again"),
    "activations": (set_attribute("activations", ["Sigmoid"]), "export the model again"),
    "clip": (set_attribute("clip", -1.0), "export the model without it"),
    "alpha": (set_attribute("activation_alpha", [float("nan")] * 3), "export the model again"),
    "shape": (
        replace_weights(numpy_helper.from_array(np.zeros((1, 15, 4), np.float32), "R")),
        "export the model again",
    ),
    "numbers": (replace_weights(short_tensor()), "export the model again"),
    "whole numbers": (
        replace_weights(numpy_helper.from_array(np.zeros((1, 16, 4), np.int32), "R")),
        "export the model in float32",
    ),
    "texts": (
        replace_weights(helper.make_tensor("R", TensorProto.STRING, [1, 16, 4], [b"1"] * 64)),
        "export the model in float32",
    ),
}


@pytest.mark.parametrize("name", ONNX)
def test_an_onnx_file_opens_when_it_is_exported_again(name: str) -> None:
    change, words = ONNX[name]
    if name == "alpha":
        both = ["HardSigmoid", "Tanh", "Tanh"]
        bad, good = broken_onnx(
            lambda graph: (set_attribute("activations", both)(graph), change(graph))
        )
    else:
        bad, good = broken_onnx(change)
    Path("model.onnx").write_bytes(bad.SerializeToString())
    refusal("model.onnx", words)
    Path("model.onnx").write_bytes(good.SerializeToString())
    got = hidden(rv.read_model("model.onnx"), VALUES.astype(np.float32))
    np.testing.assert_allclose(got, runtime("model.onnx"), atol=1e-6)


def test_weights_in_another_file_open_with_it_or_inside() -> None:
    import onnx

    _, good = broken_onnx(lambda graph: None)
    onnx.save(good, "model.onnx", save_as_external_data=True, location="w.bin", size_threshold=0)
    data = Path("w.bin").read_bytes()
    Path("w.bin").unlink()
    refusal("model.onnx", "put it beside the model")
    Path("w.bin").write_bytes(data[:8])
    refusal("model.onnx", "save the model with its weights inside")
    Path("w.bin").write_bytes(data)
    assert rv.read_model("model.onnx").layers
    onnx.save(good, "inside.onnx")
    assert rv.read_model("inside.onnx").layers
