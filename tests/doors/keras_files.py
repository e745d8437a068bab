"""Keras' files as people save them; the witness is Keras on the model that was saved."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np
from keras import layers

import rnnviz as rv
from tests.doors.case import SINGLE, Outcome, answered, case, opened, relative
from tests.witnesses import Array


def keras_model(*inner: Any) -> Any:
    """A sequential Keras model of three features, with weights that matter."""
    keras.utils.set_random_seed(0)
    return keras.Sequential([layers.Input((None, 3)), *inner])


def keras_run(model: Any, x: Array) -> Array:
    """Keras' outputs, time first."""
    return np.asarray(keras.ops.convert_to_numpy(model(x.swapaxes(0, 1)))).swapaxes(0, 1)


def lstm_layer(n_units: int = 4, **options: Any) -> Any:
    """An LSTM of Keras that gives every step."""
    return layers.LSTM(n_units, return_sequences=True, **options)


@case("Keras", "Dense(1) in .weights.h5", "Keras")
def single_output(folder: Path) -> Outcome:
    model, path = keras_model(lstm_layer(), layers.Dense(1)), folder / "m.weights.h5"
    model.save_weights(path)

    def outcome() -> Outcome:
        outputs = rv.trace(rv.read_model(path), SINGLE).outputs
        return Outcome(relative(outputs, keras_run(model, SINGLE)))

    return answered(outcome)


@case("Keras", "LSTM in TimeDistributed", "Keras")
def time_distributed(folder: Path) -> Outcome:
    inner = keras_model(lstm_layer())
    outer = layers.Input((4, 5, 3))
    model = keras.Model(outer, layers.TimeDistributed(inner)(outer))
    model.save(folder / "m.keras")
    return opened(folder / "m.keras", SINGLE, keras_run(inner, SINGLE))


@case("Keras", "a layer norm between two LSTMs in .weights.h5", "Keras", "stack|separate")
def norm_between(folder: Path) -> Outcome:
    norm = layers.LayerNormalization()
    model = keras_model(lstm_layer(), norm, lstm_layer())
    norm.set_weights([np.array([2, 0.5, 1.5, 1]), np.array([0.5, -0.5, 1, 0])])
    model.save_weights(folder / "m.weights.h5")
    return opened(folder / "m.weights.h5", SINGLE, keras_run(model, SINGLE))


@case("Keras", "ConvLSTM2D", "none", "convolution")
def conv_lstm(folder: Path) -> Outcome:
    model = keras.Sequential([layers.Input((4, 8, 8, 1)), layers.ConvLSTM2D(2, 3)])
    model.save(folder / "m.keras")
    return opened(folder / "m.keras", SINGLE, SINGLE)


def both_ways() -> Any:
    """A GRU in both directions, and an LSTM on it."""
    return keras_model(layers.Bidirectional(layers.GRU(4, return_sequences=True)), lstm_layer(5))


@case("Keras", "a whole .keras file", "Keras")
def keras_file(folder: Path) -> Outcome:
    model = both_ways()
    model.save(folder / "m.keras")
    return opened(folder / "m.keras", SINGLE, keras_run(model, SINGLE))


@case("Keras", "a whole .h5 file", "Keras")
def h5_file(folder: Path) -> Outcome:
    model = both_ways()
    model.save(folder / "m.h5")
    return opened(folder / "m.h5", SINGLE, keras_run(model, SINGLE))


@case("Keras", "one LSTM in .weights.h5", "Keras")
def weights_file(folder: Path) -> Outcome:
    model = keras_model(lstm_layer())
    model.save_weights(folder / "m.weights.h5")
    return opened(folder / "m.weights.h5", SINGLE, keras_run(model, SINGLE))
