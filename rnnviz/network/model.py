"""A model: layers stacked by level, and the readout on top."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from rnnviz.core.activations import activation
from rnnviz.core.arrays import Array, read_only
from rnnviz.core.backend import get_backend
from rnnviz.core.checks import shown
from rnnviz.core.html_table import html_table
from rnnviz.errors import ModelError
from rnnviz.formatting import number_of
from rnnviz.network.layer import Layer, is_finite


@dataclass(frozen=True, eq=False)
class Readout:
    """`y_t = softmax(V h_t + d)`: weights V (output, unit), bias d (output,), a name an output.

    The units are those of the top level, forward then backward. Elman (1990).

    activation  "softmax", or a name of `rnnviz.core.activations`: "linear", "sigmoid", …
    """

    weights: Array
    bias: Array
    names: tuple[str, ...] = ()
    activation: str = "softmax"

    def __post_init__(self) -> None:
        weights, bias = read_only(self.weights), read_only(self.bias)
        if weights.ndim != 2 or bias.shape != weights.shape[:1]:
            raise ModelError(
                "A readout needs V (output, unit) and d (output,), but got {weights} and {bias}.",
                weights=weights.shape,
                bias=bias.shape,
            )
        if not all(map(is_finite, (weights, bias))):
            raise ModelError("A readout should hold finite real numbers, but it holds others.")
        if self.activation != "softmax":
            activation(self.activation, get_backend())
        names = tuple(map(str, self.names)) or _numbered(len(bias))
        if len(names) != len(bias):
            raise ModelError(
                "A readout of {n_outputs} outputs needs as many names, but {n_names} came.",
                n_outputs=len(bias),
                n_names=len(names),
            )
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "bias", bias)
        object.__setattr__(self, "names", names)

    @property
    def is_named(self) -> bool:
        """True where its outputs were given names; those without are y0, y1, …."""
        return self.names != _numbered(len(self.names))

    def __reduce__(self) -> tuple[Any, ...]:
        return Readout, (self.weights, self.bias, self.names, self.activation)


def _numbered(n_outputs: int) -> tuple[str, ...]:
    return tuple(f"y{i}" for i in range(n_outputs))


@dataclass(frozen=True, eq=False, repr=False)
class Model:
    """Layers stacked by level, and an optional readout.

    layers      put in order: by level, and forward before backward within one.
    vocabulary  the tokens its inputs stand for, or those of the embedding's rows, when known.
    source      where the weights come from, in words.
    is_trained  False for random weights; every picture then says so.
    embedding   (token, feature): what the first level reads for each token, None for none.

    Raises ModelError when the layers do not fit onto each other.
    """

    layers: tuple[Layer, ...]
    readout: Readout | None = None
    vocabulary: tuple[str, ...] | None = None
    source: str = "weights given by hand"
    is_trained: bool = True
    embedding: Array | None = None

    def __post_init__(self) -> None:
        # False sorts before True.
        layers = sorted(self.layers, key=lambda y: (y.level, y.direction == "backward"))
        object.__setattr__(self, "layers", tuple(layers))
        if self.vocabulary is not None:
            object.__setattr__(self, "vocabulary", tuple(map(str, self.vocabulary)))
        if self.embedding is not None:
            object.__setattr__(self, "embedding", read_only(self.embedding))
        _check_levels(self.levels)
        _check_vocabulary(self)
        if self.readout is not None and self.readout.weights.shape[1] != self.n_outputs:
            raise ModelError(
                "The readout reads {expected} units, but the top level has {n_units}.",
                expected=self.readout.weights.shape[1],
                n_units=self.n_outputs,
            )

    @cached_property
    def levels(self) -> tuple[tuple[Layer, ...], ...]:
        """The layers by level, bottom first."""
        heights = range(1 + max((layer.level for layer in self.layers), default=-1))
        return tuple(tuple(y for y in self.layers if y.level == level) for level in heights)

    @property
    def n_inputs(self) -> int:
        """Features the model reads at a step."""
        return self.layers[0].n_inputs

    @property
    def n_outputs(self) -> int:
        """Hidden numbers of the top level, both directions together."""
        return sum(layer.n_hidden for layer in self.levels[-1])

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        """Type of all computation: float64 when any weight is, else float32."""
        weights = [array for layer in self.layers for array in layer.weights.values()]
        if self.readout is not None:
            weights += [self.readout.weights, self.readout.bias]
        if self.embedding is not None:
            weights.append(self.embedding)
        return np.dtype(np.float64 if any(a.itemsize > 4 for a in weights) else np.float32)

    @property
    def n_parameters(self) -> int:
        """Numbers in all weights, the readout's included."""
        own = sum(a.size for layer in self.layers for a in layer.weights.values())
        readout = self.readout
        own += self.embedding.size if self.embedding is not None else 0
        return own + (readout.weights.size + readout.bias.size if readout is not None else 0)

    @property
    def digest(self) -> str:
        """Hash of the model: equal digests mean equal numbers, names and source."""
        hasher = hashlib.blake2b(digest_size=16)
        for name, array in self.arrays().items():
            hasher.update(f"{name}{array.shape}{array.dtype.str}".encode())
            hasher.update(np.ascontiguousarray(array).tobytes())
        chosen = [(sorted(layer.activations.items()), layer.clip) for layer in self.layers]
        readout = self.readout
        names = (readout.names, readout.activation) if readout is not None else None
        words = (chosen, names, self.vocabulary, self.source, self.is_trained)
        hasher.update(repr(words).encode())
        return hasher.hexdigest()

    def with_vocabulary(self, tokens: Iterable[str]) -> Model:
        """The model with a name for each of its inputs, or of its embedding's rows.

        Raises ModelError for another number of tokens.
        """
        if not isinstance(tokens, Iterable):
            raise ModelError(
                'A vocabulary is a list of tokens, as ["a", "b"], but {came} came.',
                came=type(tokens).__name__,
            )
        return replace(self, vocabulary=tuple(tokens))

    def __repr__(self) -> str:
        cells = " + ".join(dict.fromkeys(layer.cell_name for layer in self.layers))
        n_outputs = self.n_outputs if self.readout is None else len(self.readout.bias)
        sizes = {"layer": len(self.layers), "input": self.n_inputs, "output": n_outputs}
        sizes["parameter"] = self.n_parameters
        counts = ", ".join(number_of(count, one) for one, count in sizes.items())
        trained = "" if self.is_trained else ", untrained"
        return f"<Model: {cells}, {counts}{trained}, from {shown(self.source, 80)}>"

    def _repr_html_(self) -> str:
        """Source, size, and a line for every layer and the readout."""
        trained = "" if self.is_trained else ", random weights"
        title = f"Model from {self.source}: {self.n_parameters:,} parameters{trained}"
        rows: list[tuple[object, ...]] = [
            (y.level, y.cell_name, y.direction, y.n_inputs, y.n_units) for y in self.layers
        ]
        if self.readout is not None:
            outputs, units = self.readout.weights.shape
            rows.append(("readout", self.readout.activation, "", units, outputs))
        return html_table(title, ("level", "cell", "direction", "reads", "units"), rows)

    def arrays(self) -> dict[str, Array]:
        """Every weight and initial state under `layer title/name`, readout and embedding last."""
        named = {
            f"{layer.title}/{name}": array
            for layer in self.layers
            for name, array in (*layer.weights.items(), *layer.initial.items())
        }
        if self.readout is not None:
            named |= {"readout/V": self.readout.weights, "readout/d": self.readout.bias}
        if self.embedding is not None:
            named["embedding"] = self.embedding
        return named


