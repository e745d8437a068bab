"""What is too large, too many or too deep opens as the refusal says, here with smaller bounds."""

from __future__ import annotations

import gzip
import json
import pickle
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import rnnviz as rv
from rnnviz.readers.uploads import main_file
from tests.readers.saved import zipped
from tests.readers.test_state_dict import drawn, hidden
from tests.witnesses import assert_close, normal

VALUES = normal(6, 2, 3)
LAYER = drawn(torch.nn.LSTM(3, 4))
STATE: dict[str, Any] = {name: value.contiguous() for name, value in LAYER.state_dict().items()}
OTHERS = {f"head.{i}.weight": torch.zeros(2, 2) for i in range(40)}
ALONE = "save the recurrent layers alone"
ITS_ALONE = "save its recurrent layers alone"
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def refusal(path: str, words: str) -> str:
    with pytest.raises(rv.ModelError, match=re.escape(words)) as refused:
        rv.read_model(path, bounded=False)
    return str(refused.value)


def check(path: str, **told: Any) -> rv.Model:
    model = rv.read_model(path, bounded=False, **told)
    assert_close(hidden(model, VALUES), LAYER(torch.tensor(VALUES))[0].detach().numpy())
    return model


def arrays(state: dict[str, Any]) -> dict[str, Any]:
    return {name: value.numpy() for name, value in state.items()}


def tensors(path: str, state: dict[str, Any]) -> None:
    torch.save(state, path)


def compressed(path: str, state: dict[str, Any]) -> None:
    np.savez_compressed(path, **arrays(state))


def plain(path: str, state: dict[str, Any]) -> None:
    np.savez(path, **arrays(state))


def pickled(path: str, state: dict[str, Any]) -> None:
    Path(path).write_bytes(pickle.dumps(arrays(state)))


