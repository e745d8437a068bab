"""Odd modules given odd things: a trace, or one sentence, and never another error."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import rnnviz as rv

X = torch.randn(5, 2, 3, generator=torch.Generator().manual_seed(0))
STATE = torch.ones(1, 2, 4)
GIVEN: list[Any] = [
    X,
    X[:, 0],
    X[0, 0],
    torch.tensor(3.0),
    X[:0],
    X[:, :0],
    X.to_sparse(),
    X * torch.nan,
    X.to(torch.complex64),
    X > 0,
    torch.empty(5, 2, 3, device="meta"),
    X[..., None],
    torch.zeros(5, 2, dtype=torch.int64),
    np.zeros((5, 2, 3), object),
    np.ma.masked_array(X.numpy(), mask=True),
    np.array([["a"]]),
    np.float32(3),
    [[1, 2], [3]],
    "text",
    b"bytes",
    ["a", "b"],
    None,
    5,
    range(3),
    iter([1]),
    {"input": X},
    (),
    (X,),
    (X, None),
    (X, STATE),
    (X, (STATE, STATE)),
    (X, STATE, STATE),
    rv.Sequence(X.numpy(), lengths=(5, 2)),
    rv.parse("abc"),
    nn.utils.rnn.pack_padded_sequence(X, [5, 2]),
]
GIVES: list[Callable[..., Any]] = [
    lambda y, x, *_: None,
    lambda y, x, *_: x,
    lambda y, x, *_: (x, None),
    lambda y, x, *_: (None, x),
    lambda y, x, *_: (x, x, x),
    lambda y, x, *_: [x, x],
    lambda y, x, *_: {"hidden": x},
    lambda y, x, *_: (x.sum(), x.sum()),
    lambda y, x, *_: "hidden",
    lambda y: y,
    lambda y, x, *_: (torch.zeros(2, 2).to_sparse(), None),
    lambda y, x, *_: (torch.zeros(*x.shape[:-1], 4) * torch.nan, None),
    lambda y, x, *_: 1 / 0,
]


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.LSTMCell, nn.GRUCell])
@pytest.mark.parametrize("gives", [None, *GIVES])
def test_odd_modules_and_inputs_give_a_trace_or_a_sentence(kind: Any, gives: Any) -> None:
    odd = kind if gives is None else type("Odd", (kind,), {"forward": gives})
    for module in (odd(3, 4), nn.Sequential(odd(3, 4)), nn.ModuleDict({"only": odd(3, 4)})):
        for values in GIVEN:
            with warnings.catch_warnings(), suppress(rv.RnnvizError):
                warnings.simplefilter("ignore")
                assert str(rv.trace(module, values).certainty)
        assert "forward" not in next(module.modules()).__dict__


class Says(nn.Module):
    """Gives the largest output's number beside the output."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn, self.out = nn.GRU(3, 4), nn.Linear(4, 2)

    def forward(self, x: torch.Tensor) -> Any:
        drive = self.out(self.rnn(x)[0])
        return {"chosen": drive.argmax(-1), "drive": drive, "empty": drive[:0]}


def test_whole_numbers_in_an_output_do_not_look_like_dropout() -> None:
    torch.manual_seed(0)
    module = Says()
    assert module.training
    traced = rv.trace(module, X)
    assert traced.certainty.grade == "proved"
    assert traced.readout == "linear"
    wanted = module(X)["drive"].detach().numpy()
    np.testing.assert_allclose(traced.outputs, wanted, rtol=0, atol=1e-6)
