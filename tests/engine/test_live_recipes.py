"""What a refusal of a live module tells to do is done, and every state is what torch gives."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz as rv
from rnnviz.errors import RnnvizError
from tests.readers.test_state_dict import drawn
from tests.witnesses import assert_close, normal

VALUES = torch.tensor(normal(6, 2, 3))
pytestmark = pytest.mark.filterwarnings("ignore")


class Two(torch.nn.Module):
    """Two layers side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.left = drawn(torch.nn.GRU(3, 4))
        self.right = drawn(torch.nn.LSTM(3, 5))

    def forward(self, values: Any) -> Any:
        return self.left(values)[0].sum(-1) + self.right(values)[0].sum(-1)


class Idle(Two):
    """A module that runs none of its layers."""

    def forward(self, values: Any) -> Any:
        return values


class Twice(torch.nn.Module):
    """A module that runs its layer on two sequences."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = drawn(torch.nn.LSTM(3, 4))

    def forward(self, values: Any) -> Any:
        return self.rnn(values)[0] + self.rnn(values.flip(0))[0]


class Scaled(torch.nn.Module):
    """A module that needs a further argument."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = drawn(torch.nn.LSTM(3, 4))

    def forward(self, values: Any, scale: float) -> Any:
        return self.rnn(scale * values)[0]


def refusal(words: str, *given: Any, **told: Any) -> str:
    with pytest.raises(RnnvizError, match=re.escape(words)) as refused:
        rv.trace(*given, **told)
    return str(refused.value)


def check(wanted: Any, *given: Any, **told: Any) -> None:
    hidden = rv.trace(*given, **told)["hidden"]
    assert_close(hidden, wanted[0].detach().numpy())


def test_one_of_two_layers_is_chosen() -> None:
    module = Two()
    said = refusal("choose one, as in", module, VALUES)
    [path] = re.findall(r'path="(\w+)"', said)
    check(module.get_submodule(path)(VALUES), module, VALUES, path=path)


def test_a_path_that_names_no_layer_names_one() -> None:
    module = Two()
    said = refusal("names none of them; choose one", module, VALUES, path="middle")
    [path] = re.findall(r'path="(\w+)"', said)
    check(module.get_submodule(path)(VALUES), module, VALUES, path=path)


def test_a_module_that_runs_no_layer_leads_to_the_layer_alone() -> None:
    module = Idle()
    said = refusal("ran none of its recurrent layers", module, VALUES)
    [path] = re.findall(r'module.get_submodule\("(\w+)"\)', said)
    layer = module.get_submodule(path)
    check(layer(VALUES), layer, VALUES)


def test_initial_states_of_one_of_two_layers() -> None:
    module, state = Two(), torch.tensor(normal(1, 2, 4))
    refusal("Initial states are for one recurrent layer", module, VALUES, initial=state)
    wanted = module.left(VALUES, state)
    check(wanted, module.left, VALUES, initial=state)


@pytest.mark.parametrize("told", [{"args": (0.5,)}, {"kwargs": {"scale": 0.5}}])
def test_a_module_is_given_what_it_takes(told: dict[str, Any]) -> None:
    module = Scaled()
    refusal("further arguments with args=(…,) or kwargs=dict(…)", module, VALUES)
    check(module.rnn(0.5 * VALUES), module, VALUES, **told)


def test_a_call_is_chosen_of_two() -> None:
    module = Twice()
    said = refusal("choose the call, counted from 0, as in", module, VALUES)
    [call] = re.findall(r"call=(\d+)", said)
    wanted = {"0": VALUES, "1": VALUES.flip(0)}[call]
    check(module.rnn(wanted), module, VALUES, path="rnn", call=int(call))
    refusal("call=2 is none of them", module, VALUES, path="rnn", call=2)


def test_a_call_of_a_layer_alone_is_left_out() -> None:
    layer = drawn(torch.nn.LSTM(3, 4))
    refusal("once; leave it out", layer, VALUES, call=1)
    check(layer(VALUES), layer, VALUES)


def test_the_states_of_an_lstm_are_a_pair() -> None:
    layer = drawn(torch.nn.LSTM(3, 4))
    h0, c0 = torch.tensor(normal(1, 2, 4)), torch.tensor(normal(1, 2, 4) / 2)
    refusal("a pair of states, (h0, c0)", layer, VALUES, initial=h0)
    check(layer(VALUES, (h0, c0)), layer, VALUES, initial=(h0, c0))


def test_initial_states_have_the_shape_that_is_told() -> None:
    layer, state = drawn(torch.nn.GRU(3, 4)), torch.tensor(normal(1, 2, 4))
    refusal("(layer · direction, batch, unit), but it is", layer, VALUES, initial=state[:, :, :2])
    check(layer(VALUES, state), layer, VALUES, initial=state)


