"""What a refusal tells to ask or answer otherwise is done, and is read as PyTorch runs it."""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz as rv
from tests.readers.test_state_dict import drawn, hidden
from tests.witnesses import assert_close, normal

VALUES = normal(6, 2, 3)
LAYER = drawn(torch.nn.LSTM(3, 4))
OTHER = drawn(torch.nn.LSTM(3, 5))
ABOVE = drawn(torch.nn.LSTM(4, 5))
SQUARE = drawn(torch.nn.LSTM(3, 3))
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*layers: Any) -> Any:
    values = torch.tensor(VALUES)
    for layer in layers:
        values = layer(values)[0]
    return values.detach().numpy()


def save(**layers: Any) -> str:
    torch.save(torch.nn.ModuleDict(OrderedDict(layers)).state_dict(), "model.pt")
    return "model.pt"


def refusal(path: Any, words: str, **told: Any) -> str:
    with pytest.raises(rv.ModelError, match=re.escape(words)) as refused:
        rv.read_model(path, **told)
    return str(refused.value)


def check(path: Any, *layers: Any, **told: Any) -> None:
    assert_close(hidden(rv.read_model(path, **told), VALUES), run(*layers))


def by_hand() -> dict[str, Any]:
    """Arrays of a simple RNN under names that tell nothing, and what they make of VALUES."""
    layer = drawn(torch.nn.RNN(3, 4))
    arrays = {"p": layer.weight_ih_l0, "q": layer.weight_hh_l0, "r": layer.bias_ih_l0}
    with torch.no_grad():
        layer.bias_hh_l0.zero_()
    np.savez("model.npz", **{name: array.detach().numpy() for name, array in arrays.items()})
    return {"layer": layer, "names": {"p": "hidden.x", "q": "hidden.h", "r": "hidden.b"}}


def test_a_part_that_is_none_opens_as_one_that_is() -> None:
    path = save(encoder=LAYER, decoder=OTHER)
    said = refusal(path, "is none of them; choose one, as in", part="middle")
    [part] = re.findall(r'part="(\w+)"', said)
    check(path, {"encoder": LAYER, "decoder": OTHER}[part], part=part)


def test_stacks_that_feed_each_other_open_joined() -> None:
    path = save(rnn1=SQUARE, rnn2=SQUARE)
    for told in ({}, {"part": "rnn3"}):
        refusal(path, 'or join those that feed each other with stack="stacked"', **told)
    check(path, SQUARE, SQUARE, stack="stacked")
    check(path, SQUARE, part="rnn1")


def test_layers_that_are_joined_open_apart() -> None:
    path = save(rnn1=LAYER, rnn2=ABOVE)
    check(path, LAYER, ABOVE)
    refusal(path, 'or read joined layers apart with stack="separate"', part="rnn1")
    check(path, LAYER, part="rnn1", stack="separate")


def test_of_several_stacks_one_is_chosen() -> None:
    path = save(first=LAYER, second=OTHER)
    said = refusal(path, "holds the recurrent stacks “first”, “second”; choose one, as in")
    [part] = re.findall(r'part="(\w+)"', said)
    check(path, {"first": LAYER, "second": OTHER}[part], part=part)


@pytest.mark.parametrize("told", [{}, {"part": "first"}])
def test_an_answer_to_what_is_not_asked_of_several_stacks_is_left_out(told: Any) -> None:
    path = save(first=LAYER, second=ABOVE)
    refusal(path, "an answer to “stack” came; leave it out", stack="stacked", **told)
    check(path, LAYER, part="first")


def test_a_stack_without_a_name_beside_others_is_chosen_as_such() -> None:
    named = {f"decoder.{name}": value for name, value in OTHER.state_dict().items()}
    torch.save(LAYER.state_dict() | named, "model.pt")
    refusal("model.pt", "holds the recurrent stacks “”, “decoder”")
    check("model.pt", LAYER, part="")
    check("model.pt", OTHER, part="decoder")


def test_a_part_of_the_only_stack_is_left_out() -> None:
    torch.save(LAYER.state_dict(), "model.pt")
    refusal("model.pt", "leave part= out", part="encoder")
    check("model.pt", LAYER)


def test_an_answer_to_a_question_that_is_not_open_is_left_out() -> None:
    path = save(rnn=LAYER)
    refusal(path, "open, but an answer to “reset” came; leave it out", reset="after")
    check(path, LAYER)


