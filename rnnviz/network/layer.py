"""A layer: one cell with its named weights, checked against what the cell asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from rnnviz.cells import CELLS
from rnnviz.core.activations import LOGARITHMS, activation
from rnnviz.core.arrays import Array, Arrays
from rnnviz.core.backend import get_backend
from rnnviz.core.cell import Cell
from rnnviz.core.checks import is_one_of, shown
from rnnviz.errors import ModelError

Direction = Literal["forward", "backward"]


@dataclass(frozen=True, eq=False)
class Layer:
    """One cell with its weights, reading in one direction.

    cell_name    a name in `rnnviz.CELLS`.
    direction    "forward", or "backward" from the last token to the first.
    weights      `gate.x` (unit, input), `gate.h` (unit, unit) or, where the cell allows a
                 one-to-one recurrence, (unit,), `gate.b` and `gate.bh` (unit,).
    initial      states by name, (unit,) or (batch, unit); zeros where none is given.
    level        0 for the layers that read the input, 1 for those that read level 0, …
    activations  by gate, where not the cell's own, and under "cell_activation" for the cell state;
                 names as in `rnnviz.core.activations`.
    clip         preactivations are clipped to ± this (ONNX), None for not at all.

    Raises ModelError naming the array at fault.
    """

    cell_name: str
    direction: Direction
    weights: Mapping[str, Array]
    initial: Mapping[str, Array] = field(default_factory=dict)
    level: int = 0
    activations: Mapping[str, str] = field(default_factory=dict)
    clip: float | None = None

    def __post_init__(self) -> None:
        if not is_one_of(self.cell_name, CELLS):
            raise ModelError(
                'There is no cell "{cell}"; choose one of {cells}.',
                cell=shown(self.cell_name),
                cells=", ".join(CELLS),
            )
        if not is_one_of(self.direction, ("forward", "backward")):
            raise ModelError(
                'A layer reads "forward" or "backward", but "{direction}" came.',
                direction=shown(self.direction),
            )
        if self.level < 0:
            raise ModelError("A layer's level is 0 or more, but {level} came.", level=self.level)
        object.__setattr__(self, "weights", Arrays(self.weights))
        object.__setattr__(self, "initial", Arrays(self.initial))
        object.__setattr__(self, "activations", MappingProxyType(dict(self.activations)))
        _check_weights(self)
        _check_initial(self)
        _check_activations(self)

    @cached_property
    def cell(self) -> Cell:
        """The cell itself."""
        return CELLS[self.cell_name]

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
        return self.sizes[self.cell.hidden_axis]

    def width(self, signal: str) -> int:
        """Numbers of a signal at one step."""
        return self.sizes[self.cell.signal(signal).axis]

    @property
    def title(self) -> str:
        """Name in errors and on pages: `lstm layer 0 forward`."""
        return f"{self.cell_name} layer {self.level} {self.direction}"

    def activation(self, gate: str) -> str:
        """The function on a gate's preactivation: the layer's choice, or the cell's own."""
        return self.activation_names[gate]

    @property
    def activation_names(self) -> dict[str, str]:
        """Names of the functions by gate, and under "cell_activation" where the cell has one."""
        return {**self.cell.default_activations, **self.activations}

    def __reduce__(self) -> tuple[Any, ...]:
        return Layer, (
            self.cell_name,
            self.direction,
            self.weights,
            self.initial,
            self.level,
            dict(self.activations),
            self.clip,
        )


def _check_weights(layer: Layer) -> None:
    params, weights = layer.cell.params_by_name, dict(layer.weights)
    unknown = sorted(weights.keys() - params.keys())
    missing = [p.name for p in params.values() if p.required and p.name not in weights]
    if unknown or missing:
        raise ModelError(
            "{layer} needs the weights {wanted}, but {missing} are missing and {unknown} unknown.",
            layer=layer.title,
            wanted=", ".join(params),
            missing=", ".join(missing) or "none",
            unknown=", ".join(unknown) or "none",
        )
    shapes: dict[tuple[str, ...], tuple[int, ...]] = {}
    for name, array in weights.items():
        axes = params[name].axes
        if axes not in shapes:
            shapes[axes] = tuple(layer.sizes.get(axis, 0) for axis in axes)
        _check_array(layer, name, array, axes, shapes[axes])


def _sizes(layer: Layer) -> dict[str, int]:
    """Length of every axis in the first weight that has it."""
    sizes: dict[str, int] = {}
    weights = dict(layer.weights)
    for param in layer.cell.params:
        shape = weights[param.name].shape if param.name in weights else ()
        for axis, length in zip(param.axes, shape, strict=False):
            sizes.setdefault(axis, length)
    return sizes


def _check_array(
    layer: Layer, name: str, array: Array, axes: tuple[str, ...], wanted: tuple[int, ...]
) -> None:
    diagonal = "one_to_one" in layer.cell.recurrences and name.endswith(".h")
    one_to_one = diagonal and array.shape == wanted[:1]
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
    if array.dtype.kind != "f" or not is_finite(array):
        raise ModelError(
            "{layer}: {name} should hold finite real numbers, but it holds others.",
            layer=layer.title,
            name=name,
        )


def is_finite(array: Array) -> bool:
    """True for an array of finite real numbers."""
    return array.dtype.kind in "iuf" and bool(np.logical_and.reduce(np.isfinite(array), axis=None))


def _check_initial(layer: Layer) -> None:
    for name, array in layer.initial.items():
        known = name in layer.cell.states
        fits = known and 1 <= array.ndim <= 2 and array.shape[-1] == layer.width(name)
        if not fits or not is_finite(array):
            raise ModelError(
                "{layer}: an initial state is one of {states}, finite real numbers"
                " (unit,) or (batch, unit) for {n_units} units, but {name} {came} of {dtype} came.",
                layer=layer.title,
                states=", ".join(layer.cell.states),
                n_units=layer.n_units,
                name=name,
                came=array.shape,
                dtype=array.dtype,
            )


def _check_activations(layer: Layer) -> None:
    known = layer.cell.default_activations
    for gate, came in layer.activations.items():
        if gate not in known:
            raise ModelError(
                "{layer} has activations for {known}, but one for {came} came.",
                layer=layer.title,
                known=", ".join(known),
                came=gate,
            )
        activation(came, get_backend())
    _check_logarithms(layer)
    if layer.clip is not None and not layer.clip > 0:
        raise ModelError(
            "{layer}: drives are clipped to a positive number, but {came} came.",
            layer=layer.title,
            came=layer.clip,
        )


def _check_logarithms(layer: Layer) -> None:
    for gate in layer.cell.gates:
        if gate.logarithm and layer.activation(gate.name) not in LOGARITHMS:
            raise ModelError(
                "{layer} takes the logarithm of {gate}, so that its activation is one of {known},"
                ' but "{came}" came.',
                layer=layer.title,
                gate=gate.name,
                known=", ".join(LOGARITHMS),
                came=layer.activation(gate.name),
            )
