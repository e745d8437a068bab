"""A vocabulary in an ONNX file's metadata gives the tokens of its rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

import rnnviz as rv
from tests.readers.onnx.torch_exports import TIME_AND_BATCH, exported

CHARACTERS = "eo hlwrd"
WORD = "hello world"
FORMS: dict[str, dict[str, str]] = {
    "a list": {"vocab": json.dumps(list(CHARACTERS)), "stride": "4"},
    "a dict": {"char2idx": json.dumps({c: i for i, c in enumerate(CHARACTERS)})},
    "a text": {"characters": CHARACTERS},
    "inside a configuration": {"config": json.dumps({"itos": list(CHARACTERS), "lr": 0.1})},
}


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.emb, self.rnn = torch.nn.Embedding(8, 3), torch.nn.GRU(3, 4)

    def forward(self, ids: Any) -> Any:
        return self.rnn(self.emb(ids))[0]


def saved(path: Path, **metadata: str) -> Path:
    ids = torch.randint(0, 8, (5, 2), generator=torch.Generator().manual_seed(1))
    proto = exported(Net(), (ids,), (TIME_AND_BATCH,), names=("ids",))
    onnx.helper.set_model_props(proto, metadata)
    onnx.save(proto, path)
    return path


@pytest.mark.parametrize("form", FORMS)
def test_a_text_is_read_by_the_vocabulary_in_the_metadata(form: str, tmp_path: Path) -> None:
    path = saved(tmp_path / "model.onnx", **FORMS[form])
    opened = rv.open_model(path)
    assert opened.certainty.grade == "proved"
    traced = rv.trace(opened.model, rv.parse(WORD))
    session = onnxruntime.InferenceSession(path.read_bytes())
    ids = np.array([[CHARACTERS.index(c)] for c in WORD])
    [wanted] = session.run(None, {"ids": ids})
    np.testing.assert_allclose(traced["hidden"], wanted, rtol=0, atol=1e-6)
    assert traced.sequence.tokens == (tuple(WORD),)


@pytest.mark.parametrize("text", ["[" * 5000, '["a", "b"]', "", "{}", '"hlowrd"', "[1, 2]"])
def test_metadata_that_is_no_vocabulary_of_the_rows_changes_nothing(
    text: str, tmp_path: Path
) -> None:
    opened = rv.open_model(saved(tmp_path / "model.onnx", vocab=text))
    assert opened.model.vocabulary is None
    with pytest.raises(rv.ModelError, match="with_vocabulary"):
        rv.trace(opened.model, rv.parse(WORD))
