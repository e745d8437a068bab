"""A package that is missing, broken or made to do harm gives one sentence and runs nothing."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import rnnviz as rv
from rnnviz.pretrained import g2p_en, g2pm
from rnnviz.pretrained.arrays import unpickle_dict
from rnnviz.pretrained.registry import PretrainedModel, pretrained_model, pretrained_models
from tests.odd_values import odd, refusal
from tests.pretrained import published

FILES = [(entry, path) for entry in pretrained_models() for path in entry.package.files]


class Harm:
    """What a hostile pickle does when it is opened."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (str(self.target),)


def install(entry: PretrainedModel, folder: Path, changed: dict[str, bytes]) -> None:
    """A copy of the package in a folder, some of its files changed."""
    name = f"{entry.package.name.replace('-', '_')}-{entry.package.version}.dist-info"
    (folder / name).mkdir()
    (folder / name / "METADATA").write_text(f"Name: {entry.package.name}\nVersion: 1\n", "utf-8")
    for path in entry.package.files:
        (folder / path).parent.mkdir(exist_ok=True)
        data = published.located(entry.package.name, path).read_bytes()
        (folder / path).write_bytes(changed.get(path, data))


@pytest.mark.parametrize("entry", pretrained_models(), ids=lambda entry: entry.name)
def test_the_copy_itself_is_read(
    entry: PretrainedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(entry, tmp_path, {})
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert entry.is_installed
    assert entry.pronounce(entry.examples[0]).sounds


@pytest.mark.parametrize("entry", pretrained_models(), ids=lambda entry: entry.name)
def test_a_package_that_is_not_installed_is_named_with_its_install_line(
    entry: PretrainedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert not entry.is_installed
    with pytest.raises(rv.MissingLibraryError, match=f"pip install {entry.package.name}"):
        entry.pronounce(entry.examples[0])


@pytest.mark.parametrize(("entry", "path"), FILES, ids=lambda value: getattr(value, "name", value))
@pytest.mark.parametrize("change", ["one bit", "cut", "empty", "harm"])
def test_a_changed_file_is_refused_and_nothing_of_it_runs(
    entry: PretrainedModel, path: str, change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = published.located(entry.package.name, path).read_bytes()
    middle = len(data) // 2
    changed = {
        "one bit": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
        "cut": data[:middle],
        "empty": b"",
        "harm": pickle.dumps(Harm(tmp_path / "harmed")),
    }[change]
    install(entry, tmp_path, {path: changed})
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(rv.ModelError, match="missing or not the published one"):
        entry.pronounce(entry.examples[0])
    assert not (tmp_path / "harmed").exists()


def test_a_file_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(pretrained_models()[1], tmp_path, {})
    (tmp_path / "g2pM/char2idx.pkl").unlink()
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(rv.ModelError, match=r"g2pM/char2idx\.pkl"):
        g2pm.tagger()


def test_even_a_trusted_pickle_can_call_nothing(tmp_path: Path) -> None:
    with pytest.raises(rv.ModelError):
        unpickle_dict("np_ckpt.pkl", pickle.dumps({"weight": Harm(tmp_path / "harmed")}))
    assert not (tmp_path / "harmed").exists()


def test_reading_imports_neither_package() -> None:
    code = (
        "import sys; from rnnviz.pretrained.registry import pretrained_models\n"
        "for entry in pretrained_models(): entry.pronounce(entry.examples[0])\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & {"g2p_en", "g2pM", "nltk", "torch"}


def test_the_shelf_offers_what_can_be_read() -> None:
    assert [entry.name for entry in pretrained_models()] == ["g2p_en", "g2pm"]
    for entry in pretrained_models():
        assert set(entry.title) == {"en", "zh"}
        assert entry.is_installed
        for example in entry.examples:
            reading = entry.pronounce(example)
            assert reading.letters == tuple(example)
            assert all(part.model.is_trained for part in reading.networks)


def test_an_unknown_part_is_refused() -> None:
    with pytest.raises(rv.ModelError, match='encoder, decoder, but "tagger" was asked for'):
        g2p_en.pronounce_word("hello").network("tagger")


@odd
def test_a_model_of_an_odd_name_is_refused_with_the_names_there_are(value: Any) -> None:
    assert "choose one of g2p_en, g2pm" in refusal(pretrained_model, value)
