"""What a refusal tells the owner of a file to do is done here, and leads to a file that opens."""

from __future__ import annotations

import io
import pickle
import re
import struct
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz as rv
from tests.readers.saved import zipped
from tests.readers.test_state_dict import drawn, hidden
from tests.witnesses import assert_close, normal

VALUES = normal(6, 2, 3)
pytestmark = pytest.mark.filterwarnings("ignore")


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = drawn(torch.nn.LSTM(3, 4))

    def forward(self, x: torch.Tensor) -> Any:
        return self.rnn(x)[0]


def line_of(path: str) -> str:
    """The line of code at the end of what a file is refused with."""
    with pytest.raises(rv.ModelError) as refused:
        rv.read_model(path)
    [line] = re.findall(r"((?:torch|model)\.save\(.*\))\.$", str(refused.value))
    return line


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", ["net.pt2", "net.pt", "a “name”.pt2"])
def test_a_program_of_torch_export_gives_its_weights(name: str) -> None:
    net = Net().eval()
    program = torch.export.export(net, (torch.tensor(VALUES),))
    with Path(name).open("wb") as file:
        torch.export.save(program, file)
    if name == "net.pt":
        # torch.export.load wants its own suffix.
        line = line_of(name).replace("net.pt", "net.pt2")
        Path(name).rename("net.pt2")
    else:
        line = line_of(name)
    exec(line, {"torch": torch})
    wanted = net(torch.tensor(VALUES)).detach().numpy()
    assert_close(hidden(rv.read_model("weights.pt"), VALUES), wanted)


class _ById(pickle.Pickler):
    ids: dict[int, int]

    def persistent_id(self, value: Any) -> str | None:
        return str(self.ids[id(value)]) if torch.is_tensor(value) else None


def old_torch(path: Path, state: dict[str, torch.Tensor]) -> None:
    """A state dict as PyTorch before 0.1.10 wrote it (`torch/serialization.py`, `legacy_load`)."""
    storages, tensors, values = (
        pickle.dumps(len(state), 2),
        pickle.dumps(len(state), 2),
        io.BytesIO(),
    )
    writer = _ById(values, 2)
    writer.ids = {id(tensor): 100 + key for key, tensor in enumerate(state.values())}
    for key, tensor in enumerate(state.values()):
        storages += pickle.dumps((key, "cpu", torch.FloatStorage), 2)
        storages += struct.pack("<q", tensor.numel()) + tensor.contiguous().numpy().tobytes()
        tensors += pickle.dumps((100 + key, key, "torch.FloatTensor"), 2)
        sizes = (*tensor.shape, *tensor.contiguous().stride(), 0)
        tensors += struct.pack(f"<ii{len(sizes)}q", tensor.ndim, 0, *sizes)
    writer.dump(dict(state))
    system = pickle.dumps({"protocol_version": 1000, "little_endian": True}, 2)
    parts = {
        "sys_info": system,
        "pickle": values.getvalue(),
        "storages": storages + pickle.dumps([], 2),
        "tensors": tensors,
    }
    with tarfile.open(path, "w") as archive:
        for name, data in parts.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


def test_the_oldest_form_of_torch_is_saved_again() -> None:
    net = Net().float()
    old_torch(Path("old.pt"), net.rnn.state_dict())
    exec(line_of("old.pt"), {"torch": torch})
    values = torch.tensor(VALUES).float()
    wanted = net(values).detach().numpy()
    got = hidden(rv.read_model("weights.pt"), values.numpy())
    np.testing.assert_allclose(got, wanted, atol=1e-6)


PROGRAMS = {
    "model.tflite": b"\x1c\0\0\0TFL3" + bytes(100),
    "saved_model.pb": b"\x08\x01\x12\x00" + bytes(100),
    "model.zip": zipped(
        {"m/saved_model.pb": b"\x08\x01", "m/variables/variables.index": b""}, zipfile.ZIP_DEFLATED
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_of_tensorflow_leads_to_the_file_of_its_keras_model(name: str) -> None:
    keras = pytest.importorskip("keras")
    model = keras.Sequential([keras.Input((6, 3)), keras.layers.GRU(4, return_sequences=True)])
    Path(name).write_bytes(PROGRAMS[name])
    exec(line_of(name), {"model": model})
    values = VALUES.astype(np.float32)
    wanted = np.asarray(model.predict(values.transpose(1, 0, 2), verbose=0)).transpose(1, 0, 2)
    np.testing.assert_allclose(hidden(rv.read_model("model.keras"), values), wanted, atol=1e-6)


def test_a_folder_of_a_program_of_tensorflow_is_told_as_such(tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / "saved_model.pb").write_bytes(PROGRAMS["saved_model.pb"])
    assert line_of("saved") == 'model.save("model.keras")'


def test_a_vocabulary_that_is_asked_for_is_given() -> None:
    table = drawn(torch.nn.Embedding(3, 3))
    state = {"emb.weight": table.weight} | {
        f"rnn.{name}": value for name, value in Net().rnn.state_dict().items()
    }
    torch.save(state, "model.pt")
    model = rv.read_model("model.pt")
    with pytest.raises(rv.ModelError, match=re.escape("model.with_vocabulary([…])")):
        rv.trace(model, rv.parse("hi"))
    assert rv.trace(model.with_vocabulary(["h", "i", "!"]), rv.parse("hi")).sequence.n_steps == 2
    with pytest.raises(rv.ModelError, match=r"a line each in vocab\.txt beside its file"):
        rv.trace(model, rv.parse("hi"))
    Path("vocab.txt").write_text("h\ni\n!\n", "utf-8")
    beside = rv.trace(rv.read_model("model.pt"), rv.parse("hi"))["hidden"]
    assert_close(beside, rv.trace(model, rv.parse("0 1", "words"))["hidden"])


@pytest.mark.parametrize("orthogonal_map", ["matrix_exp", "cayley", "householder"])
@pytest.mark.parametrize("is_inside", [True, False])
def test_orthogonal_weights_are_saved_as_what_they_give(
    orthogonal_map: str, is_inside: bool
) -> None:
    net = Net() if is_inside else Net().rnn
    layer = net.get_submodule("rnn" if is_inside else "")
    torch.nn.utils.parametrizations.orthogonal(layer, "weight_hh_l0", orthogonal_map)
    wanted = layer(torch.tensor(VALUES))[0].detach().numpy()
    torch.save(net.state_dict(), "net.pt")
    with pytest.raises(rv.ModelError, match="by a rule that the file does not tell") as refused:
        rv.read_model("net.pt")
    line = str(refused.value).partition("save that: ")[2].removesuffix(".")
    exec(line, {"torch": torch, "model": net})
    assert_close(hidden(rv.read_model("weights.pt"), VALUES), wanted)