def test_rows_of_unequal_length_are_padded() -> None:
    layer = drawn(torch.nn.GRU(3, 4, batch_first=True))
    rows = [normal(6, 3), normal(4, 3)]
    refusal("pad", layer, [row.tolist() for row in rows])
    padded = torch.nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    got = rv.trace(layer, padded)["hidden"]
    for place, row in enumerate(rows):
        wanted = layer(torch.tensor(row)[None])[0][0].detach().numpy()
        assert_close(got[: len(row), place], wanted)


def test_a_lazy_layer_is_run_once_before_it_is_traced() -> None:
    module = torch.nn.Sequential(torch.nn.LazyLinear(3), drawn(torch.nn.GRU(3, 4))).double()
    refusal("run the module once, module(values), and trace it then", module, VALUES)
    module(VALUES)
    check(module(VALUES), module, VALUES)


def test_a_quantised_module_leads_to_the_one_that_it_was_made_from() -> None:
    module = torch.nn.Sequential(drawn(torch.nn.LSTM(3, 4)))
    quantised = torch.ao.quantization.quantize_dynamic(module.float(), {torch.nn.LSTM})
    refusal("is quantised; trace the module that it was made from", quantised, VALUES.float())
    got = rv.trace(module, VALUES.float())["hidden"]
    np.testing.assert_allclose(got, module(VALUES.float())[0].detach().numpy(), atol=1e-6)


def test_a_compiled_program_opens_as_its_weights(tmp_path: Any) -> None:
    layer = drawn(torch.nn.LSTM(3, 4))
    program = torch.jit.script(torch.nn.Sequential(layer)[0])
    said = refusal("its layers cannot be watched", program, VALUES)
    assert 'torch.save(module.state_dict(), "weights.pt")' in said
    torch.save(program.state_dict(), tmp_path / "weights.pt")
    model = rv.read_model(tmp_path / "weights.pt")
    check(layer(VALUES), model, VALUES.numpy())


def test_further_arguments_of_a_layer_are_its_initial_states() -> None:
    layer, state = drawn(torch.nn.GRU(3, 4)), torch.tensor(normal(1, 2, 4))
    refusal(
        "give them as rv.trace(module, values, initial=states)", layer, VALUES, args=(state,) * 2
    )
    check(layer(VALUES, state), layer, VALUES, initial=state)


def test_initial_states_are_left_out_where_a_later_call_is_chosen() -> None:
    module, state = Twice(), (torch.tensor(normal(1, 2, 4)),) * 2
    words = "leave out initial= or choose call=0"
    refusal(words, module, VALUES, path="rnn", call=1, initial=state)
    check(module.rnn(VALUES.flip(0)), module, VALUES, path="rnn", call=1)
    check(module.rnn(VALUES, state), module, VALUES, path="rnn", call=0, initial=state)


def test_the_rows_of_a_nested_tensor_are_time_and_feature() -> None:
    layer = drawn(torch.nn.GRU(3, 4, batch_first=True))
    rows = [torch.tensor(normal(6, 3)), torch.tensor(normal(4, 3))]
    refusal("make them so, or pad them", layer, torch.nested.nested_tensor([r[:, 0] for r in rows]))
    got = rv.trace(layer, torch.nested.nested_tensor(rows))["hidden"]
    for place, row in enumerate(rows):
        assert_close(got[: len(row), place], layer(row[None])[0][0].detach().numpy())


def test_a_tensor_without_numbers_is_given_as_a_plain_one() -> None:
    layer = drawn(torch.nn.GRU(3, 4))
    refusal("or give a plain tensor", layer, VALUES.to("meta"))
    check(layer(VALUES), layer, VALUES)


@pytest.mark.parametrize("how", ["ids", "vocabulary"])
def test_a_text_is_given_as_ids_or_with_the_token_of_each_row(how: str) -> None:
    module = torch.nn.Sequential(drawn(torch.nn.Embedding(3, 2)), drawn(torch.nn.GRU(2, 4)))
    words = "give the ids that the module reads, a tensor of whole numbers, or the text with"
    refusal(words, module, rv.parse("cab"))
    ids = torch.tensor([[2], [0], [1]])
    given = ids if how == "ids" else rv.parse("cab", vocabulary=["a", "b", "c"])
    check(module(ids), module, given)


@pytest.mark.parametrize("words", ["leave them out", "given by name, as in initial=dict("])
def test_a_model_is_given_what_it_takes(words: str) -> None:
    layer, state = drawn(torch.nn.GRU(3, 4)), torch.tensor(normal(1, 2, 4))
    model = rv.from_torch(layer)
    told: dict[str, Any] = {"path": ""} if "leave" in words else {"initial": state}
    told = {"path": "gru"} if "leave" in words else told
    refusal(words, model, VALUES, **told)
    followed: dict[str, Any] = {} if "leave" in words else {"initial": {"hidden": state}}
    check(layer(VALUES, *([] if "leave" in words else [state])), model, VALUES, **followed)
