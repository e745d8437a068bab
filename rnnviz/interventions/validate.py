"""Whether interventions fit a model and what it reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from rnnviz.core.checks import shown
from rnnviz.errors import InputError, ModelError
from rnnviz.interventions.types import (
    KINDS,
    AddToState,
    ChangeWeight,
    Clamp,
    Intervention,
    Reset,
    SetState,
    Silence,
)
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model


def fitted(
    model: Model, interventions: Iterable[Intervention], n_steps: int, n_rows: int
) -> tuple[Intervention, ...]:
    """The same interventions, each of which finds what it acts on.

    Raises InputError for a layer, gate, state, unit, step or row that is not there, and ModelError
    for a value that the model's numbers cannot hold.
    """
    given = tuple(interventions)
    for one in given:
        if not isinstance(one, KINDS):
            raise InputError(
                "Interventions are {known}, but {came} came.",
                known=", ".join(kind.__name__ for kind in KINDS),
                came=shown(one),
            )
        _check_value(model, one)
        _check_span(one, n_steps, n_rows)
        if not isinstance(one, ChangeWeight):
            for layer in _layers(model, one):
                _check_layer(layer, one)
    return given


def layer_of(model: Model, one: Intervention, index: int) -> Layer:
    """The layer with this number. Raises InputError where the model has none."""
    _check_index(one, "layer", index, len(model.layers))
    return model.layers[index]


def check_name(one: Intervention, layer: Layer, what: str, came: str, known: Iterable[str]) -> None:
    """Raise InputError unless the name is one of those known."""
    names = tuple(known)
    if came not in names:
        raise InputError(
            "{kind}: the {what} of {layer} are {known}, but “{came}” came.",
            kind=type(one).__name__,
            what=what,
            layer=layer.title,
            known=", ".join(names),
            came=shown(came),
        )


def _layers(model: Model, one: Intervention) -> tuple[Layer, ...]:
    return model.layers if one.layer is None else (layer_of(model, one, one.layer),)


def _check_layer(layer: Layer, one: Intervention) -> None:
    if isinstance(one, Clamp):
        gates = {gate.name: gate for gate in layer.cell.gates}
        check_name(one, layer, "gates", one.gate, gates)
        if gates[one.gate].logarithm and one.value < 0:
            raise ModelError(
                "{layer} takes the logarithm of {gate}, so that it is held at 0 or more,"
                " but {came} came.",
                layer=layer.title,
                gate=one.gate,
                came=one.value,
            )
        _check_units(one, one.units, layer.width(one.gate))
    elif isinstance(one, Silence):
        _check_units(one, one.units, layer.n_hidden)
    elif isinstance(one, SetState | AddToState):
        check_name(one, layer, "states", one.state, layer.cell.states)
        _check_units(one, one.units, layer.width(one.state))


def _check_units(one: Intervention, units: Any, size: int) -> None:
    for unit in units or ():
        _check_index(one, "unit", unit, size)


def _check_span(one: Intervention, n_steps: int, n_rows: int) -> None:
    step = getattr(one, "step", None)
    first = getattr(one, "start", None) if step is None else step
    _check_index(one, "step", first or 0, n_steps)
    _check_index(one, "row", getattr(one, "row", None) or 0, n_rows)


def _check_index(one: Intervention, axis: str, index: int, size: int) -> None:
    if index >= size:
        raise InputError(
            "{kind}: there are {size} of {axis} (counted from 0), but number {index} was asked"
            " for.",
            kind=type(one).__name__,
            axis=axis,
            size=size,
            index=index,
        )


def _check_value(model: Model, one: Intervention) -> None:
    value = 0.0 if isinstance(one, Silence | Reset) else one.value
    if abs(value) > float(np.finfo(model.dtype).max):
        raise ModelError(
            "{kind}: the model computes in {dtype}, but {came} is too large for it.",
            kind=type(one).__name__,
            dtype=model.dtype,
            came=value,
        )
