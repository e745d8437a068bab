"""Settings beside weights: evidence where the arrays are silent, asked about where they differ."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

import rnnviz as rv
from tests.readers.test_state_dict import drawn, hidden
from tests.witnesses import assert_close, normal

VALUES = normal(7, 2, 3)
pytestmark = pytest.mark.filterwarnings("ignore::rnnviz.AssumptionWarning")


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def layer() -> torch.nn.RNN:
    return drawn(torch.nn.RNN(3, 5, 2, nonlinearity="relu"))


def state(layer: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {f"rnn.{name}": value for name, value in layer.state_dict().items()}


def gives_its_numbers(layer: torch.nn.Module, result: rv.ImportResult) -> None:
    wanted = layer(torch.tensor(VALUES))[0].detach().numpy()
    assert_close(hidden(result.model, VALUES), wanted)


IN_A_CHECKPOINT: list[Any] = [
    {"nonlinearity": "relu"},
    {"hyper_parameters": {"nonlinearity": "relu", "hidden_size": 5, "num_layers": 2}},
    {"args": argparse.Namespace(rnn_type="RNN_RELU", nhid=5, nlayers=2, lr=0.1)},
    {"config": {"model": {"rnn": {"rnn_nonlinearity": "ReLU", "bidirectional": False}}}},
]


@pytest.mark.parametrize("beside", IN_A_CHECKPOINT)
def test_a_stated_nonlinearity_is_evidence(layer: torch.nn.RNN, beside: dict[str, Any]) -> None:
    torch.save({"state_dict": state(layer), **beside}, "model.pt")
    result = rv.open_model("model.pt")
    [row] = [row for row in result.report if row.name == "activations"]
    assert not result.questions
    assert row.origin == "file"
    assert row.value.lower().startswith("relu, ")
    assert result.certainty.grade == "checked"
    gives_its_numbers(layer, result)


@pytest.mark.parametrize("metadata", [{"nonlinearity": "relu"}, {"config": '{"mode": "RNN_RELU"}'}])
def test_metadata_of_safetensors_is_evidence(layer: torch.nn.RNN, metadata: dict[str, str]) -> None:
    save_file({name: y.numpy() for name, y in state(layer).items()}, "m.safetensors", metadata)
    result = rv.open_model("m.safetensors")
    assert not result.questions
    gives_its_numbers(layer, result)


def test_a_text_in_an_npz_is_evidence(layer: torch.nn.RNN) -> None:
    arrays = {name: y.numpy() for name, y in state(layer).items()}
    np.savez("model.npz", nonlinearity="relu", **arrays)
    result = rv.open_model("model.npz")
    assert not result.questions
    gives_its_numbers(layer, result)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("config.json", '{"nonlinearity": "relu", "hidden_size": 5}'),
        ("hparams.yaml", "lr: 0.1\nnonlinearity: relu  # as in the paper\nhidden_size: 5\n"),
    ],
)
def test_a_configuration_beside_is_evidence_where_its_sizes_fit(
    layer: torch.nn.RNN, name: str, text: str
) -> None:
    torch.save(state(layer), "model.pt")
    Path(name).write_text(text)
    result = rv.open_model("model.pt")
    assert not result.questions
    gives_its_numbers(layer, result)
    Path(name).write_text(text.replace("5", "64"))
    [question] = rv.open_model("model.pt").questions
    assert (question.name, question.likely, question.about) == ("activation", "tanh", "")


@pytest.mark.parametrize(
    "beside",
    [
        {"config": {"activation": "relu"}},
        {"config": {"nonlinearity": "relu", "hidden_size": 64}},
        {"encoder": {"nonlinearity": "relu"}, "decoder": {"nonlinearity": "tanh"}},
    ],
)
def test_what_may_be_of_another_layer_is_the_likely_answer(
    layer: torch.nn.RNN, beside: dict[str, Any]
) -> None:
    torch.save({"state_dict": state(layer), **beside}, "model.pt")
    result = rv.open_model("model.pt")
    [question] = result.questions
    assert question.name == "activation"
    assert "relu" in question.about
    assert result.certainty.grade == "assumed"
    gives_its_numbers(layer, result)


@pytest.mark.parametrize(
    "setting",
    [
        {"bidirectional": True},
        {"rnn_type": "LSTM"},
        {"proj_size": 2},
        {"num_layers": 3, "hidden_size": 5},
        {"residual": True, "hidden_size": 5},
    ],
)
def test_settings_against_the_arrays_are_asked_about(
    layer: torch.nn.RNN, setting: dict[str, Any]
) -> None:
    torch.save({"state_dict": state(layer), "nonlinearity": "relu", "hparams": setting}, "m.pt")
    result = rv.open_model("m.pt")
    [question] = result.questions
    assert question.name == "settings"
    assert next(iter(setting)) in question.about
    assert result.certainty.grade == "assumed"
    gives_its_numbers(layer, result)
    gives_its_numbers(layer, rv.open_model("m.pt", {"settings": "arrays"}))
    with pytest.raises(rv.ModelError, match='the answer settings="arrays"'):
        rv.open_model("m.pt", {"settings": "settings"})


INNOCENT: list[dict[str, Any]] = [
    {"num_layers": 12, "hidden_size": 768, "activation": "gelu"},  # of a transformer beside it
    {"num_layers": 4, "residual": True, "layer_norm": True},  # of no size
    {"rnn_type": "LSTM", "bidirectional": False, "num_layers": 1, "hidden_size": 4},
    {"model": "resnet50", "mode": "train", "cell": 3, "dropout": 0.1, "proj_size": 0},
]


@pytest.mark.parametrize("settings", INNOCENT)
def test_settings_that_fit_or_are_of_something_else_ask_nothing(settings: dict[str, Any]) -> None:
    layer = drawn(torch.nn.LSTM(3, 4))
    torch.save({"state_dict": state(layer), "hparams": settings}, "model.pt")
    Path("config.json").write_text(json.dumps({"bidirectional": True, "hidden_size": 64}))
    result = rv.open_model("model.pt")
    assert not result.questions
    assert result.certainty.grade == "checked"


@pytest.mark.parametrize("content", ["[" * 100_000, "{", '{"nonlinearity": {"a": [1]}}', "\0"])
def test_what_is_no_configuration_is_passed_over(layer: torch.nn.RNN, content: str) -> None:
    torch.save(state(layer), "model.pt")
    Path("config.json").write_text(content)
    assert [question.name for question in rv.open_model("model.pt").questions] == ["activation"]


@pytest.mark.parametrize("blank", [b"\n", b" \n\t", b" " * 100 + b"\n", b" ", b"a: ", b"a:"])
def test_a_long_file_of_settings_takes_no_longer_than_its_length(
    layer: torch.nn.RNN, blank: bytes
) -> None:
    torch.save(state(layer), "model.pt")
    said = b"\xef\xbb\xbfnonlinearity: relu\r\nhidden_size: 5\r\n"
    Path("hparams.yaml").write_bytes(said + blank * (900_000 // len(blank)))
    start = process_time()
    result = rv.open_model("model.pt")
    assert process_time() - start < 1
    gives_its_numbers(layer, result)
