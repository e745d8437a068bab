"""A whole Keras file loaded and run by Keras, from its own inputs.

What the recurrent layers read in that run, and what the same layer objects answer at every step, is
what the model here is compared with: everything in front of them is the file's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from importlib import import_module
from io import BytesIO
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.readers.certainty import Reference, ReferenceRun, RunScope
from rnnviz.readers.keras.embedding_readout import KerasNeighbour
from rnnviz.readers.keras.file import KerasFile
from rnnviz.readers.keras.graph import KerasNodes
from rnnviz.readers.keras.own_inputs import OwnInput, own_inputs
from rnnviz.readers.keras.reference import KerasReference, keras_backend
from rnnviz.readers.keras.runnable import is_runnable
from rnnviz.readers.keras.stacks import KerasStack


@dataclass(frozen=True, eq=False)
class KerasOwnRun(Reference):
    """The file itself, run by Keras.

    data         the file's bytes.
    inputs       of the model, in order.
    lowest, top  paths of the stack's lowest and highest layer.
    side         "forward" or "backward" of a Bidirectional whose directions are two stacks.
    is_reversed  whether Keras gives the outputs from the last step to the first.
    embedding    the Embedding's path, "" where the model here has none.
    readout      paths of the Dense, and of the activation on it.
    otherwise    the arithmetic, where Keras cannot load the file.
    """

    data: bytes = field(repr=False)
    inputs: tuple[OwnInput, ...]
    lowest: str
    top: str
    side: str
    is_reversed: bool
    embedding: str
    readout: tuple[str, ...]
    otherwise: KerasReference

    scope: RunScope = "whole"
    libraries = ("keras",)

    def run(self, values: Array) -> ReferenceRun:
        """The file's run, over as many steps as `values` has; its arithmetic where it cannot be."""
        try:
            return self._run(values)
        except Exception:
            return replace(self.otherwise.run(values), scope="arithmetic")

    def _run(self, values: Array) -> ReferenceRun:
        with catch_warnings():
            simplefilter("ignore")
            model = _loaded(self.data)
            seen = _Recording(model, (self.lowest, self.top, self.embedding))
            model(_inputs(model, self.inputs, values), training=False)
            return self._read(model, seen)

    def _read(self, model: Any, seen: _Recording) -> ReferenceRun:
        states = np.concatenate([*map(_numpy, _hidden(model, self, seen))], axis=2)
        states = states[:, ::-1] if self.is_reversed else states
        ids = _numpy(seen.read[self.embedding]).astype(int) if self.embedding else None
        return ReferenceRun(
            _numpy(seen.read[self.lowest]).swapaxes(0, 1),
            states.swapaxes(0, 1),
            ids.swapaxes(0, 1) if ids is not None else None,
            _outputs(model, self.readout, states),
        )


def _loaded(data: bytes) -> Any:
    """Keras' own model of the file, by its loaders in safe mode; no file is written."""
    keras_backend()
    if data.startswith(b"PK"):
        archives = import_module("keras.src.saving.saving_lib")
        return archives.load_model(BytesIO(data), compile=False, safe_mode=True)
    legacy = import_module("keras.src.legacy.saving.legacy_h5_format")
    with import_module("h5py").File(BytesIO(data), "r") as file:
        return legacy.load_model_from_hdf5(file, compile=False)


def _layer(model: Any, path: str) -> Any:
    """The layer at a path such as "encoder/lstm", in models and in a TimeDistributed."""
    inside = getattr(model, "layers", None) or [model.layer]
    for layer in inside:
        if path == layer.name:
            return layer
        if path.startswith(f"{layer.name}/"):
            return _layer(layer, path.removeprefix(f"{layer.name}/"))
    raise KeyError(path)


class _Recording:
    """What layers read, by path, in the next call of the model."""

    def __init__(self, model: Any, paths: tuple[str, ...]) -> None:
        self.read: dict[str, Any] = {}
        for path in filter(None, dict.fromkeys(paths)):
            self._watch(_layer(model, path), path)

    def _watch(self, layer: Any, path: str) -> None:
        call = layer.call

        def watched(*args: Any, **options: Any) -> Any:
            # In a TimeDistributed the first of many.
            self.read.setdefault(path, args[0] if args else next(iter(options.values())))
            return call(*args, **options)

        layer.call = watched


def _hidden(model: Any, run: KerasOwnRun, seen: _Recording) -> Iterator[Any]:
    """Hidden states (batch, time, unit) of each direction of the top layer, as Keras gives them."""
    layer = _layer(model, run.top)
    if not hasattr(layer, "forward_layer"):
        yield _every_step(layer, seen.read[run.top])
        return
    if run.side != "backward":
        yield _every_step(layer.forward_layer, seen.read[run.top])
    if run.side != "forward":
        states = _every_step(layer.backward_layer, seen.read[run.top])
        yield states if run.side else keras_backend().ops.flip(states, axis=1)


def _every_step(layer: Any, values: Any) -> Any:
    """What the same layer answers when it gives all of its steps."""
    layer.return_sequences, layer.return_state, layer.stateful = True, False, False
    return layer(values, training=False)


def _outputs(model: Any, readout: tuple[str, ...], states: Array) -> Array | None:
    """Of the file's own Dense, and the activation on it, at every step."""
    if not readout:
        return None
    values: Any = states
    for path in readout:
        layer = _layer(model, path)
        values = getattr(layer, "layer", layer)(values)
    return _numpy(values).swapaxes(0, 1)


def _inputs(model: Any, own: tuple[OwnInput, ...], values: Array) -> list[Array]:
    """Noise, or random tokens, for each input of the model."""
    random = np.random.default_rng(1)
    known = {each.name: each for each in own}
    names = [tensor._keras_history.operation.name for tensor in model.inputs]
    found = [known[name] for name in names] if len(own) > 1 else own
    return [_input(*each, values, random) for each in zip(model.inputs, found, strict=True)]


def _input(tensor: Any, own: OwnInput, values: Array, random: np.random.Generator) -> Array:
    n_steps, n_rows = values.shape[:2]
    shape = [tensor.shape[0] or n_rows, *(length or n_steps for length in tensor.shape[1:])]
    if own.n_tokens:
        return random.integers(own.first, own.n_tokens, shape).astype("int32")
    if shape == [n_rows, n_steps, values.shape[2]]:
        return values.swapaxes(0, 1).astype("float32")
    return random.normal(size=shape).astype("float32")


def _numpy(values: Any) -> Array:
    return np.asarray(keras_backend().ops.convert_to_numpy(values))


def own_run(
    stack: KerasStack,
    nodes: KerasNodes,
    file: KerasFile,
    embedding: KerasNeighbour,
    readout: KerasNeighbour,
    otherwise: KerasReference | None,
) -> KerasOwnRun | KerasReference | None:
    """The file's own run; its arithmetic where Keras may not load it."""
    starts = [state for node in stack.layers for state in node.states]
    if otherwise is None or starts or not is_runnable(file, nodes):
        return otherwise
    is_half = stack.layers[0].kind == "Bidirectional" and len(stack.levels[0]) == 1
    return KerasOwnRun(
        file.source.data,
        own_inputs(nodes, len(embedding.embedding) if embedding.embedding is not None else 0),
        stack.layers[0].path,
        stack.layers[-1].path,
        stack.name.rpartition("/")[2] if is_half else "",
        stack.is_reversed,
        embedding.name,
        tuple(node.path for node in readout.layers),
        otherwise,
    )
