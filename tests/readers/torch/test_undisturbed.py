"""A module is left exactly as it was, whatever its run changes and however it ends."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, prune

import rnnviz as rv
from rnnviz.readers.torch.undisturbed import undisturbed
from tests.readers.test_state_dict import drawn
from tests.witnesses import assert_close, normal

INPUT, UNIT = 3, 5
HOOKED = [
    lambda y: torch.nn.utils.weight_norm(y, "weight_hh_l0"),
    lambda y: torch.nn.utils.weight_norm(y, "weight_ih_l0", dim=None),
    lambda y: torch.nn.utils.spectral_norm(y, "weight_hh_l0"),
    lambda y: prune.random_unstructured(y, "weight_ih_l0", 0.4),
    lambda y: prune.random_unstructured(
        prune.random_unstructured(y, "bias_hh_l0", 2), "bias_hh_l0", 2
    ),
    lambda y: parametrizations.weight_norm(y, "weight_hh_l0"),
    lambda y: parametrizations.spectral_norm(y, "weight_hh_l0"),
    lambda y: parametrizations.orthogonal(y, "weight_hh_l0"),
]


def state(module: nn.Module) -> dict[str, Any]:
    """Everything of a module that its user can see, copied."""
    named = {
        f"{path}/{name}": value
        for path, inner in module.named_modules()
        for name, value in inner.__dict__.items()
    }
    tensors = {name: value.detach().clone() for name, value in module.state_dict().items()}
    plain = {n: v.detach().clone() for n, v in named.items() if isinstance(v, torch.Tensor)}
    held = {n: list(v) for n, v in named.items() if isinstance(v, list | deque | dict | set)}
    grads = {n: None if p.grad is None else p.grad.clone() for n, p in module.named_parameters()}
    flags = {path: inner.training for path, inner in module.named_modules()}
    return {
        "names": list(named),
        "ids": {n: id(v) for n, v in named.items() if not isinstance(v, torch.Tensor)},
        "tensors": tensors | plain | grads,
        "held": {n: [id(v) for v in values] for n, values in held.items()},
        "flags": flags,
        "random": (torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()),
    }


def assert_same(before: dict[str, Any], after: dict[str, Any]) -> None:
    for name, tensor in before["tensors"].items():
        other = after["tensors"][name]
        assert (tensor is other is None) or torch.equal(tensor, other), name
    assert torch.equal(before["random"][0], after["random"][0])
    assert before["random"][1] == after["random"][1]
    np.testing.assert_array_equal(before["random"][2], after["random"][2])
    for part in ("names", "ids", "held", "flags"):
        assert before[part] == after[part], part


@pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm`:FutureWarning")
@pytest.mark.filterwarnings("ignore::rnnviz.AssumptionWarning")
@pytest.mark.parametrize("is_training", [True, False])
@pytest.mark.parametrize("around", ["alone", "inside"])
@pytest.mark.parametrize("hook", HOOKED)
def test_computed_weights_are_those_of_the_run_and_stay(
    hook: Callable[[Any], Any], around: str, is_training: bool
) -> None:
    layer = nn.LSTM(INPUT, UNIT).double()
    hook(layer)
    with torch.no_grad():
        for i, weight in enumerate(layer.parameters()):
            weight.copy_(torch.tensor(normal(*weight.shape, seed=i)))
    module = layer if around == "alone" else nn.Sequential(nn.Linear(INPUT, INPUT).double(), layer)
    values = torch.tensor(normal(6, 2, INPUT))
    module.train(is_training)
    before = state(module)
    traced = rv.trace(module, values)
    assert_same(before, state(module))
    if not is_training:
        assert traced.certainty.grade == "proved"
        assert_close(rv.trace(rv.from_torch(layer), traced.sequence)["hidden"], traced["hidden"])
        assert_same(before, state(module))
    wanted = module.eval()(values)[0].detach().numpy()
    assert_close(traced["hidden"], wanted)


class Restless(nn.Module):
    """A forward that changes all it can reach, and may fail behind that."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(7, INPUT, max_norm=0.5)
        self.norm = nn.BatchNorm1d(INPUT)
        self.rnn = nn.GRU(INPUT, UNIT, 2, dropout=0.5)
        self.register_buffer("seen", torch.zeros(3))
        self.state, self.log, self.by_name = torch.zeros(2), deque([1]), {"a": torch.ones(1)}
        self.count, self.numbers, self.fails = 0, np.random.default_rng(3), False
        self.generator = torch.Generator().manual_seed(4)
        self.kept = [torch.zeros(1)]

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        self.count += 1
        self.seen += 1
        self.state.add_(torch.rand(2) + random.random() + np.random.rand())
        self.log.append(self.numbers.normal())
        self.by_name["b"] = torch.rand(1, generator=self.generator)
        self.kept[0].add_(1)
        self.kept.append(0)
        self.new = self.training
        self.register_forward_hook(lambda *_: None)
        self.norm.train()
        self.rnn.weight_hh_l0.data.clamp_(min=0.01)
        x = self.norm(self.table(ids).transpose(1, 2)).transpose(1, 2)
        hidden = self.rnn(x)[0]
        if self.fails:
            raise RuntimeError("no memory")
        return hidden


@pytest.mark.filterwarnings("ignore::rnnviz.AssumptionWarning")
@pytest.mark.parametrize("is_training", [True, False])
@pytest.mark.parametrize("fails", [True, False])
def test_whatever_a_forward_changes_is_put_back(fails: bool, is_training: bool) -> None:
    module = Restless().train(is_training)
    module.rnn.weight_ih_l0.grad = torch.ones(3 * UNIT, INPUT)
    module.fails = fails
    ids = torch.arange(6).reshape(3, 2)
    numbers = [module.numbers.bit_generator.state, module.generator.get_state()]
    before = state(module)
    if fails:
        with pytest.raises(rv.InputError, match="RuntimeError: no memory"):
            rv.trace(module, ids)
    else:
        rv.trace(module, ids)
    assert_same(before, state(module))
    assert module.numbers.bit_generator.state == numbers[0]
    assert torch.equal(module.generator.get_state(), numbers[1])
    assert torch.equal(module.by_name["a"], torch.ones(1))


def test_a_table_without_a_bound_is_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    table = nn.Embedding(7, INPUT)
    monkeypatch.setattr(torch.Tensor, "clone", lambda *_: pytest.fail("copied"))
    with undisturbed(table):
        pass


def test_a_backward_pass_under_way_goes_on() -> None:
    module = drawn(nn.Sequential(nn.Linear(INPUT, INPUT), nn.GRU(INPUT, UNIT)))
    values = torch.tensor(normal(6, 2, INPUT))
    loss = (module(values)[0] ** 2).sum()
    rv.trace(module.eval(), values)
    loss.backward()
    other = drawn(nn.Sequential(nn.Linear(INPUT, INPUT), nn.GRU(INPUT, UNIT)))
    (other(values)[0] ** 2).sum().backward()
    assert_close(module[0].weight.grad, other[0].weight.grad.numpy())