def _check_vocabulary(model: Model) -> None:
    rows = model.n_inputs if model.embedding is None else len(model.embedding)
    if model.vocabulary is not None and len(model.vocabulary) != rows:
        raise ModelError(
            "A vocabulary needs a token for each of the {rows} inputs or embedding rows,"
            " but {came} came.",
            rows=rows,
            came=len(model.vocabulary),
        )
    if model.embedding is None:
        return
    shape = model.embedding.shape
    if len(shape) != 2 or shape[1] != model.n_inputs or not is_finite(model.embedding):
        raise ModelError(
            "An embedding is finite real numbers (token, feature) with the {wanted} features that"
            " the first level reads, but it is {came}.",
            wanted=model.n_inputs,
            came=shape,
        )


def _check_levels(levels: tuple[tuple[Layer, ...], ...]) -> None:
    if not levels or not all(levels):
        raise ModelError("A model needs at least one layer on every level from 0 up.")
    wanted = levels[0][0].n_inputs
    for level, layers in enumerate(levels):
        directions = [layer.direction for layer in layers]
        twice = [d for d in directions if directions.count(d) > 1]
        if twice:
            raise ModelError(
                "Level {level} has two layers that read {direction};"
                " give stacked layers the levels 0, 1, ….",
                level=level,
                direction=twice[0],
            )
        for layer in layers:
            if layer.n_inputs != wanted:
                raise ModelError(
                    "{layer} reads {came} features, but it is given {wanted}.",
                    layer=layer.title,
                    came=layer.n_inputs,
                    wanted=wanted,
                )
        wanted = sum(layer.n_hidden for layer in layers)
