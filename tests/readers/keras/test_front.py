"""What a Keras file's model computes before its recurrent layers is said and never proved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import rnnviz as rv
from rnnviz.readers.result import ImportResult
from tests.readers.keras.made import SEQUENCES, functional, likely, opened, said, sequential, top
from tests.witnesses import normal

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
WIDTH, LENGTH = 4, 4  # equal, so that a Permute keeps the shape
VALUES = normal(LENGTH, 2, WIDTH, seed=5).astype(np.float32)


def flipped(given: Any) -> Any:
    return keras.ops.flip(given, axis=1)


def normalised(given: Any) -> Any:
    return layers.Normalization(mean=[0.5] * WIDTH, variance=[2.0] * WIDTH)(given)


def residual(given: Any) -> Any:
    return layers.Add()([given, layers.Dense(WIDTH)(given)])


def in_a_model(given: Any) -> Any:
    return keras.Sequential([layers.Input((LENGTH, WIDTH)), layers.Rescaling(3.0)])(given)


def called_twice(given: Any) -> Any:
    dropout = layers.Dropout(0.5)
    dropout(given)
    return dropout(layers.Rescaling(3.0)(given))


FRONTS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "rescaling": (lambda x: layers.Rescaling(3.0)(x), "Rescaling"),
    "normalization": (normalised, "Normalization"),
    "twice": (lambda given: given * 2.0, "Multiply"),
    "dense": (lambda x: layers.Dense(WIDTH)(x), "Dense"),
    "dense of steps": (lambda x: layers.TimeDistributed(layers.Dense(WIDTH))(x), "Dense"),
    "convolution": (lambda x: layers.Conv1D(WIDTH, 3, padding="same")(x), "Conv1D"),
    "batch norm": (
        lambda x: layers.BatchNormalization(beta_initializer="ones")(x),
        "BatchNormalization",
    ),
    "layer norm": (lambda x: layers.LayerNormalization()(x), "LayerNormalization"),
    "permute": (lambda x: layers.Permute((2, 1))(x), "Permute"),
    "reshape": (
        lambda x: layers.Reshape((LENGTH, WIDTH))(layers.Permute((2, 1))(x)),
        "Reshape, Permute",
    ),
    "activation": (lambda x: layers.Activation("relu")(x), "Activation"),
    "flip": (flipped, "Flip"),
    "residual": (residual, "Add, Dense"),
    "in a model": (in_a_model, "Rescaling"),
    "behind a dropout": (lambda x: layers.Dropout(0.5)(layers.Rescaling(3.0)(x)), "Rescaling"),
    "a dropout called twice": (called_twice, "Rescaling"),
    "a sum of directions": (
        lambda x: layers.Bidirectional(layers.GRU(WIDTH, **SEQUENCES), merge_mode="sum")(x),
        "Bidirectional",
    ),
}


def fronts(result: ImportResult) -> dict[str, str]:
    return {each.name: each.value for each in result.certainty.assumptions}


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("name", FRONTS)
def test_a_layer_in_front_is_said(name: str, suffix: str, tmp_path: Path) -> None:
    make, wanted = FRONTS[name]
    given = layers.Input((LENGTH, WIDTH))
    model = functional(given, layers.LSTM(6, name="read", **SEQUENCES)(make(given)))
    found = next(each for n, each in opened(model, tmp_path, suffix).items() if n in ("", "read"))
    assert found.certainty.grade == "assumed"
    assert fronts(found) == {"front": wanted}
    assert np.abs(top(found, VALUES) - said(model, VALUES)).max() > 0.01


INERT: dict[str, Callable[[], Any]] = {
    "dropout": lambda: layers.Dropout(0.5),
    "spatial dropout": lambda: layers.SpatialDropout1D(0.5),
    "noise": lambda: layers.GaussianNoise(0.5),
    "regularisation": lambda: layers.ActivityRegularization(0.1),
    "identity": lambda: layers.Identity(),
    "linear": lambda: layers.Activation("linear"),
}


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("name", INERT)
def test_what_changes_nothing_leaves_the_proof(name: str, suffix: str, tmp_path: Path) -> None:
    model = sequential(INERT[name](), layers.LSTM(6, **SEQUENCES), shape=(LENGTH, WIDTH))
    (found,) = opened(model, tmp_path, suffix).values()
    assert found.certainty.grade == "proved"
    assert np.abs(top(found, VALUES) - said(model, VALUES)).max() < 1e-5


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_an_embedding_of_the_input_leaves_the_proof(suffix: str, tmp_path: Path) -> None:
    model = sequential(
        layers.Embedding(9, WIDTH), layers.Dropout(0.5), layers.LSTM(6), shape=(LENGTH,)
    )
    (found,) = opened(model, tmp_path, suffix).values()
    assert found.model.embedding is not None
    assert found.certainty.grade == "proved", str(found.certainty)


def test_an_embedding_called_on_two_inputs_has_nothing_in_front(tmp_path: Path) -> None:
    words, others = layers.Input((LENGTH,)), layers.Input((LENGTH,))
    table, read = layers.Embedding(9, WIDTH), layers.LSTM(6, **SEQUENCES)
    model = functional([words, others], [read(table(words)), layers.Flatten()(table(others))])
    (found,) = opened(model, tmp_path).values()
    assert found.model.embedding is not None
    assert found.evidence.assumed == ()


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("is_second_call", [False, True])
def test_token_ids_that_are_computed_are_said(
    is_second_call: bool, suffix: str, tmp_path: Path
) -> None:
    words = layers.Input((LENGTH,))
    table = layers.Embedding(9, WIDTH)
    others = [layers.Flatten()(table(words))] if is_second_call else []
    read = layers.LSTM(6, **SEQUENCES)(table(flipped(words)))
    (found,) = opened(functional(words, [read, *others]), tmp_path, suffix).values()
    assert found.model.embedding is not None
    assert fronts(found) == {"computed_tokens": "Flip"}


def test_the_warning_names_the_layer(tmp_path: Path) -> None:
    model = sequential(layers.Rescaling(3.0), layers.LSTM(6, **SEQUENCES), shape=(LENGTH, WIDTH))
    model.save(tmp_path / "model.keras")
    with pytest.warns(rv.AssumptionWarning, match="which the file makes with Rescaling"):
        rv.read_model(tmp_path / "model.keras")


def test_weights_alone_say_what_a_sequential_lists_in_front(tmp_path: Path) -> None:
    norm, lstm = layers.LayerNormalization(), layers.LSTM(6, **SEQUENCES)
    for each, front in (([norm, lstm], {"front": "layer_normalization"}), ([lstm], {})):
        model = sequential(*each, shape=(LENGTH, WIDTH))
        (found,) = opened(model, tmp_path, ".weights.h5").values()
        (found,) = opened(model, tmp_path, ".weights.h5", **likely(found)).values()
        assert fronts(found) == front
        assert found.certainty.grade == ("assumed" if front else "checked")
