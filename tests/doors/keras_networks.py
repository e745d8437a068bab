"""Random Keras networks, whose own run tells what their recurrent layers do."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np
from keras import layers

from tests.doors.networks import N_TOKENS, Recorded
from tests.witnesses import Array

_RECURRENT = {"SimpleRNN": layers.SimpleRNN, "LSTM": layers.LSTM, "GRU": layers.GRU}


def random_keras_network(seed: int) -> tuple[Any, Array]:
    """A sequential network with weights drawn normal, and an input of two rows and seven steps."""
    choose = np.random.default_rng(seed)
    keras.utils.set_random_seed(seed)
    width = int(choose.integers(2, 6))
    if choose.random() < 0.3:
        given = choose.integers(N_TOKENS, size=(2, 7)).astype(np.int32)
        inner: list[Any] = [layers.Input((None,), dtype="int32"), layers.Embedding(N_TOKENS, width)]
    else:
        given = choose.standard_normal((2, 7, width)).astype(np.float32)
        inner = [layers.Input((None, width))]
    n_units = int(choose.integers(3, 6))
    for _ in range(int(choose.integers(1, 4))):
        inner += [_between(choose) for _ in range(int(choose.integers(0, 2)))]
        inner.append(_recurrent(choose, n_units))
    if choose.random() < 0.5:
        inner.append(layers.Dense(int(choose.integers(1, 5)), activation=_any(choose, _OUTPUTS)))
    network = keras.Sequential(inner)
    drawn = [choose.normal(scale=0.6, size=array.shape) for array in network.get_weights()]
    network.set_weights([np.abs(array) + 0.3 if array.ndim == 1 else array for array in drawn])
    return network, given


_OUTPUTS = ("linear", "softmax", "sigmoid", "tanh")
_FUNCTIONS = ("tanh", "tanh", "relu", "elu")
_GATES = ("sigmoid", "sigmoid", "hard_sigmoid")


def _any(choose: np.random.Generator, options: tuple[str, ...]) -> str:
    return str(choose.choice(options))


def _recurrent(choose: np.random.Generator, n_units: int) -> Any:
    kind = _any(choose, tuple(_RECURRENT))
    options: dict[str, Any] = {"activation": _any(choose, _FUNCTIONS), "return_sequences": True}
    if kind != "SimpleRNN":
        options["recurrent_activation"] = _any(choose, _GATES)
    if kind == "GRU":
        options["reset_after"] = bool(choose.random() < 0.5)
    options["use_bias"] = bool(choose.random() < 0.8)
    layer = _RECURRENT[kind](n_units, **options)
    return layers.Bidirectional(layer) if choose.random() < 0.3 else layer


def _between(choose: np.random.Generator) -> Any:
    kind = int(choose.integers(5))
    makers = (
        lambda: layers.LayerNormalization(),
        lambda: layers.BatchNormalization(),
        lambda: layers.Conv1D(4, 3, padding="same"),
        lambda: layers.Dense(4, activation="tanh"),
        lambda: layers.Dropout(0.5),
    )
    return makers[kind]()


def recorded(network: Any, given: Array) -> tuple[Recorded, ...]:
    """The run of every recurrent layer, time first."""
    kinds = (*_RECURRENT.values(), layers.Bidirectional)
    recurrent = [layer for layer in network.layers if isinstance(layer, kinds)]
    ends = [end for layer in recurrent for end in (layer.input, layer.output)]
    arrays = keras.Model(network.inputs, ends)(given)
    numbers = [np.asarray(keras.ops.convert_to_numpy(a)).swapaxes(0, 1) for a in arrays]
    pairs = zip(numbers[::2], numbers[1::2], strict=True)
    return tuple(Recorded(y.name, *pair) for y, pair in zip(recurrent, pairs, strict=True))
