"""Models that can be compared number by number: those of one shape."""

from __future__ import annotations

from rnnviz.doctor.parts import shared_cell
from rnnviz.doctor.reading import ReadModel
from rnnviz.errors import InputError, ModelError
from rnnviz.network.layer import Layer


def check_comparable(one: ReadModel, other: ReadModel) -> None:
    """Raise ModelError, or InputError, unless both have layers of one shape and read one length."""
    names = {"one": one.name, "other": other.name}
    mine, theirs = one.model, other.model
    if mine.n_inputs != theirs.n_inputs:
        raise ModelError(
            "Two models that should be the same read equally many numbers a step, but {one} reads"
            " {wanted} and {other} {came}; choose two files of one network.",
            **names,
            wanted=mine.n_inputs,
            came=theirs.n_inputs,
        )
    if len(mine.levels) != len(theirs.levels):
        raise ModelError(
            "Two models that should be the same have equally many layers, but {one} has {wanted}"
            " and {other} {came}; choose two files of one network.",
            **names,
            wanted=len(mine.levels),
            came=len(theirs.levels),
        )
    for layers, others in zip(mine.levels, theirs.levels, strict=True):
        if len(layers) != len(others):
            raise ModelError(
                "Two models that should be the same read in equally many directions, but on level"
                " {level} {one} reads in {wanted} and {other} in {came}; choose two files of one"
                " network.",
                **names,
                level=layers[0].level,
                wanted=len(layers),
                came=len(others),
            )
        for layer, like in zip(layers, others, strict=True):
            _check_layers(layer, like, names)
    if one.sequence.values.shape != other.sequence.values.shape:
        raise InputError(
            "Two models are compared on one input, but it is {wanted} (time, batch, input) to {one}"
            " and {came} to {other}; give both the same numbers.",
            **names,
            wanted=one.sequence.values.shape,
            came=other.sequence.values.shape,
        )


def _check_layers(layer: Layer, like: Layer, names: dict[str, str]) -> None:
    if shared_cell(layer.cell_name, like.cell_name) is None:
        raise ModelError(
            "Two models that should be the same have layers of one type, but on level {level} {one}"
            " has {wanted} and {other} {came}; choose two files of one network.",
            **names,
            level=layer.level,
            wanted=layer.cell_name,
            came=like.cell_name,
        )
    if layer.sizes != like.sizes:
        raise ModelError(
            "Two models that should be the same have layers of one size, but on level {level} {one}"
            " has {wanted} units and {other} {came}; choose two files of one network.",
            **names,
            level=layer.level,
            wanted=layer.n_units,
            came=like.n_units,
        )
