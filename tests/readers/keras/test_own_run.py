"""Whole Keras files run by Keras itself, from their own inputs."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import keras
import numpy as np
import pytest
from keras import layers

from rnnviz.engine.parity import with_parity
from rnnviz.readers.keras import import_keras
from rnnviz.readers.keras.file import read_keras_file
from rnnviz.readers.keras.graph import keras_nodes
from rnnviz.readers.keras.own_run import KerasOwnRun
from rnnviz.readers.keras.reference import KerasReference
from rnnviz.readers.keras.runnable import is_runnable
from rnnviz.readers.result import ImportResult, Source
from tests.readers.keras.made import SEQUENCES, functional, opened, saved, sequential
from tests.readers.saved import zipped
from tests.witnesses import assert_close

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
FORMATS = (".keras", ".h5")


def in_front() -> Any:
    return sequential(
        layers.Dense(6, activation="relu"),
        layers.LayerNormalization(),
        layers.GRU(4, **SEQUENCES),
        layers.Dropout(0.3),
        layers.GRU(5),
    )


def convolution_in_front() -> Any:
    return sequential(
        layers.Conv1D(6, 3, padding="causal"),
        layers.MaxPooling1D(2),
        layers.Bidirectional(layers.LSTM(4, **SEQUENCES)),
        layers.LSTM(3),
    )


def tokens() -> Any:
    return sequential(
        layers.Embedding(11, 4),
        layers.SpatialDropout1D(0.3),
        layers.LSTM(5, **SEQUENCES),
        layers.TimeDistributed(layers.Dense(3, activation="softmax")),
        shape=(None,),
    )


def tokens_and_numbers() -> Any:
    words, numbers = layers.Input((None,)), layers.Input((None, 4))
    both = layers.Concatenate()([layers.Embedding(9, 5)(words), numbers])
    return functional([words, numbers], layers.Dense(2)(layers.LSTM(4)(both)))


def sentences_of_words() -> Any:
    words = layers.Input((7,))
    inner = keras.Model(words, layers.Bidirectional(layers.GRU(4))(layers.Embedding(20, 6)(words)))
    document = layers.Input((3, 7))
    read = layers.Bidirectional(layers.GRU(5))(layers.TimeDistributed(inner)(document))
    return functional(document, layers.Dense(1, activation="sigmoid")(read))


def turned() -> Any:
    return sequential(
        layers.LSTM(4, go_backwards=True, **SEQUENCES),
        layers.LSTM(4, **SEQUENCES),
        layers.GRU(3, go_backwards=True),
    )


def other_backward_layer() -> Any:
    backward = layers.GRU(4, go_backwards=True, **SEQUENCES)
    forward = layers.LSTM(4, **SEQUENCES)
    both = layers.Bidirectional(forward, backward_layer=backward, merge_mode="sum")
    return sequential(both, layers.GRU(3))


def forward_goes_backwards() -> Any:
    forward, backward = layers.LSTM(4, go_backwards=True, **SEQUENCES), layers.LSTM(4, **SEQUENCES)
    return sequential(layers.Bidirectional(forward, backward_layer=backward))


def cells_in_both_directions() -> Any:
    cells = [layers.LSTMCell(4), layers.GRUCell(3)]
    return sequential(layers.Bidirectional(layers.RNN(cells, **SEQUENCES)))


def parallel() -> Any:
    given = layers.Input((None, 3))
    sides = [layers.LSTM(4, go_backwards=turn, **SEQUENCES)(given) for turn in (False, True)]
    return functional(given, layers.Add()(sides))


def not_merged() -> Any:
    given = layers.Input((None, 3))
    both = layers.Bidirectional(layers.LSTM(4, **SEQUENCES), merge_mode=None)(given)
    return functional(given, layers.LSTM(3)(both[1]))


def encoder_repeated() -> Any:
    return sequential(
        layers.LSTM(4),
        layers.RepeatVector(6),
        layers.LSTM(4, **SEQUENCES),
        layers.TimeDistributed(layers.Dense(2)),
    )


def stateful() -> Any:
    model = keras.Sequential(
        [layers.Input(batch_shape=(3, None, 3)), layers.LSTM(4, stateful=True, **SEQUENCES)]
    )
    return model


def of_sequences() -> Any:
    return sequential(layers.TimeDistributed(layers.LSTM(4)), layers.LSTM(3), shape=(4, 5, 3))


def regularised() -> Any:
    options = {"kernel_regularizer": "l2", "dropout": 0.2, "recurrent_dropout": 0.1}
    flat = (layers.Flatten(), layers.Dense(3))
    return sequential(layers.LSTM(4, **options, **SEQUENCES), *flat, shape=(6, 3))


# What the file's own run is compared with, and the layers in front of each of its stacks.
COMPARED: dict[Callable[[], Any], tuple[str, ...]] = {
    in_front: ("LayerNormalization, Dense",),
    convolution_in_front: ("MaxPooling1D, Conv1D",),
    tokens: ("",),
    tokens_and_numbers: ("Concatenate, Embedding",),
    sentences_of_words: ("", "TimeDistributed"),
    turned: ("",),
    other_backward_layer: ("", "Bidirectional"),
    forward_goes_backwards: ("", ""),
    cells_in_both_directions: ("", ""),
    parallel: ("", ""),
    not_merged: ("", "Bidirectional"),
    encoder_repeated: ("", "RepeatVector, LSTM"),
    stateful: ("",),
    of_sequences: ("", "TimeDistributed"),
    regularised: ("",),
}


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("make", COMPARED, ids=lambda make: make.__name__)
def test_every_stack_of_a_whole_file_is_compared_with_the_files_own_run(
    make: Callable[[], Any], suffix: str, tmp_path: Path
) -> None:
    found = opened(make(), tmp_path, suffix)
    assert len(found) == len(COMPARED[make])
    for result, front in zip(found.values(), COMPARED[make], strict=True):
        assert result.parity is not None
        assert result.parity.scope == "whole"
        assert result.parity.agrees
        assert front_of(result) == front
        assert result.certainty.grade == ("assumed" if front else "proved"), str(result.certainty)


def front_of(result: ImportResult) -> str:
    """The layers in front that are said, "" for none; nothing else may be assumed."""
    said = [(each.name, each.value) for each in result.certainty.assumptions]
    assert [name for name, _ in said] in ([], ["front"])
    return said[0][1] if said else ""


def test_the_recorded_inputs_are_what_the_layers_in_front_give(tmp_path: Path) -> None:
    model = in_front()
    (found,) = opened(model, tmp_path).values()
    values = np.random.default_rng(3).normal(size=(5, 2, 3)).astype(np.float32)
    assert found.reference is not None
    run = found.reference.run(values)
    below = keras.Sequential([layers.Input((None, 3)), *model.layers[:2]])
    wanted = np.asarray(keras.ops.convert_to_numpy(below(values.swapaxes(0, 1))))
    assert_close(run.inputs, wanted.swapaxes(0, 1), 1e-6)
    last = np.asarray(keras.ops.convert_to_numpy(model(values.swapaxes(0, 1))))
    assert_close(run.hidden[-1], last, 1e-6)


def test_token_ids_embedding_and_outputs_are_compared_too(tmp_path: Path) -> None:
    (found,) = opened(tokens(), tmp_path).values()
    model = found.model
    assert model.embedding is not None
    assert model.readout is not None
    wrong_rows = replace(model, embedding=model.embedding[::-1])
    bias = np.asarray(model.readout.bias) + 1.0
    wrong_bias = replace(model, readout=replace(model.readout, activation="linear", bias=bias))
    for wrong in (wrong_rows, wrong_bias):
        assert with_parity(replace(found, model=wrong)).certainty.grade == "assumed"


def test_a_reference_is_pickled(tmp_path: Path) -> None:
    (found,) = opened(in_front(), tmp_path).values()
    again = with_parity(
        replace(found, reference=pickle.loads(pickle.dumps(found.reference)), parity=None)
    )
    assert again.parity is not None
    assert (again.parity.scope, again.parity.agrees) == ("whole", True)


def test_states_that_another_layer_gives_are_said_and_never_proved(tmp_path: Path) -> None:
    read, written = layers.Input((None, 3)), layers.Input((None, 2))
    _, *states = layers.LSTM(4, return_state=True, name="encoder")(read)
    decoder = layers.LSTM(4, name="decoder", **SEQUENCES)
    found = opened(functional([read, written], decoder(written, initial_state=states)), tmp_path)
    assert found["encoder"].certainty.grade == "proved"
    assert found["decoder"].certainty.grade == "assumed"
    assert "the initial states are zeros" in str(found["decoder"].certainty)


@pytest.mark.parametrize("mask", ["Masking", "Embedding"])
def test_a_mask_is_said_and_never_proved(mask: str, tmp_path: Path) -> None:
    first = layers.Masking(name="m") if mask == "Masking" else None
    first = first or layers.Embedding(9, 3, mask_zero=True, name="m")
    shape = (None, 3) if mask == "Masking" else (None,)
    (found,) = opened(sequential(first, layers.LSTM(4), shape=shape), tmp_path).values()
    assert found.parity is not None
    assert found.parity.agrees
    assert str(found.certainty).count("no step is skipped, as m may do") == 1


def test_code_in_a_file_is_never_run(tmp_path: Path) -> None:
    doubled = layers.Lambda(lambda values: values * 2, name="doubled")
    (found,) = opened(sequential(doubled, layers.LSTM(4)), tmp_path).values()
    assert isinstance(found.reference, KerasReference)
    assert found.certainty.grade == "assumed"
    assert front_of(found) == "Lambda"
    assert "Lambda doubled" in found.left_out


def test_keras_2s_hard_sigmoid_is_not_left_to_keras_3(tmp_path: Path) -> None:
    source = saved(
        sequential(layers.LSTM(4, recurrent_activation="hard_sigmoid")), tmp_path, ".keras"
    )
    (found,) = import_keras(
        with_member(source, "metadata.json", b'{"keras_version": "2.15.0"}'), {}
    )
    assert isinstance(found.reference, KerasReference)
    assert with_parity(found).certainty.grade == "checked"


def with_member(source: Source, member: str, data: bytes) -> Source:
    with ZipFile(BytesIO(source.data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return Source(source.name, zipped({**members, member: data}))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("config", "layers", 1, "config", "units"), 10**9),
        (("config", "layers", 1, "class_name"), "Lambda"),
        (("config", "layers", 1, "module"), "os"),
        (("config", "layers", 3, "config", "n"), 10**8),
        (("config", "layers", 0, "config", "batch_shape"), [None, 10**7, 3]),
        (("config", "layers", 2, "config", "kernel_initializer"), {"class_name": "Custom>Evil"}),
        (("config", "layers", 2, "config", "dtype"), "float16"),
    ],
)
def test_what_a_configuration_declares_is_checked_before_keras_makes_it(
    place: tuple[str | int, ...], value: Any, tmp_path: Path
) -> None:
    model = sequential(layers.Dense(4), layers.LSTM(4), layers.RepeatVector(3), layers.LSTM(2))
    source = saved(model, tmp_path, ".keras")
    config = json.loads(json.dumps(read_keras_file(source).config))
    assert is_runnable(read_keras_file(source), keras_nodes(config))
    holder = config
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    file = read_keras_file(with_member(source, "config.json", json.dumps(config).encode()))
    assert not is_runnable(file, keras_nodes(config))


def test_a_file_that_keras_cannot_load_is_checked_in_its_arithmetic(tmp_path: Path) -> None:
    (found,) = opened(turned(), tmp_path).values()
    assert isinstance(found.reference, KerasOwnRun)
    broken = replace(found.reference, data=found.reference.data[:-100])
    result = with_parity(replace(found, reference=broken))
    assert result.parity is not None
    assert result.parity.scope == "arithmetic"
    assert result.certainty.grade == "checked"


def test_double_precision_is_compared_as_keras_computes_it(tmp_path: Path) -> None:
    """On Torch Keras multiplies in float32, whatever its layers' dtype (keras-team/keras#23223)."""
    model = sequential(layers.LSTM(4, dtype="float64"), layers.Dense(2, dtype="float64"))
    (found,) = opened(model, tmp_path).values()
    assert found.model.dtype == np.float64
    assert found.certainty.grade == "checked", str(found.certainty)
