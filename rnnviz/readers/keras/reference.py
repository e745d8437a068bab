"""A stack computed by Keras: layers made here, with the file's own weights."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.network.layer import Direction
from rnnviz.readers.certainty import Reference, ReferenceRun
from rnnviz.readers.keras.directions import KerasCell
from rnnviz.readers.keras.layers import HARD_SIGMOID_2, HARD_SIGMOID_3, cell_name
from rnnviz.readers.keras.stacks import KerasStack


@dataclass(frozen=True, eq=False)
class KerasReference(Reference):
    """Layers of Keras with the file's own weights, fed by each other."""

    libraries = ("keras",)

    stack: KerasStack
    is_keras_2: bool

    def run(self, values: Array) -> ReferenceRun:
        """Hidden states of the top level."""
        hidden = _run(self.stack, self.is_keras_2, values)
        is_single = hidden.dtype == np.float64 and not _multiplies_in_double()
        return ReferenceRun(values, hidden.astype(np.float32) if is_single else hidden)


def keras_reference(stack: KerasStack, *, is_keras_2: bool) -> KerasReference | None:
    """The stack's computation by Keras.

    None without Keras, and for CuDNN's layers, which Keras 3 no longer has.
    """
    if find_spec("keras") is None or not all(map(_is_plain, stack.cells)):
        return None
    return KerasReference(stack, is_keras_2)


def _is_plain(cell: KerasCell) -> bool:
    """True when Keras has its activations by name: nothing of the file is deserialised."""
    given = (cell.config.get(role, "") for role in ("activation", "recurrent_activation"))
    return not cell.is_cudnn and all(isinstance(name, str | None) for name in given)


def keras_backend() -> Any:
    """Keras itself, on Torch where TensorFlow is not installed."""
    if find_spec("tensorflow") is None:
        os.environ.setdefault("KERAS_BACKEND", "torch")
    return import_module("keras")


def _multiplies_in_double() -> bool:
    """False on Torch, where Keras casts to float32 inside (keras-team/keras#23223)."""
    small = np.array([[1 + 2.0**-40]])
    product = keras_backend().ops.matmul(small, np.eye(1))
    return bool(np.asarray(keras_backend().ops.convert_to_numpy(product))[0, 0] == small[0, 0])


def _run(stack: KerasStack, is_keras_2: bool, values: Array) -> Array:
    states = np.asarray(values).swapaxes(0, 1)
    for level in stack.levels:
        # Ours are forward then backward, too.
        states = np.concatenate([_hidden(d, c, is_keras_2, states) for d, c in level], axis=2)
    return states.swapaxes(0, 1)


def _hidden(direction: Direction, cell: KerasCell, is_keras_2: bool, values: Array) -> Array:
    """Hidden states (batch, time, unit) of one cell."""
    keras = keras_backend()
    backwards = direction == "backward"
    layer = getattr(keras.layers, cell.kind)(
        cell.n_units,
        **_options(cell, is_keras_2),
        use_bias=len(cell.arrays) > 2,
        return_sequences=True,
        go_backwards=backwards,
        dtype=str(values.dtype),
    )
    layer.build(values.shape)
    layer.set_weights(cell.arrays)
    hidden = np.asarray(keras.ops.convert_to_numpy(layer(values)))
    return hidden[:, ::-1] if backwards else hidden


def _options(cell: KerasCell, is_keras_2: bool) -> dict[str, Any]:
    roles = {"activation": "tanh", "recurrent_activation": "sigmoid"}
    if cell.kind == "SimpleRNN":
        del roles["recurrent_activation"]
    options: dict[str, Any] = {
        r: _function(cell.config.get(r, own), is_keras_2) for r, own in roles.items()
    }
    if cell.kind == "GRU":
        options["reset_after"] = cell_name(cell) == "gru_reset_after"
    return options


def _function(name: str | None, is_keras_2: bool) -> str | Callable[[Any], Any] | None:
    if name == HARD_SIGMOID_3:
        return "hard_sigmoid"
    if name != HARD_SIGMOID_2 and not (name == "hard_sigmoid" and is_keras_2):
        return name
    keras = keras_backend()
    return lambda values: keras.ops.clip(0.2 * values + 0.5, 0.0, 1.0)
