"""The same stack computed by Keras: layers made here, with the file's own weights."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.network.layer import Direction
from rnnviz.readers.keras.layers import HARD_SIGMOID_2, HARD_SIGMOID_3, cell_of
from rnnviz.readers.keras.stacks import Level, Stack, Strand
from rnnviz.readers.result import Reference


def keras_reference(stack: Stack, *, is_keras_2: bool) -> Reference | None:
    """(time, batch, feature) ▶ the top level's hidden states (time, batch, unit) by Keras.

    None without Keras, and for CuDNN's layers, which Keras 3 no longer has.
    """
    strands = [strand for level in stack.levels for _, strand in level.strands]
    if find_spec("keras") is None or any(s.kind.startswith("CuDNN") for s in strands):
        return None
    if not all(_is_plain(strand) for strand in strands):
        return None
    return lambda values: _run(stack, is_keras_2, values)


def _is_plain(strand: Strand) -> bool:
    """Whether its activations are Keras' own by name: nothing of the file is deserialised."""
    roles = ("activation", "recurrent_activation")
    return all(isinstance(strand.config.get(r, ""), str | None) for r in roles)


def _run(stack: Stack, is_keras_2: bool, values: Array) -> Array:
    if find_spec("tensorflow") is None:
        os.environ.setdefault("KERAS_BACKEND", "torch")
    states = np.asarray(values).swapaxes(0, 1)
    for level in stack.levels:
        states = _level(level, is_keras_2, states)
    return states.swapaxes(0, 1)


def _level(level: Level, is_keras_2: bool, values: Array) -> Array:
    sides = [_side(d, strand, is_keras_2, values) for d, strand in level.strands]
    # Ours are forward then backward.
    return np.concatenate(sides, axis=2)


def _side(direction: Direction, strand: Strand, is_keras_2: bool, values: Array) -> Array:
    import keras

    backwards = direction == "backward"
    make = getattr(keras.layers, strand.kind)
    layer = make(
        strand.arrays[1].shape[0],
        **_options(strand, is_keras_2),
        use_bias=len(strand.arrays) > 2,
        return_sequences=True,
        go_backwards=backwards,
        dtype=str(values.dtype),
    )
    layer.build(values.shape)
    layer.set_weights(strand.arrays)
    hidden = np.asarray(keras.ops.convert_to_numpy(layer(values)))
    return hidden[:, ::-1] if backwards else hidden


def _options(strand: Strand, is_keras_2: bool) -> dict[str, Any]:
    roles = {"activation": "tanh", "recurrent_activation": "sigmoid"}
    if strand.kind == "SimpleRNN":
        del roles["recurrent_activation"]
    options: dict[str, Any] = {
        r: _function(strand.config.get(r, own), is_keras_2) for r, own in roles.items()
    }
    if strand.kind == "GRU":
        options["reset_after"] = cell_of(strand) == "gru_reset_after"
    return options


def _function(name: str | None, is_keras_2: bool) -> str | Callable[[Any], Any] | None:
    if name == HARD_SIGMOID_3:
        return "hard_sigmoid"
    if name != HARD_SIGMOID_2 and not (name == "hard_sigmoid" and is_keras_2):
        return name
    import keras

    return lambda drive: keras.ops.clip(0.2 * drive + 0.5, 0.0, 1.0)
