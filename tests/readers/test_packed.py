"""Models in archives and in shards; the state dict that went in is the witness."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch

import rnnviz as rv
from rnnviz.readers.read import import_model
from rnnviz.readers.result import Source
from tests.readers.bounded import MEGABYTE, memory_below
from tests.readers.saved import torch_saved, zipped
from tests.readers.test_state_dict import drawn, hidden
from tests.witnesses import assert_close, normal

MODULE = drawn(torch.nn.LSTM(3, 5, 2))
STATE = MODULE.state_dict()
VALUES = normal(6, 2, 3)


def opens(source: Source) -> None:
    [found] = import_model(source)
    wanted = MODULE(torch.tensor(VALUES))[0].detach().numpy()
    assert_close(hidden(found.model, VALUES), wanted)


def tarred(members: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def deflated(members: dict[str, bytes]) -> bytes:
    return zipped(members, zipfile.ZIP_DEFLATED)


PACKERS: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "zip": deflated,
    "tar": tarred,
    "tar.gz": lambda members: gzip.compress(tarred(members)),
    "zip in zip": lambda members: zipped({"inner.zip": zipped(members)}),
}
SAVED = {
    "model.pt": torch_saved(STATE).data,
    "weights.th": torch_saved(STATE, _use_new_zipfile_serialization=False).data,
    "model.safetensors": safetensors.torch.save(dict(STATE)),
}
REST = {"__MACOSX/._model.pt": b"\0", "model/.DS_Store": b"\0", "model/config.json": b"{}"}


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("name", SAVED)
def test_the_one_model_in_an_archive_is_read(packer: str, name: str) -> None:
    data = PACKERS[packer]({**REST, f"model/{name}": SAVED[name]})
    opens(Source(f"archive.{packer}", data))
    opens(Source("no suffix", data))


def test_a_single_file_compressed_by_gzip_is_read() -> None:
    opens(Source("model.pt.gz", gzip.compress(SAVED["model.pt"])))


def test_a_vocabulary_in_an_archive_lies_beside_its_model() -> None:
    characters = "abc"
    members = {"a/m.pt": SAVED["model.pt"], "a/vocab.txt": b"a\nb\nc\n", "b/vocab.json": b"{}"}
    for packer in ("zip", "tar"):
        [found] = import_model(Source("a", PACKERS[packer](members)))
        assert found.model.vocabulary == tuple(characters)


@pytest.mark.parametrize("packer", PACKERS)
def test_two_models_in_an_archive_are_named(packer: str) -> None:
    data = PACKERS[packer]({"a.pt": SAVED["model.pt"], "b.pt": SAVED["model.pt"]})
    with pytest.raises(rv.ModelError, match=r"it holds “a\.pt”, “b\.pt”; unpack it and open one"):
        import_model(Source("a", data))


def test_what_a_training_needs_to_go_on_is_no_second_model() -> None:
    # Stable Baselines' archives and the folders of Hugging Face's Trainer.
    optimiser = torch_saved(torch.optim.Adam(MODULE.parameters()).state_dict()).data
    others = ("policy.optimizer.pth", "pytorch_variables.pth", "rng_state.pth", "scheduler.pt")
    for packer in ("zip", "tar.gz"):
        members = {"policy.pth": SAVED["model.pt"]} | dict.fromkeys(others, optimiser)
        opens(Source("a.zip", PACKERS[packer](members | {"vocab.pkl": b"N."})))


def test_an_archive_without_a_model_is_refused() -> None:
    with pytest.raises(rv.ModelError, match=r"holds “notes\.txt”; unpack it"):
        import_model(Source("a.tar", tarred({"notes.txt": b"hello"})))
    with pytest.raises(rv.ModelError, match=r"holds “notes\.txt”; unpack it"):
        import_model(Source("a.zip", zipped({"notes.txt": b"hello"})))
    with pytest.raises(rv.ModelError, match="of none of these formats"):
        import_model(Source("a.docx", zipped({"notes.txt": b"hello"})))
    nested = SAVED["model.pt"]
    for _ in range(5):
        nested = zipped({"a.zip": nested})
    with pytest.raises(rv.ModelError, match="archives inside archives"):
        import_model(Source("a.zip", nested))


def test_a_compressed_bomb_is_refused_before_it_is_inflated() -> None:
    bomb = gzip.compress(bytes(300 * MEGABYTE), 1)
    with memory_below(450 * MEGABYTE), pytest.raises(rv.ModelError, match="may unpack to"):
        import_model(Source("a.gz", bomb))


def test_links_and_holes_of_a_tar_archive_are_no_members() -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        link = tarfile.TarInfo("model.pt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        claim = tarfile.TarInfo("large.pt")
        claim.size = 10**11
        archive.fileobj.write(claim.tobuf())  # type: ignore[union-attr]
    with pytest.raises(rv.ModelError):
        import_model(Source("a.tar", stream.getvalue()))


@pytest.mark.parametrize("packer", ["zip", "tar", "tar.gz"])
def test_an_archive_cut_off_anywhere_is_refused(packer: str) -> None:
    data = PACKERS[packer]({"model.pt": SAVED["model.pt"]})
    # What follows the member in a tar archive is padding.
    for end in range(1, min(len(data), len(SAVED["model.pt"])), 97):
        with pytest.raises(rv.ModelError):
            import_model(Source("a", data[:end]))


def sharded(kind: str, with_index: bool) -> dict[str, bytes]:
    names = list(STATE)
    halves = [{n: STATE[n] for n in names[:5]}, {n: STATE[n] for n in names[5:]}]
    stem = "model" if kind == "safetensors" else "pytorch_model"
    files = [f"{stem}-0000{i + 1}-of-00002.{kind}" for i in range(2)]
    write = safetensors.torch.save if kind == "safetensors" else lambda s: torch_saved(s).data
    found = {file: write(half) for file, half in zip(files, halves, strict=True)}
    if with_index:
        places = {n: file for file, half in zip(files, halves, strict=True) for n in half}
        index = {"metadata": {"total_size": 1}, "weight_map": places}
        found[f"{stem}.{kind}.index.json"] = json.dumps(index).encode()
    return found


@pytest.mark.parametrize("with_index", [True, False])
@pytest.mark.parametrize("kind", ["bin", "safetensors"])
def test_shards_are_read_by_any_of_them_and_by_their_index(
    kind: str, with_index: bool, tmp_path: Path
) -> None:
    files = sharded(kind, with_index)
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    wanted = MODULE(torch.tensor(VALUES))[0].detach().numpy()
    for name in files:
        opens(Source(name, files[name], beside=files))
        assert_close(hidden(rv.read_model(tmp_path / name), VALUES), wanted)
    opens(Source("hub.zip", zipped({f"snapshot/{n}": d for n, d in files.items()})))


@pytest.mark.parametrize("kind", ["bin", "safetensors"])
def test_shards_that_are_missing_are_named(kind: str) -> None:
    files = sharded(kind, True)
    missing = next(name for name in files if "00002-of" in name)
    del files[missing]
    for name, data in files.items():
        with pytest.raises(rv.ModelError, match=f"one of 2 parts .* but “{missing}” is not beside"):
            import_model(Source(name, data, beside=files))


INDEXES: list[Any] = [
    {"weight_map": {}},
    {"weight_map": {"a": "../secret.bin"}},
    {"weight_map": {"a": "/etc/passwd"}},
    {"weight_map": {"a": 3}},
    {"weight_map": {"a": ["b"]}},
    {"weight_map": ["a"]},
    {"weight_map": {str(i): f"{i}.bin" for i in range(2_000)}},
]


@pytest.mark.parametrize("index", INDEXES, ids=range(len(INDEXES)))
def test_an_index_that_leads_elsewhere_is_refused(index: Any, tmp_path: Path) -> None:
    with pytest.raises(rv.ModelError, match="should name the file of every array"):
        import_model(Source("a.index.json", json.dumps(index).encode(), tmp_path))


def test_an_array_in_two_archives_is_read_where_it_lies() -> None:
    stream = io.BytesIO()
    np.savez(stream, **{name: value.numpy() for name, value in STATE.items()})
    opens(Source("a.zip", zipped({"weights/model.npz": stream.getvalue()})))
