"""A model: layers of named weights, checked against their cells, and the readout on top."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from rnnviz.activations import LOGARITHMS, activation
from rnnviz.cell import Cell
from rnnviz.cells import CELLS
from rnnviz.errors import ModelError
from rnnviz.frozen import Array, Arrays, frozen
from rnnviz.maths import maths

Direction = Literal["forward", "backward"]


@dataclass(frozen=True, eq=False)
class Layer:
    """One cell with its weights, reading in one direction.

    cell         a name in `rnnviz.CELLS`.
    direction    "forward", or "backward" from the last token to the first.
    weights      `gate.x` (unit, input), `gate.h` (unit, unit) or, where the cell allows a
                 one-to-one recurrence, (unit,), `gate.b` and `gate.bh` (unit,).
    initial      states by name, (unit,) or (batch, unit); zeros where none is given.
    level        0 for the layers that read the input, 1 for those that read level 0, …
    activations  by gate, where not the cell's own, and under "squash" for the cell state; names as
                 in `rnnviz.activations`.
    clip         drives are clipped to ± this before their activation (ONNX), None for not at all.

    Raises ModelError naming the array at fault.
    """

    cell: str
    direction: Direction
    weights: Mapping[str, Array]
    initial: Mapping[str, Array] = field(default_factory=dict)
    level: int = 0
    activations: Mapping[str, str] = field(default_factory=dict)
    clip: float | None = None

    def __post_init__(self) -> None:
        if self.cell not in CELLS:
            raise ModelError(
                'There is no cell "{cell}"; choose one of {cells}.',
                cell=self.cell,
                cells=", ".join(CELLS),
            )
        if self.direction not in ("forward", "backward"):
            raise ModelError(
                'A layer reads "forward" or "backward", but "{direction}" came.',
                direction=self.direction,
            )
        if self.level < 0:
            raise ModelError("A layer's level is 0 or more, but {level} came.", level=self.level)
        object.__setattr__(self, "weights", Arrays(self.weights))
        object.__setattr__(self, "initial", Arrays(self.initial))
        object.__setattr__(self, "activations", MappingProxyType(dict(self.activations)))
        _check_weights(self)
        _check_initial(self)
        _check_activations(self)

    @property
    def kind(self) -> Cell:
        """The cell itself."""
        return CELLS[self.cell]

    @cached_property
    def sizes(self) -> dict[str, int]:
        """The length of every axis of its weights: "unit", "input", for some "projection"."""
        return _sizes(self)

    @property
    def n_units(self) -> int:
        """Units of the layer."""
        return self.sizes["unit"]

    @property
    def n_inputs(self) -> int:
        """Features the layer reads at a step."""
        return self.sizes["input"]

    @property
    def n_hidden(self) -> int:
        """Numbers of its hidden state: its units, or what they are projected onto."""
        return self.sizes[self.kind.recurs]

    def width(self, signal: str) -> int:
        """Numbers of a signal at one step."""
        return self.sizes[self.kind.signal(signal).axis]

    @property
    def title(self) -> str:
        """How errors and pages call it: `lstm layer 0 forward`."""
        return f"{self.cell} layer {self.level} {self.direction}"

    def activation(self, gate: str) -> str:
        """The function on a gate's drive: the layer's choice, or the cell's own."""
        own = {g.name: g.activation for g in self.kind.gates} | {"squash": self.kind.squash}
        return self.activations.get(gate, own[gate])

    @property
    def every_activation(self) -> dict[str, str]:
        """The function's name by gate, and under "squash" where the cell has one."""
        squash = ("squash",) if self.kind.squash else ()
        names = (*(gate.name for gate in self.kind.gates), *squash)
        return {name: self.activation(name) for name in names}

    def __reduce__(self) -> tuple[Any, ...]:
        return Layer, (
            self.cell,
            self.direction,
            self.weights,
            self.initial,
            self.level,
            dict(self.activations),
            self.clip,
        )


@dataclass(frozen=True, eq=False)
class Readout:
    """`y_t = softmax(V h_t + d)`: weights V (output, unit), bias d (output,), a name an output.

    The units are those of the top level, forward then backward. Elman (1990).

    activation  "softmax", or a name of `rnnviz.activations`: "linear", "sigmoid", …
    """

    weights: Array
    bias: Array
    names: tuple[str, ...] = ()
    activation: str = "softmax"

    def __post_init__(self) -> None:
        weights, bias = frozen(self.weights), frozen(self.bias)
        if weights.ndim != 2 or bias.shape != weights.shape[:1]:
            raise ModelError(
                "A readout needs V (output, unit) and d (output,), but got {weights} and {bias}.",
                weights=weights.shape,
                bias=bias.shape,
            )
        if not all(map(_is_finite, (weights, bias))):
            raise ModelError("A readout should hold finite real numbers, but it holds others.")
        if self.activation != "softmax":
            activation(self.activation, maths())
        names = tuple(map(str, self.names)) or tuple(f"y{i}" for i in range(len(bias)))
        if len(names) != len(bias):
            raise ModelError(
                "A readout of {n_outputs} outputs needs as many names, but {n_names} came.",
                n_outputs=len(bias),
                n_names=len(names),
            )
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "bias", bias)
        object.__setattr__(self, "names", names)

    def __reduce__(self) -> tuple[Any, ...]:
        return Readout, (self.weights, self.bias, self.names, self.activation)


