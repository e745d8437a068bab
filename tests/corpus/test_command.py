"""What `rnnviz corpus` takes and what it says, as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.cli import main
from rnnviz.core.resources import asset
from rnnviz.train.presets import preset

LETTERS = ("\n", " ", "a", "b", "(", ")")


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.txt").write_text("a (b)\nab\n" * 40, "utf-8")
    return folder


def _weights(path: Path, n_inputs: int) -> Path:
    """A file of an LSTM's weights without a vocabulary."""
    rng = np.random.default_rng(1)
    shapes = {"weight_ih_l0": (20, n_inputs), "weight_hh_l0": (20, 5)}
    np.savez(path, **{name: rng.normal(size=shape) for name, shape in shapes.items()})
    return path


def _said(capsys: pytest.CaptureFixture[str], *typed: object) -> tuple[int, str]:
    status = main(["corpus", *map(str, typed)])
    return status, capsys.readouterr().err


def test_a_model_trained_here_is_read_by_its_name_and_by_its_file(
    texts: Path, tmp_path: Path
) -> None:
    for number, model in enumerate(("brackets_lstm", asset("models", "brackets_lstm.safetensors"))):
        assert main(["corpus", str(model), str(texts), "-o", str(tmp_path / str(number))]) == 0
    name, file = (rv.corpus.open(tmp_path / str(number)) for number in (0, 1))
    assert name.vocabulary == file.vocabulary == preset("brackets_lstm").vocabulary
    assert name.n_steps == file.n_steps == 80
    np.testing.assert_array_equal(name.token_means("hidden"), file.token_means("hidden"))


@pytest.mark.parametrize("name", ["next_charcter_lstm", "folder/lstm", "n" * 5_000, "a\0b"])
def test_a_name_that_is_no_model_is_answered_with_the_names(
    texts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    status, said = _said(capsys, name, texts, "-o", tmp_path / "out")
    assert status == 2
    assert "is neither" in said
    assert "next_character_lstm" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("name", ["nowhere", "nowhere/a.txt", "n" * 5_000, "a\0b"])
def test_texts_that_are_not_there_and_a_folder_that_cannot_be_are_told(
    texts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    status, said = _said(capsys, "brackets_lstm", tmp_path / name, "-o", tmp_path / "out")
    assert (status, len(said.splitlines())) == (2, 1)
    assert "should be a file or a folder of texts, but there is none" in said
    if not name.startswith("nowhere"):
        status, said = _said(capsys, "brackets_lstm", texts, "-o", tmp_path / name)
        assert (status, len(said.splitlines())) == (2, 1)
        assert "cannot be written" in said
        assert main(["--scans", name]) == 1
        assert "--scans should be a folder" in capsys.readouterr().err


@pytest.mark.parametrize("line", ["\\n", "", "\n"], ids=["escaped", "empty", "two empty"])
def test_a_line_of_vocab_txt_is_the_line_break(texts: Path, tmp_path: Path, line: str) -> None:
    model = _weights(tmp_path / "m.npz", len(LETTERS))
    (tmp_path / "vocab.txt").write_text("\n".join((line, *LETTERS[1:])), "utf-8")
    assert main(["corpus", str(model), str(texts), "-o", str(tmp_path / "out")]) == 0
    found = rv.corpus.open(tmp_path / "out")
    assert (found.vocabulary, found.n_unknown) == (LETTERS, 0)
    assert found.counts[0] == 80


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("a b c", "vocab.txt: 3 tokens, the model has 6"),
        ("a a b c d e", "vocab.txt: 2 × “a”"),
        ("a b c d e \xe9", "vocab.txt: no tokens in UTF-8"),
    ],
)
def test_a_vocabulary_that_is_refused_is_named_with_the_reason(
    texts: Path, tmp_path: Path, lines: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    model = _weights(tmp_path / "m.npz", 6)
    (tmp_path / "vocab.txt").write_text(lines.replace(" ", "\n"), "latin-1")
    status, said = _said(capsys, model, texts, "-o", tmp_path / "out")
    assert status == 2
    assert f"m.npz” is not that of its rows ({reason});" in said
    assert said.count("\n") == 1


def test_a_tokenizer_of_pieces_is_refused_by_its_name(
    texts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = _weights(tmp_path / "m.npz", 3)
    vocabulary = {"[UNK]": 0, "the": 1, "##a": 2}
    content = {"model": {"type": "WordPiece", "vocab": vocabulary}}
    (tmp_path / "tokenizer.json").write_text(json.dumps(content), "utf-8")
    status, said = _said(capsys, model, texts, "-o", tmp_path / "out")
    assert status == 2
    assert "tokenizer.json" in said
    assert "pieces of words by WordPiece, whose rules are not read here" in said


def test_files_that_are_left_out_are_told(
    texts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (texts / "more").mkdir()
    for name in ("more/b.TXT", "more/c.csv", "d.bin", ".e.bin"):
        (texts / name).write_text("((()))", "utf-8")
    status, said = _said(capsys, "brackets_lstm", texts, "-o", tmp_path / "out")
    assert status == 0
    assert said.splitlines() == [
        "rnnviz: 2 of 4 files are read; left out: d.bin, more/c.csv",
        "reading texts: 100%",
    ]
    (texts / "d.bin").rename(texts / "d.txt")
    (texts / "more" / "c.csv").unlink()
    status, said = _said(capsys, "brackets_lstm", texts, "-o", tmp_path / "again")
    assert said == "reading texts: 100%\n"


def test_a_folder_of_something_else_stays_as_it_is(
    texts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.tex").write_text("a year's work")
    status, said = _said(capsys, "brackets_lstm", texts, "-o", other)
    assert status == 2
    assert "should be a new or empty folder, but holds other files" in said
    assert [path.name for path in other.iterdir()] == ["thesis.tex"]
