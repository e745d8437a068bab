"""Several files that are uploaded together."""

from __future__ import annotations

import pytest

import rnnviz as rv
from rnnviz.readers.uploads import main_file


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (["m.onnx", "m.onnx.data"], "m.onnx"),
        (["weights.bin", "m.onnx"], "m.onnx"),
        (["vocab.txt", "m.keras"], "m.keras"),
        (["config.json", "m.weights.h5"], "m.weights.h5"),
        (["m-00002-of-00002.bin", "m-00001-of-00002.bin"], "m-00001-of-00002.bin"),
        (["m-00001-of-00002.bin", "m.bin.index.json", "config.json"], "m.bin.index.json"),
        (["tokenizer.json", "m.PT"], "m.PT"),
        (["notes.doc"], "notes.doc"),
        (["char2idx.pkl", "m.pkl"], "m.pkl"),
        (["vocab.pkl"], "vocab.pkl"),
    ],
)
def test_the_model_is_found_among_what_lies_beside_it(names: list[str], wanted: str) -> None:
    assert main_file(names) == wanted
    assert main_file(reversed(names)) == wanted


def test_two_models_are_one_too_many() -> None:
    with pytest.raises(rv.ModelError, match=r"“a\.pt”, “b\.pt” came"):
        main_file(["b.pt", "a.pt"])
    # Opened one after the other, as the sentence says.
    assert [main_file([name]) for name in ("a.pt", "b.pt")] == ["a.pt", "b.pt"]


def test_what_lies_beside_a_model_is_no_model() -> None:
    with pytest.raises(rv.ModelError, match="choose the model as well"):
        main_file(["vocab.txt", "config.json"])
    assert main_file(["vocab.txt", "config.json", "m.pt"]) == "m.pt"
