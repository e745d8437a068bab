"""The public import result: one report for every format, its questions, and its two pictures."""

from __future__ import annotations

from html import unescape
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch

import rnnviz as rv
from rnnviz.readers.torch.module import modules_in
from tests.readers.onnx import onnx_files
from tests.readers.test_state_dict import Tagger, drawn, state
from tests.witnesses import normal

# Keras 3.15 converts Torch tensors in a way that NumPy 2 no longer likes.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

ROWS = [
    "cell",
    "layers",
    "sizes",
    "directions",
    "gate_order",
    "biases",
    "activations",
    "initial_states",
    "numbers",
]
HOSTILE = "<script>alert('x')</script>\x1b[2J"


def lstm() -> Any:
    return drawn(torch.nn.LSTM(4, 5, bidirectional=True)).float()


def keras_file(path: Path) -> None:
    import keras
    from keras import layers

    recurrent = layers.LSTM(5, return_sequences=True)
    model = keras.Sequential([layers.Input((None, 4)), layers.Bidirectional(recurrent)])
    model.save(path)


def written(folder: Path, suffix: str) -> Path:
    """A bidirectional LSTM of 4 inputs and 5 units in a file of the format."""
    path = folder / f"model{suffix}"
    if suffix == ".pt":
        torch.save(lstm().state_dict(), path)
    elif suffix == ".safetensors":
        safetensors.torch.save_file(lstm().state_dict(), path)
    elif suffix == ".npz":
        arrays = rv.random_model("lstm", 4, 5, bidirectional=True, init="pytorch").arrays()
        np.savez(path, **arrays)  # type: ignore[arg-type]
    elif suffix == ".onnx":
        arrays = onnx_files.weights("LSTM", (4, 5), 2, dtype=np.float32)
        node = onnx_files.node("LSTM", arrays, direction="bidirectional")
        path.write_bytes(onnx_files.model([node], arrays).SerializeToString())
    else:
        keras_file(path)
    return path


def rows(result: rv.ImportResult) -> dict[str, str]:
    return {row.name: row.value for row in result.report}


@pytest.mark.parametrize("suffix", [".pt", ".safetensors", ".npz", ".onnx", ".keras", ".h5"])
def test_every_format_has_the_same_report(suffix: str, tmp_path: Path) -> None:
    report = rows(rv.open_model(written(tmp_path, suffix)))
    has_order = suffix != ".npz"  # our own names have no order
    assert list(report) == [name for name in ROWS if has_order or name != "gate_order"]
    assert report["cell"] == "lstm"
    assert report["layers"] == "1"
    assert report["sizes"] == "4 → 5"
    assert report["directions"] == "forward, backward"
    assert report["activations"] == "sigmoid, tanh"
    assert report["initial_states"] == "0"
    assert report["numbers"] == "float32"
    orders = {".onnx": "input, output, forget, candidate", ".npz": None}
    wanted = orders.get(suffix, "input, forget, candidate, output")
    assert report.get("gate_order") == wanted
    assert report["biases"] == ("b" if suffix in (".keras", ".h5") else "b + bh")


def test_sizes_of_levels_and_projections() -> None:
    [result] = modules_in(torch.nn.LSTM(3, 5, num_layers=2, proj_size=2))
    assert rows(result)["sizes"] == "3 → 5 (2) → 5 (2)"


def tagger(folder: Path) -> Path:
    path = folder / "tagger.pt"
    torch.save(Tagger().state_dict(), path)
    return path


def test_what_was_found_asked_and_left_out_is_printed(tmp_path: Path) -> None:
    result = rv.open_model(tagger(tmp_path))
    text = str(result)
    lines = text.splitlines()
    assert lines[0] == "lstm: lstm from tagger.pt"
    assert any(line.split() == ["Sizes", "3", "→", "5", "from", "the", "shapes"] for line in lines)
    assert "hidden2tag.weight (4, 10), softmax" in text
    assert result.left_out == ("norm.weight (10,)", "norm.bias (10,)")
    assert "norm.weight (10,), norm.bias (10,)" in text
    assert "last layer end with? answers={'readout_activation': …} may be softmax (taken" in text
    assert repr(result) == "<ImportResult lstm: lstm from tagger.pt>"


def test_an_answer_changes_the_model_and_the_report(tmp_path: Path) -> None:
    result = rv.open_model(tagger(tmp_path), {"readout_activation": "linear"})
    assert result.model.readout is not None
    assert result.model.readout.activation == "linear"
    [row] = [row for row in result.report if row.name == "readout"]
    assert (row.value, row.origin) == ("hidden2tag.weight (4, 10), linear", "answer")
    read = rv.read_model(tagger(tmp_path), readout_activation="linear")
    assert read.layers[0].title == result.model.layers[0].title
    with pytest.raises(rv.ModelError, match="“readout_activation” is one of softmax"):
        rv.open_model(tagger(tmp_path), {"readout_activation": "relu"})
    with pytest.raises(rv.ModelError, match="an answer to “cell” came"):
        rv.open_model(tagger(tmp_path), {"cell": "gru"})


def test_of_several_stacks_the_first_is_opened_and_all_are_named(tmp_path: Path) -> None:
    path = tmp_path / "pair.pt"
    pair = torch.nn.ModuleDict({"encoder": torch.nn.GRU(3, 5), "decoder": torch.nn.LSTM(3, 5)})
    torch.save(pair.state_dict(), path)
    result = rv.open_model(path)
    assert (result.name, result.parts) == ("encoder", ("encoder", "decoder"))
    assert str(result).endswith("“encoder”, “decoder”; choose one with part=….")
    assert rv.open_model(path, part="decoder").model.layers[0].cell_name == "lstm"
    with pytest.raises(rv.ModelError, match="is none of them"):
        rv.open_model(path, part="middle")


class Tags(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        assert not attrs
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_the_notebook_shows_the_printed_text(tmp_path: Path) -> None:
    result = rv.open_model(tagger(tmp_path))
    page = Tags(result._repr_html_())
    assert page.tags == {"p", "b", "table", "tbody", "tr", "td"}
    words = " ".join(page.text)
    for row in result.report:
        assert row.value in words
    for question in result.questions:
        assert str(question) in unescape(words)


def test_names_of_a_hostile_file_stay_text(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    arrays = {f"{HOSTILE}.{name}": a for name, a in state(torch.nn.GRU(3, 5)).items()}
    arrays |= {f"{HOSTILE}a.weight": normal(4, 5), f"{HOSTILE}a.bias": normal(4)}
    arrays |= {f"{HOSTILE}b.weight": normal(6, 3)}
    stream = BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type]
    path.write_bytes(stream.getvalue())
    result = rv.open_model(path)
    assert {question.name for question in result.questions} >= {"embedding", "readout"}
    assert any(HOSTILE in option for question in result.questions for option in question.options)
    page = result._repr_html_()
    assert "script" in page
    assert Tags(page).tags == {"p", "b", "table", "tbody", "tr", "td"}
    assert "<script" not in page
    for text in (page, str(result), repr(result)):
        assert "\x1b" not in text
