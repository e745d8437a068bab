"""Layers as a Keras configuration nests and calls them."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from rnnviz.errors import ModelError, RnnvizError
from rnnviz.readers.keras import import_keras
from rnnviz.readers.keras.file import KerasFile, read_keras_file
from tests.readers.keras.made import SEQUENCES, VALUES, drawn, opened, said, saved, sequential, top
from tests.witnesses import INPUT, UNIT, assert_close, normal

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
FORMATS = (".keras", ".h5")
WRAPPED = {
    "LSTM": lambda: layers.LSTM(4),
    "Bidirectional": lambda: layers.Bidirectional(layers.GRU(4)),
    "cells": lambda: layers.RNN([layers.LSTMCell(5), layers.GRUCell(4)]),
    "model": lambda: keras.Sequential([layers.Input((5, INPUT)), layers.LSTM(4)]),
    "twice": lambda: layers.TimeDistributed(layers.LSTM(4)),
}


@pytest.mark.parametrize("suffix", [*FORMATS, ".weights.h5"])
@pytest.mark.parametrize("name", WRAPPED)
def test_what_is_in_a_time_distributed_reads_every_step_as_a_sequence(
    name: str, suffix: str, tmp_path: Path
) -> None:
    shape = (2, 4, 5, INPUT) if name == "twice" else (4, 5, INPUT)
    model = sequential(layers.TimeDistributed(WRAPPED[name]()), shape=shape)
    (found,) = opened(model, tmp_path, suffix).values()
    if suffix != ".weights.h5":
        assert any(text.startswith("TimeDistributed") for text in found.left_out)
    values = normal(2, *shape, seed=4).astype(np.float32)
    inside = values.reshape(-1, 5, INPUT).swapaxes(0, 1)
    wanted = np.asarray(keras.ops.convert_to_numpy(model(values)))
    hidden = top(found, inside)
    last = hidden[-1]
    if name == "Bidirectional":
        last = np.concatenate([hidden[-1, :, :4], hidden[0, :, 4:]], axis=1)
    assert_close(last, wanted.reshape(last.shape), 1e-5)


def test_an_outer_layer_does_not_join_the_inner_one(tmp_path: Path) -> None:
    inner = layers.TimeDistributed(layers.LSTM(4))
    model = sequential(inner, layers.LSTM(4), shape=(4, 5, 4))
    for suffix in (*FORMATS, ".weights.h5"):
        found = opened(model, tmp_path, suffix)
        assert [len(each.model.levels) for each in found.values()] == [1, 1]


@keras.saving.register_keras_serializable()
class LSTM(layers.LSTM):
    """A class of its own, with the name of Keras' own."""

    def call(self, sequences: Any, initial_state: Any = None, mask: Any = None, **_: Any) -> Any:
        return -super().call(sequences)


@keras.saving.register_keras_serializable()
class Twice(keras.Model):
    """A model of a class of its own."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.lower = layers.LSTM(UNIT, **SEQUENCES)

    def call(self, values: Any) -> Any:
        return 2 * self.lower(values)


def test_a_layer_of_a_class_of_its_own_is_not_taken_for_keras(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="Custom>LSTM, whose code alone says"):
        opened(sequential(LSTM(4)), tmp_path)


def test_a_model_of_a_class_of_its_own_opens_from_its_weights(tmp_path: Path) -> None:
    """What the refusal advises."""
    model = Twice()
    model(VALUES)
    drawn(model)
    with pytest.raises(ModelError, match=r"class “Custom>Twice”.*save_weights\(.model.weights.h5"):
        opened(model, tmp_path)
    (found,) = opened(model, tmp_path, ".weights.h5").values()
    assert_close(2 * top(found, VALUES), said(model, VALUES), 1e-5)


def test_a_quantised_dense_is_left_out_and_its_lstm_read(tmp_path: Path) -> None:
    model = sequential(layers.LSTM(4, **SEQUENCES), layers.Dense(3))
    model.layers[-1].quantize("int8")
    (found,) = import_keras(saved(model, tmp_path, ".keras"), {})
    assert found.model.readout is None
    assert any(text.startswith("Dense") for text in found.left_out)


def test_a_file_of_very_many_stacks_is_refused_by_their_number(tmp_path: Path) -> None:
    many = [each for _ in range(51) for each in (layers.SimpleRNN(1, **SEQUENCES), layers.ReLU())]
    with pytest.raises(ModelError, match=r"may hold 50 recurrent stacks, but .* holds 51"):
        opened(sequential(*many), tmp_path)


PLACES = st.lists(st.integers(0, 30), min_size=1, max_size=12)
NO_CELLS = {"class_name": "RNN", "config": {"cell": {"class_name": "StackedRNNCells"}}}
VALUES_OF_ANY_KIND = st.sampled_from(
    [None, 0, -1, 10**9, 1.5, True, "", "LSTM", "keras", [], {}, [["a", 0, 0]], NO_CELLS]
)


@pytest.fixture(scope="module")
def whole_file(tmp_path_factory: pytest.TempPathFactory) -> KerasFile:
    inner = layers.Bidirectional(layers.RNN([layers.LSTMCell(3), layers.GRUCell(2)], **SEQUENCES))
    upper = (layers.TimeDistributed(layers.Dense(3)), layers.Activation("softmax"))
    model = sequential(
        layers.Embedding(7, 3), inner, layers.GRU(4, **SEQUENCES), *upper, shape=(None,)
    )
    return read_keras_file(saved(model, tmp_path_factory.mktemp("whole"), ".keras"))


@given(changes=st.lists(st.tuples(PLACES, VALUES_OF_ANY_KIND), min_size=1, max_size=3))
@settings(max_examples=150)
def test_a_configuration_changed_anywhere_is_read_or_refused_in_a_sentence(
    whole_file: KerasFile, changes: list[tuple[list[int], Any]]
) -> None:
    config = json.loads(json.dumps(whole_file.config))
    for places, value in changes:
        change(config, places, value)
    file = replace(whole_file, config=config)
    with patch("rnnviz.readers.keras.read_keras_file", lambda _: file), suppress(RnnvizError):
        for found in import_keras(file.source, {}):
            assert str(found)


def change(config: Any, places: list[int], value: Any) -> None:
    """Go down by these places, as far as there is something, and put the value there."""
    for depth, place in enumerate(places):
        keys = list(config) if isinstance(config, dict) else list(range(len(config)))
        if not keys:
            return
        key = keys[place % len(keys)]
        if depth == len(places) - 1 or not isinstance(config[key], dict | list):
            config[key] = value
            return
        config = config[key]
