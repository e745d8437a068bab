"""What torch.onnx.export writes, by both its exporters, comes back as PyTorch computes it."""

from __future__ import annotations

import io
import warnings
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz as rv
from rnnviz.readers.onnx import import_onnx
from rnnviz.readers.result import Source
from tests.readers.onnx.onnx_files import facts


class Tagger(torch.nn.Module):
    """Embedding, two recurrent layers, a linear one, probabilities."""

    def __init__(self, kind: str, both: bool, batch_first: bool) -> None:
        super().__init__()
        options = {"bidirectional": both, "batch_first": batch_first, "num_layers": 2}
        self.embedding = torch.nn.Embedding(11, 4)
        self.recurrent = getattr(torch.nn, kind)(4, 5, **options)
        self.linear = torch.nn.Linear(10 if both else 5, 3)

    def forward(self, tokens: Any) -> Any:
        return self.linear(self.recurrent(self.embedding(tokens))[0]).softmax(-1)


def exported(module: Any, *, dynamo: bool, names: tuple[str, str] = ("a", "b")) -> bytes:
    stream, example = io.BytesIO(), torch.zeros(3, 2, dtype=torch.int64)
    axes: dict[str, Any] = {"dynamic_axes": {"tokens": dict(enumerate(names))}}
    if dynamo:
        axes = {"dynamic_shapes": ({i: torch.export.Dim(n) for i, n in enumerate(names)},)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),
            (example,),
            stream,
            dynamo=dynamo,
            verbose=False,
            input_names=["tokens"],
            **axes,
        )
    return stream.getvalue()


@pytest.mark.parametrize(
    ("kind", "both", "batch_first", "dynamo"),
    [
        ("LSTM", True, True, False),
        ("LSTM", False, False, False),
        ("GRU", True, False, False),
        ("GRU", False, True, False),
        ("RNN", True, True, False),
        ("LSTM", True, True, True),
    ],
)
def test_what_pytorch_exports_comes_back(
    kind: str, both: bool, batch_first: bool, dynamo: bool
) -> None:
    torch.manual_seed(1)
    module = Tagger(kind, both, batch_first)
    (one,) = import_onnx(Source("tagger.onnx", exported(module, dynamo=dynamo)), {})
    tokens = torch.randint(0, 11, (7, 2))
    with torch.no_grad():
        wanted = module(tokens.T if batch_first else tokens)
    wanted = wanted.swapaxes(0, 1) if batch_first else wanted
    assert one.model.embedding is not None
    came = rv.trace(one.model, one.model.embedding[tokens.numpy()]).outputs
    np.testing.assert_allclose(came, wanted.numpy(), rtol=0, atol=1e-6)
    assert len(one.model.levels) == 2
    assert "left_out" not in facts(one)