def test_an_answer_that_is_no_option_is_given_as_one() -> None:
    layer = drawn(torch.nn.RNN(3, 4, nonlinearity="relu"))
    path = save(rnn=layer)
    said = refusal(path, "The answer to “activation” is one of", activation="gelu")
    assert "relu" in said
    check(path, layer, activation="relu")


@pytest.mark.parametrize(
    "came", [object(), np.zeros(2), None, 7, ["relu"]], ids=lambda came: type(came).__name__
)
def test_an_answer_that_is_no_text_is_given_as_one(came: Any) -> None:
    layer = drawn(torch.nn.RNN(3, 4, nonlinearity="relu"))
    path = save(rnn=layer)
    refusal(path, "The answer to “activation” is one of tanh, relu, but", activation=came)
    check(path, layer, activation="relu")
    made = by_hand()
    refusal("model.npz", "A slot is spelled gate.role", names=made["names"] | {"p": came})
    check("model.npz", made["layer"], names=made["names"], activation="tanh")


def test_answers_are_a_dictionary() -> None:
    layer = drawn(torch.nn.RNN(3, 4, nonlinearity="relu"))
    path = save(rnn=layer)
    with pytest.raises(rv.ModelError, match="answers is a dictionary by question"):
        rv.open_model(path, answers="relu")  # type: ignore[arg-type]
    model = rv.open_model(path, answers={"activation": "relu"}).model
    assert_close(hidden(model, VALUES), run(layer))


def test_names_are_for_files_of_named_arrays() -> None:
    path = save(rnn=LAYER)
    made = by_hand()
    refusal("model.npz", "names is a dictionary of arrays", names=["p", "q", "r"])
    check("model.npz", made["layer"], names=made["names"], activation="tanh")
    check(path, LAYER)


def test_names_that_tell_nothing_are_said() -> None:
    made = by_hand()
    said = refusal("model.npz", "say what they are, as in read_model(path, names={")
    assert "“p”" in said or '"p"' in said
    check("model.npz", made["layer"], names=made["names"], activation="tanh")


def test_a_name_that_the_file_lacks_is_one_that_it_has() -> None:
    made = by_hand()
    wrong = {"s": "hidden.x", "q": "hidden.h", "r": "hidden.b"}
    said = refusal("model.npz", "but the file has no such array; it has", names=wrong)
    assert "p" in said.partition("it has")[2]
    check("model.npz", made["layer"], names=made["names"], activation="tanh")


@pytest.mark.parametrize(
    ("slot", "words"),
    [
        ("hidden_x", "A slot is spelled gate.role"),
        ("hidden.h", "which another array holds already; change one of the two"),
    ],
)
def test_a_slot_that_is_none_or_taken_is_changed(slot: str, words: str) -> None:
    made = by_hand()
    refusal("model.npz", words, names=made["names"] | {"p": slot})
    check("model.npz", made["layer"], names=made["names"], activation="tanh")


def test_what_is_stored_transposed_opens_with_its_mark() -> None:
    made = by_hand()
    arrays = dict(np.load("model.npz"))
    np.savez("model.npz", **(arrays | {"p": arrays["p"].T}))
    told = {"names": made["names"] | {"q": "hidden.x", "p": "hidden.h"}, "activation": "tanh"}
    refusal("model.npz", "or put .T behind what is stored transposed", **told)
    told["names"] = made["names"] | {"p": "hidden.x.T"}
    check("model.npz", made["layer"], **told)


def test_a_path_that_is_none_is_one() -> None:
    path = save(rnn=LAYER)
    refusal(Path(), "is a folder; choose a file in it")
    refusal("models.pt", "should be a model file, but there is none; check the path")
    refusal(7, "The path of a model file is a text or a Path")
    Path("empty.pt").write_bytes(b"")
    refusal("empty.pt", "The model file “empty.pt” is empty; save it again")
    check(path, LAYER)


def test_a_json_that_is_no_model_leads_to_one_of_the_formats() -> None:
    Path("model.bin").write_text(json.dumps({"a": 1}), encoding="utf-8")
    refusal("model.bin", "save")
    save(rnn=LAYER)
    Path("model.bin").write_bytes(Path("model.pt").read_bytes())
    check("model.bin", LAYER)
