"""Files by content and suffix, and what is said of those that cannot be read."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

import rnnviz as rv
from rnnviz.readers import read
from rnnviz.readers.read import import_model, read_model
from rnnviz.readers.result import Source
from tests.readers.test_state_dict import drawn, hidden
from tests.witnesses import assert_close, normal


def saved(module: torch.nn.Module) -> dict[str, bytes]:
    """The same state dict in every format that holds arrays by name."""
    state, files = module.state_dict(), {}
    for kind, options in {"zip": {}, "legacy": {"_use_new_zipfile_serialization": False}}.items():
        stream = BytesIO()
        torch.save(state, stream, **options)
        files[kind] = stream.getvalue()
    files["safetensors"] = safetensors.torch.save(state)
    stream = BytesIO()
    np.savez(stream, **{name: value.numpy() for name, value in state.items()})
    return files | {"npz": stream.getvalue()}


@pytest.mark.parametrize("kind", ["zip", "legacy", "safetensors", "npz"])
@pytest.mark.parametrize("name", ["model.pt", "weights.onnx", "no suffix"])
def test_a_file_is_read_by_its_content_whatever_its_name(kind: str, name: str) -> None:
    module = drawn(torch.nn.LSTM(3, 5, 2, bidirectional=True))
    [found] = import_model(Source(name, saved(module)[kind]))
    values = normal(6, 2, 3)
    wanted = module(torch.tensor(values))[0].detach().numpy()
    assert_close(hidden(found.model, values), wanted)


def written(folder: Path, module: torch.nn.Module) -> Path:
    path = folder / "model.npz"
    path.write_bytes(saved(module)["npz"])
    return path


def test_a_path_becomes_a_model(tmp_path: Path) -> None:
    module = drawn(torch.nn.RNN(3, 5, nonlinearity="relu"))
    values = normal(6, 2, 3)
    wanted = module(torch.tensor(values))[0].detach().numpy()
    model = read_model(str(written(tmp_path, module)), activation="relu")
    assert_close(hidden(model, values), wanted)


def test_several_stacks_are_chosen_by_part(tmp_path: Path) -> None:
    parts = {"encoder": torch.nn.GRU(3, 5), "decoder": torch.nn.LSTM(3, 5)}
    path = written(tmp_path, torch.nn.ModuleDict(parts))
    assert read_model(path, "encoder").layers[0].cell_name == "gru_reset_after"
    for part in ("", "middle"):
        with pytest.raises(rv.ModelError, match=r"“encoder”, “decoder” .* is none of them"):
            read_model(path, part)


def test_a_stack_without_a_name_is_no_part(tmp_path: Path) -> None:
    path = written(tmp_path, torch.nn.GRU(3, 5))
    with pytest.raises(rv.ModelError, match=r"has no name, but the part “zz” was asked for; leave"):
        read_model(path, "zz")
    with pytest.raises(rv.ModelError, match=r"has no name, but the part “zz” was asked for; leave"):
        rv.open_model(path, part="zz")
    assert rv.open_model(path, part="").name == ""


def test_answers_are_to_what_was_asked(tmp_path: Path) -> None:
    path = written(tmp_path, torch.nn.RNN(3, 5))
    with pytest.raises(rv.ModelError, match="leaves activation open, but an answer to “cell”"):
        read_model(path, cell="gru")


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.pt", b"", "“a.pt” is empty"),
        ("a.txt", b"hello", "“a.txt” should be a model file ending in .pt .pth"),
        ("a.txt", b"PK\x03\x04 and no more", "“a.txt” should be a model file"),
        ("a.txt", b"\xff" * 8 + b"{", "“a.txt” should be a model file"),
    ],
)
def test_a_file_of_no_known_format_is_refused(name: str, data: bytes, sentence: str) -> None:
    with pytest.raises(rv.ModelError, match=sentence):
        import_model(Source(name, data))


def test_a_path_that_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(rv.ModelError, match="is a folder; choose a file in it"):
        read_model(tmp_path)
    with pytest.raises(rv.ModelError, match=r"“none.pt” should be a model file, but there is none"):
        read_model(tmp_path / "none.pt")


def test_a_file_above_the_bound_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "MAX_MODEL_BYTES", 100)
    path = tmp_path / "large.pt"
    path.write_bytes(bytes(101))
    with pytest.raises(rv.ModelError, match=r"may be 100 bytes large, but “large.pt” has 101"):
        read_model(path)