# What is said; the bound, where it stands; the file that is beyond; how it is saved instead.
Save = Callable[[str, dict[str, Any]], None]
TOO_MUCH: dict[str, tuple[str, tuple[str, int], tuple[str, Save], Save]] = {
    "bytes": (ALONE, ("read.MAX_MODEL_BYTES", 10_000), ("m.pt", tensors), tensors),
    "tensors": (ITS_ALONE, ("limits.MAX_TENSORS", 20), ("m.npz", plain), plain),
    "bytes of tensors": (
        ITS_ALONE,
        ("limits.MAX_UNPACKED_BYTES", 1_600),
        ("m.safetensors", lambda path, state: save_file(state, path)),
        lambda path, state: save_file(state, path),
    ),
    "members": (
        "save the model's weights alone",
        ("archive.MAX_ARCHIVE_MEMBERS", 30),
        ("m.pt", tensors),
        tensors,
    ),
    "compressed members": (
        "save the weights alone and uncompressed",
        ("archive.MAX_INFLATED", 1_500),
        ("m.npz", compressed),
        plain,
    ),
    "steps of a pickle": (
        "save the tensors of the recurrent layers alone",
        ("torch.pickle_vm.MAX_OPCODES", 700),
        ("m.pkl", pickled),
        pickled,
    ),
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_is_too_much_opens_without_what_is_not_shown(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, (bound, size), (path, save), save_alone = TOO_MUCH[name]
    save(path, STATE | OTHERS)
    check(path)
    monkeypatch.setattr(f"rnnviz.readers.{bound}", size)
    refusal(path, words)
    save_alone(path, STATE)
    check(path)


def test_of_too_many_layers_those_that_are_to_be_seen_open(monkeypatch: pytest.MonkeyPatch) -> None:
    many = {f"rnn{i}.{name}": value for i in range(5) for name, value in STATE.items()}
    torch.save(many, "m.pt")
    monkeypatch.setattr("rnnviz.readers.limits.MAX_MODULES", 3)
    refusal("m.pt", "save those that you want to see")
    torch.save({name: value for name, value in many.items() if name.startswith("rnn3.")}, "m.pt")
    check("m.pt")


def test_shards_that_are_too_much_together_open_without_what_is_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parts = [f"m-{i:05}-of-00002.safetensors" for i in (1, 2)]
    save_file(OTHERS, parts[0])
    save_file(STATE, parts[1])
    check(parts[1])
    monkeypatch.setattr("rnnviz.readers.shards.MAX_FILE", 3_000)
    refusal(parts[0], ITS_ALONE)
    save_file(STATE, "m.safetensors")
    check("m.safetensors")


def test_a_damaged_index_of_shards_opens_when_it_is_copied_again() -> None:
    save_file(STATE, "m-00001-of-00001.safetensors")
    index = json.dumps({"weight_map": dict.fromkeys(STATE, "m-00001-of-00001.safetensors")})
    Path("m.safetensors.index.json").write_text(index[:-9])
    refusal("m.safetensors.index.json", "copy it again")
    Path("m.safetensors.index.json").write_text(index)
    check("m.safetensors.index.json")


def test_a_long_vocabulary_in_a_header_opens_from_a_file_beside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words = [f"word{i}" for i in range(7)]
    state = {f"rnn.{name}": value for name, value in STATE.items()}
    state["emb.weight"] = torch.tensor(normal(7, 3))
    save_file(state, "m.safetensors", {"vocab": json.dumps(words), "notes": "n" * 3_000})
    monkeypatch.setattr("rnnviz.readers.safetensors.MAX_HEADER", 2_000)
    refusal("m.safetensors", "such as a vocabulary, into a file beside it")
    save_file(state, "m.safetensors")
    Path("vocab.json").write_text(json.dumps(words))
    assert check("m.safetensors").vocabulary == tuple(words)


def test_a_compressed_file_that_is_too_large_opens_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    torch.save(STATE, "m.pt")
    Path("m.pt.gz").write_bytes(gzip.compress(Path("m.pt").read_bytes()))
    monkeypatch.setattr("rnnviz.readers.packed.MAX_INFLATED", 1_500)
    refusal("m.pt.gz", "unpack it and open what is inside")
    Path("n.pt").write_bytes(gzip.decompress(Path("m.pt.gz").read_bytes()))
    check("n.pt")


def test_of_two_models_in_an_archive_one_opens_when_it_is_unpacked() -> None:
    torch.save(STATE, "m.pt")
    data = Path("m.pt").read_bytes()
    Path("both.zip").write_bytes(zipped({"a.pt": data, "b.pt": data}))
    assert "“a.pt”, “b.pt”" in refusal("both.zip", "unpack it and open one")
    zipfile.ZipFile("both.zip").extractall()
    check("a.pt")


def test_two_models_that_are_uploaded_together_open_one_after_the_other() -> None:
    torch.save(STATE, "a.pt")
    with pytest.raises(rv.ModelError, match="open one of them after the other"):
        main_file(["a.pt", "b.pt"])
    check(main_file(["a.pt"]))


def test_what_belongs_to_a_model_opens_with_it() -> None:
    state = {f"rnn.{name}": value for name, value in STATE.items()}
    torch.save(state | {"emb.weight": torch.tensor(normal(2, 3))}, "a.pt")
    Path("tokens.json").write_text('["a", "b"]')
    with pytest.raises(rv.ModelError, match="choose the model as well"):
        main_file(["tokens.json", "notes.txt"])
    assert main_file(["tokens.json", "a.pt"]) == "a.pt"
    assert check("a.pt").vocabulary == ("a", "b")


def test_members_that_are_no_arrays_are_left_out_as_the_refusal_says() -> None:
    np.savez("m.npz", **arrays(STATE))
    with zipfile.ZipFile("m.npz", "a") as archive:
        archive.writestr("notes.npy", b"hello")
    refusal("m.npz", "is damaged or not one; save the arrays alone")
    np.savez("m.npz", **arrays(STATE))
    check("m.npz")


# How a file of each suffix is written; those of ONNX and Keras are elsewhere.
WRITERS: dict[str, Save] = {
    **dict.fromkeys((".pt", ".pth", ".bin", ".ckpt", ".tar"), tensors),
    ".safetensors": lambda path, state: save_file(state, path),
    ".npz": plain,
    ".pkl": pickled,
    ".pickle": pickled,
}


def test_a_file_of_no_known_format_opens_when_it_is_saved_as_one() -> None:
    Path("m.xyz").write_bytes(b"\x01\x02\x03" * 100)
    said = refusal("m.xyz", "its content is of none of these formats; save it as one")
    suffixes = re.findall(r"\.\w+", said.partition("ending in")[2].partition(", but")[0])
    for suffix in WRITERS.keys() & set(suffixes):
        WRITERS[suffix](f"m{suffix}", STATE)
        check(f"m{suffix}")
    assert {".pt", ".safetensors", ".npz"} <= set(suffixes)


def test_what_torch_did_not_write_leads_to_what_it_does() -> None:
    Path("m.pt").write_bytes(b"\x01\x02\x03" * 100)
    [line] = re.findall(r"torch\.save\(.*\)", refusal("m.pt", "save the weights with"))
    exec(line, {"torch": torch, "model": LAYER})
    check("weights.pt")