@dataclass(frozen=True, eq=False)
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
            object.__setattr__(self, "vocabulary", tuple(self.vocabulary))
        if self.embedding is not None:
            object.__setattr__(self, "embedding", frozen(self.embedding))
        _check_levels(self.levels)
        _check_vocabulary(self)
        if self.readout is not None and self.readout.weights.shape[1] != self.n_outputs:
            raise ModelError(
                "The readout reads {expected} units, but the top level has {n_units}.",
                expected=self.readout.weights.shape[1],
                n_units=self.n_outputs,
            )

    @property
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
        """The type all is computed in: float64 when any weight is, else float32."""
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
        """A name for exactly this model: equal digests mean equal numbers, names and source."""
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


def _check_weights(layer: Layer) -> None:
    params = {param.name: param for param in layer.kind.params}
    unknown = sorted(set(layer.weights) - set(params))
    missing = [p.name for p in params.values() if p.required and p.name not in layer.weights]
    if unknown or missing:
        raise ModelError(
            "{layer} needs the weights {wanted}, but {missing} are missing and {unknown} unknown.",
            layer=layer.title,
            wanted=", ".join(params),
            missing=", ".join(missing) or "none",
            unknown=", ".join(unknown) or "none",
        )
    for name, array in layer.weights.items():
        _check_array(layer, name, array, params[name].axes, layer.sizes)


def _sizes(layer: Layer) -> dict[str, int]:
    """Every axis as long as in the first weight that has it."""
    sizes: dict[str, int] = {}
    for param in layer.kind.params:
        shape = layer.weights[param.name].shape if param.name in layer.weights else ()
        sizes = dict(zip(param.axes, shape, strict=False)) | sizes
    return sizes


def _check_array(
    layer: Layer, name: str, array: Array, axes: tuple[str, ...], sizes: dict[str, int]
) -> None:
    wanted = tuple(sizes.get(axis, 0) for axis in axes)
    one_to_one = layer.kind.diagonal and name.endswith(".h") and array.shape == wanted[:1]
    if 0 in wanted or (array.shape != wanted and not one_to_one):
        raise ModelError(
            "{layer}: {name} should be {wanted} ({axes}) but is {came};"
            " Keras kernels are stored transposed.",
            layer=layer.title,
            name=name,
            wanted=wanted,
            axes=", ".join(axes),
            came=array.shape,
        )
    if array.dtype.kind != "f" or not _is_finite(array):
        raise ModelError(
            "{layer}: {name} should hold finite real numbers, but it holds others.",
            layer=layer.title,
            name=name,
        )


def _is_finite(array: Array) -> bool:
    return array.dtype.kind in "iuf" and bool(np.isfinite(array).all())


def _check_initial(layer: Layer) -> None:
    for name, array in layer.initial.items():
        known = name in layer.kind.states
        fits = known and 1 <= array.ndim <= 2 and array.shape[-1] == layer.width(name)
        if not fits or not _is_finite(array):
            raise ModelError(
                "{layer}: an initial state is one of {states}, finite real numbers"
                " (unit,) or (batch, unit) for {n_units} units, but {name} {came} of {dtype} came.",
                layer=layer.title,
                states=", ".join(layer.kind.states),
                n_units=layer.n_units,
                name=name,
                came=array.shape,
                dtype=array.dtype,
            )


def _check_activations(layer: Layer) -> None:
    known = [gate.name for gate in layer.kind.gates] + ["squash"] * bool(layer.kind.squash)
    for gate, came in layer.activations.items():
        if gate not in known:
            raise ModelError(
                "{layer} has activations for {known}, but one for {came} came.",
                layer=layer.title,
                known=", ".join(known),
                came=gate,
            )
        activation(came, maths())
    _check_logarithms(layer)
    if layer.clip is not None and not layer.clip > 0:
        raise ModelError(
            "{layer}: drives are clipped to a positive number, but {came} came.",
            layer=layer.title,
            came=layer.clip,
        )


def _check_logarithms(layer: Layer) -> None:
    for gate in layer.kind.gates:
        if gate.logarithm and layer.activation(gate.name) not in LOGARITHMS:
            raise ModelError(
                "{layer} takes the logarithm of {gate}, so that its activation is one of {known},"
                ' but "{came}" came.',
                layer=layer.title,
                gate=gate.name,
                known=", ".join(LOGARITHMS),
                came=layer.activation(gate.name),
            )


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
    if len(shape) != 2 or shape[1] != model.n_inputs or not _is_finite(model.embedding):
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
