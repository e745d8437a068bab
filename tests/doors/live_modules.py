"""What people hand to `rv.trace` with a live module; the witness is the module itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.utils import rnn

import rnnviz as rv
from tests.doors.case import Outcome, answered, case, relative, top_hidden

DOUBLE = torch.float64


def values(*shape: int) -> Any:
    """Normal numbers, the same for the same shape."""
    return torch.randn(shape, dtype=DOUBLE, generator=torch.Generator().manual_seed(len(shape)))


def made(make: Callable[..., Any], *sizes: int, **options: Any) -> Any:
    """A module with weights large enough to matter."""
    torch.manual_seed(0)
    module = make(*sizes, **options).to(DOUBLE)
    with torch.no_grad():
        for weight in module.parameters():
            weight.normal_(std=0.6)
    return module


def traced(module: Any, *given: Any, wanted: Any, **options: Any) -> Outcome:
    """A trace of the module, its hidden states (time, batch, unit) held against `wanted`."""

    def read() -> Outcome:
        trace = rv.trace(module, *given, **options)
        return Outcome(relative(top_hidden(trace), wanted.detach()), trace.certainty.grade)

    return answered(read)


@case("live torch.nn module", "batch_first, its own batch", "the module")
def batch_first(folder: Path) -> Outcome:
    module, x = made(nn.LSTM, 3, 4, batch_first=True), values(2, 6, 3)
    return traced(module, x, wanted=module(x)[0].transpose(0, 1))


@case("live torch.nn module", "unbatched input", "the module")
def unbatched(folder: Path) -> Outcome:
    module, x = made(nn.GRU, 3, 4, batch_first=True), values(6, 3)
    return traced(module, x, wanted=module(x)[0][:, None])


@case("live torch.nn module", "bfloat16 weights and input", "the module in float32")
def bfloat16(folder: Path) -> Outcome:
    module = made(nn.LSTM, 3, 4).to(torch.bfloat16)
    x = values(6, 2, 3).to(torch.bfloat16)
    wide = nn.LSTM(3, 4)
    wide.load_state_dict(module.state_dict())
    return traced(module, x, wanted=wide(x.float())[0])


@case("live torch.nn module", "PackedSequence", "the module, unpacked")
def packed(folder: Path) -> Outcome:
    module, x = made(nn.LSTM, 3, 4), values(6, 2, 3)
    given = rnn.pack_padded_sequence(x, [4, 6], enforce_sorted=False)
    wanted = rnn.pad_packed_sequence(module(given)[0])[0]

    def read() -> Outcome:
        trace = rv.trace(module, given)
        hidden = torch.tensor(top_hidden(trace)).nan_to_num()
        hidden[4:, 0] = 0
        return Outcome(relative(hidden, wanted.detach()), trace.certainty.grade)

    return answered(read)


@case("live torch.nn module", "(x, (h0, c0))", "the module")
def initial_states(folder: Path) -> Outcome:
    module, x = made(nn.LSTM, 3, 4), values(6, 2, 3)
    states = values(1, 2, 4), values(1, 2, 4) * 0.5
    return traced(module, (x, states), wanted=module(x, states)[0])


@case("live torch.nn module", "Linear in front", "the module")
def linear_in_front(folder: Path) -> Outcome:
    module, x = made(lambda: nn.Sequential(nn.Linear(3, 3), nn.LSTM(3, 4))), values(6, 2, 3)
    return traced(module, x, wanted=module(x)[0])


class Tagger(nn.Module):
    """Ids, an embedding, a layer norm, an LSTM, a readout."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.norm = nn.Embedding(7, 3), nn.LayerNorm(3)
        self.rnn, self.out = nn.LSTM(3, 4, batch_first=True), nn.Linear(4, 2)

    def forward(self, ids: Any) -> Any:
        return self.out(self.rnn(self.norm(self.embedding(ids)))[0])


@case("live torch.nn module", "token ids, an embedding and a norm in front", "the module's layers")
def token_ids(folder: Path) -> Outcome:
    module, ids = made(Tagger), torch.tensor([[5, 3, 1, 0], [2, 2, 6, 4]])
    wanted = module.rnn(module.norm(module.embedding(ids)))[0].transpose(0, 1)
    return traced(module, ids, wanted=wanted)


@case("live torch.nn module", "weight_norm of the old kind", "the module")
def old_weight_norm(folder: Path) -> Outcome:
    module, x = made(nn.LSTM, 3, 4), values(6, 2, 3)
    nn.utils.weight_norm(module, "weight_hh_l0")
    module.weight_hh_l0_g.data *= 1.5
    return traced(module, x, wanted=module(x)[0])
