"""What a refusal of a module of another class tells to do is done, with the states of torch."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz as rv
from rnnviz.errors import RnnvizError
from tests.engine.test_live_recipes import VALUES, check, refusal
from tests.readers.test_state_dict import drawn
from tests.witnesses import assert_close, normal

pytestmark = pytest.mark.filterwarnings("ignore")


class Stepped(torch.nn.GRUCell):
    """A cell that reads a whole sequence in one call."""

    def forward(self, values: Any, state: Any = None) -> Any:
        steps = []
        for step in values:
            state = super().forward(step, state)
            steps.append(state)
        return torch.stack(steps)


class Summed(torch.nn.GRU):
    """A layer of its own class with a torch's layer inside, of which it gives the sum."""

    def __init__(self) -> None:
        super().__init__(3, 4)
        self.inner = torch.nn.LSTM(3, 5)

    def forward(self, values: Any) -> Any:  # type: ignore[override]
        return {"sum": self.inner(values)[0].sum(-1)}


class Held(torch.nn.Module):
    """A module that holds one."""

    def __init__(self, inside: torch.nn.Module) -> None:
        super().__init__()
        self.inside = inside

    def forward(self, values: Any) -> Any:
        return self.inside(values)


class Halved(torch.nn.GRU):
    """A layer whose weight is computed when it is asked for."""

    def forward(self, values: Any, state: Any = None) -> Any:
        return super().forward(values, state)


OWN = "gives something else than torch's"


def test_the_weights_of_a_class_of_its_own_are_loaded_into_torchs() -> None:
    module = Held(drawn(Stepped(3, 4)))
    refusal(f"{OWN}; trace what is torch's own inside it, or load its weights", module, VALUES)
    layer = torch.nn.GRUCell(3, 4).double()
    layer.load_state_dict(module.inside.state_dict())
    check([module(VALUES)], layer, VALUES)


def test_what_is_torchs_own_inside_a_class_is_traced() -> None:
    module = Held(drawn(Summed()))
    refusal("choose one", module, VALUES)
    refusal(f"{OWN}; trace what is torch's own inside it", module, VALUES, path="inside")
    inner = module.inside.get_submodule("inner")
    check(inner(VALUES), inner, VALUES)


def test_a_class_made_from_torchs_is_run() -> None:
    module = drawn(Halved(3, 4))
    with pytest.raises(RnnvizError, match=r"rv.trace\(module, values\) runs a class made from"):
        rv.from_torch(module)
    check(module(VALUES), module, VALUES)
    layer = torch.nn.GRU(3, 4).double()
    layer.load_state_dict(module.state_dict())
    check(module(VALUES), rv.from_torch(layer), VALUES.numpy())


def test_a_weight_that_is_computed_by_a_hook_is_read_in_the_run() -> None:
    layer = drawn(torch.nn.GRU(3, 4))
    kept = layer.weight_hh_l0
    del layer.weight_hh_l0
    layer.register_parameter("raw", kept)

    def halve(module: Any, _: Any) -> None:
        module.weight_hh_l0 = module.raw / 2

    layer.register_forward_pre_hook(halve)
    with pytest.raises(RnnvizError, match=r"run it, as in rv\.trace"):
        rv.from_torch(layer)
    plain = torch.nn.GRU(3, 4).double()
    weights = layer.state_dict()
    weights["weight_hh_l0"] = weights.pop("raw") / 2
    plain.load_state_dict(weights)
    check(plain(VALUES), layer, VALUES)


def test_real_weights_are_loaded_into_a_module_without_any() -> None:
    weights = drawn(torch.nn.GRU(3, 4)).state_dict()
    module = torch.nn.GRU(3, 4, device="meta", dtype=torch.float64)
    refusal("load real weights first", module, VALUES)
    module.load_state_dict(weights, assign=True)
    check(module(VALUES), module, VALUES)


def test_the_weights_of_a_cell_written_by_hand_are_given_names() -> None:
    weights = {
        "hidden.x": normal(4, 3),
        "hidden.h": normal(4, 4) / 2,
        "hidden.b": normal(4),
    }
    said = refusal("can be given rnnviz' names", torch.nn.Linear(3, 4), VALUES)
    [call] = re.findall(r"as in (rv\.Model.*?) with", said)
    assert re.findall("“(.*?)”", said) == list(weights)
    model = eval(call, {"rv": rv, "weights": weights})
    hidden, wanted = np.zeros((2, 4)), []
    for step in VALUES.numpy():
        x, h, b = weights.values()
        hidden = np.tanh(step @ x.T + hidden @ h.T + b)
        wanted.append(hidden)
    assert_close(rv.trace(model, VALUES.numpy())["hidden"], np.array(wanted))
