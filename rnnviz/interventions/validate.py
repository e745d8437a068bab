"""Validation of interventions against a model and the sequence it reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from rnnviz.core.checks import listed, shown
from rnnviz.errors import InputError, ModelError
from rnnviz.interventions.types import (
    INTERVENTION_TYPES,
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


def validate_interventions(
    model: Model, interventions: Iterable[Intervention], n_steps: int, n_rows: int
) -> tuple[Intervention, ...]:
    """Check that everything an intervention names is there, and return them as a tuple.

    Raises InputError for a layer, gate, state, unit, step or row that is not there, and ModelError
    for a value that the model's numbers cannot hold.
    """
    checked = listed(interventions)
    for intervention in checked:
        if not isinstance(intervention, INTERVENTION_TYPES):
            raise InputError(
                "Interventions are {known}, but {came} came.",
                known=", ".join(kind.__name__ for kind in INTERVENTION_TYPES),
                came=shown(intervention),
            )
        _check_value(model, intervention)
        _check_span(intervention, n_steps, n_rows)
        if not isinstance(intervention, ChangeWeight):
            for layer in _layers(model, intervention):
                _check_layer(layer, intervention)
    return checked


def find_layer(model: Model, intervention: Intervention, index: int) -> Layer:
    """Layer of a model by its number. Raises InputError where the model has none."""
    _check_index(intervention, "layer", index, len(model.layers))
    return model.layers[index]


def check_name(
    intervention: Intervention, layer: Layer, what: str, came: str, known: Iterable[str]
) -> None:
    """Raise InputError for a name that is not known."""
    names = tuple(known)
    if came not in names:
        raise InputError(
            "{kind}: the {what} of {layer} are {known}, but “{came}” came.",
            kind=type(intervention).__name__,
            what=what,
            layer=layer.title,
            known=", ".join(names),
            came=shown(came),
        )


def _layers(model: Model, intervention: Intervention) -> tuple[Layer, ...]:
    return (
        model.layers
        if intervention.layer is None
        else (find_layer(model, intervention, intervention.layer),)
    )


def _check_layer(layer: Layer, intervention: Intervention) -> None:
    if isinstance(intervention, Clamp):
        gates = {gate.name: gate for gate in layer.cell.gates}
        check_name(intervention, layer, "gates", intervention.gate, gates)
        if gates[intervention.gate].logarithm and intervention.value < 0:
            raise ModelError(
                "{layer} takes the logarithm of {gate}, so that it is held at 0 or more,"
                " but {came} came.",
                layer=layer.title,
                gate=intervention.gate,
                came=intervention.value,
            )
        _check_units(intervention, intervention.units, layer.width(intervention.gate))
    elif isinstance(intervention, Silence):
        _check_units(intervention, intervention.units, layer.n_hidden)
    elif isinstance(intervention, SetState | AddToState):
        check_name(intervention, layer, "states", intervention.state, layer.cell.states)
        _check_units(intervention, intervention.units, layer.width(intervention.state))


def _check_units(intervention: Intervention, units: Any, size: int) -> None:
    for unit in units or ():
        _check_index(intervention, "unit", unit, size)


def _check_span(intervention: Intervention, n_steps: int, n_rows: int) -> None:
    step = getattr(intervention, "step", None)
    first = getattr(intervention, "start", None) if step is None else step
    _check_index(intervention, "step", first or 0, n_steps)
    _check_index(intervention, "row", getattr(intervention, "row", None) or 0, n_rows)


def _check_index(intervention: Intervention, axis: str, index: int, size: int) -> None:
    if index >= size:
        raise InputError(
            "{kind} names {axis} {index}, but the last is {last}, counted from 0.",
            kind=type(intervention).__name__,
            axis=axis,
            index=index,
            last=size - 1,
        )


def _check_value(model: Model, intervention: Intervention) -> None:
    value = 0.0 if isinstance(intervention, Silence | Reset) else intervention.value
    if abs(value) > float(np.finfo(model.dtype).max):
        raise ModelError(
            "{kind}: the model computes in {dtype}, but {came} is too large for it.",
            kind=type(intervention).__name__,
            dtype=model.dtype,
            came=value,
        )
