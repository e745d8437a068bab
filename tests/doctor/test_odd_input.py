"""What cannot be compared is answered in one sentence, in both languages."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz as rv
from rnnviz.i18n import error_message
from tests.doctor.planted import network

MODEL = rv.from_torch(network("LSTM"))
TEXT = rv.random_model("lstm", 4, 6)
CASES: dict[str, tuple[tuple[Any, ...], dict[str, Any], str]] = {
    "other input sizes": ((MODEL, rv.from_torch(network("LSTM", inputs=5))), {}, "reads 4 and b 5"),
    "other numbers of layers": (
        (MODEL, rv.from_torch(network("LSTM", num_layers=2))),
        {},
        "a has 1 and b 2",
    ),
    "other numbers of directions": (
        (MODEL, rv.from_torch(network("LSTM", bidirectional=True))),
        {},
        "a reads in 1 and b in 2",
    ),
    "other sizes": ((MODEL, rv.from_torch(network("LSTM", units=7))), {}, "a has 6 units and b 7"),
    "other cells": ((MODEL, rv.from_torch(network("GRU"))), {}, "a has lstm and b gru_reset_after"),
    "a text where numbers are read": ((MODEL, MODEL, rv.parse("hello")), {}, "token"),
    "bare text": ((MODEL, MODEL, "hello"), {}, "Numbers or a Sequence are wanted"),
    "too many features": ((MODEL, MODEL, np.zeros((5, 7))), {}, "4 features"),
    "an empty sequence": ((MODEL, MODEL, np.zeros((0, 4))), {}, "at least one of each"),
    "an empty list": ((MODEL, MODEL, []), {}, "but this is"),
    "NaN": ((MODEL, MODEL, np.full((3, 4), np.nan)), {}, "finite"),
    "no model": ((MODEL, None), {}, "NoneType came"),
    "a number": ((3, MODEL), {}, "int came"),
    "a file that is not there": (("no.pt", MODEL), {}, "there is none"),
    "one name": ((MODEL, MODEL), {"names": ("a", "a")}, "two names"),
    "names that are none": ((MODEL, MODEL), {"names": None}, "None came"),
    "names without an end": ((MODEL, MODEL), {"names": map(str, count())}, "0, 1, 2 came"),
    "a name of two letters": ((MODEL, MODEL), {"names": "ab"}, "but ab came"),
    "an empty name": ((MODEL, MODEL), {"names": ("", "b")}, "two names"),
    "a path that is none": ((MODEL, network("LSTM")), {"path": ["rnn"]}, "path should be"),
    "a name that no file can have": (("a" * 5000, MODEL), {}, "there is none"),
    "a module that was given nothing": (
        (torch.nn.Sequential(network("GRU")), MODEL),
        {},
        "nothing came",
    ),
    "a module without a recurrent layer": (
        (MODEL, torch.nn.Linear(4, 6), torch.zeros(5, 4)),
        {},
        "Linear came",
    ),
    "a module of another size": (
        (MODEL, network("LSTM", inputs=5), torch.zeros(5, 1, 5)),
        {},
        "reads 4 and b 5",
    ),
}


@pytest.mark.parametrize(("given", "options", "said"), CASES.values(), ids=CASES)
def test_odd_input_is_answered_in_one_sentence(
    given: tuple[Any, ...], options: dict[str, Any], said: str
) -> None:
    with pytest.raises(rv.RnnvizError, match=said) as raised:
        rv.diff(*given, **options)
    english, chinese = (error_message(raised.value, language) for language in ("en", "zh"))
    assert english != chinese
    assert "\n" not in english


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.pt").write_bytes(b"PK\x03\x04 nothing of the kind")
    with pytest.raises(rv.ModelError):
        rv.diff(tmp_path / "m.pt", MODEL)


def test_a_file_of_several_networks_says_how_one_is_chosen(tmp_path: Path) -> None:
    pair = torch.nn.ModuleDict({"one": network("LSTM"), "two": network("LSTM", inputs=3)})
    torch.save(pair.state_dict(), tmp_path / "m.pt")
    with pytest.raises(rv.ModelError, match="part="):
        rv.diff(tmp_path / "m.pt", MODEL)
    chosen = rv.read_model(tmp_path / "m.pt", part="one")
    assert rv.diff(chosen, MODEL).is_same


def test_a_network_that_grows_beyond_every_number_is_told_so() -> None:
    layer = rv.Layer(
        "rnn",
        "forward",
        {"hidden.x": np.eye(2), "hidden.h": 1e9 * np.eye(2)},
        activations={"hidden": "relu"},
    )
    with pytest.raises(rv.ModelError, match="grew beyond"):
        rv.diff(rv.Model((layer,)), rv.Model((layer,)), np.ones((100, 2)))


@pytest.mark.parametrize("layer", [1, -1, "hidden", None, [0], 10**30])
def test_a_layer_that_there_is_not_has_no_growth(layer: Any) -> None:
    with pytest.raises(rv.InputError, match="whole number from 0 to 0"):
        rv.diff(MODEL, MODEL).growth(layer)


@pytest.mark.parametrize("language", ["xx", None, "../en", ["en"]])
def test_a_language_that_there_is_not_is_refused(language: Any) -> None:
    found = rv.diff(MODEL, MODEL)
    with pytest.raises(rv.InputError, match="language should be one of en, zh"):
        found.text(language)
    with pytest.raises(rv.InputError, match="language should be one of en, zh"):
        found.figure(language)


@pytest.mark.parametrize("factor", [1e30, 1e154, 1e300, 1e-300])
def test_weights_of_any_size_are_compared_without_a_warning(factor: float) -> None:
    model = rv.random_model("lstm", 3, 4, dtype=np.float64)
    layer = model.layers[0]
    weights = {name: factor * array for name, array in layer.weights.items()}
    other = replace(model, layers=(replace(layer, weights=weights),))
    for pair in ((model, other), (other, model), (other, replace(other, layers=(layer,)))):
        assert not rv.diff(*pair).is_same
    assert rv.diff(other, other).is_same
