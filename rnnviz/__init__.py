"""Open a recurrent network and see every gate and every state at every timestep."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rnnviz.api import steps, trace
from rnnviz.core.sequence import Sequence
from rnnviz.engine.trace import LayerTrace, Trace
from rnnviz.errors import InputError, MissingLibraryError, ModelError, RnnvizError

if TYPE_CHECKING:
    from rnnviz import figures
    from rnnviz.cells import CELLS
    from rnnviz.engine.steps import Step
    from rnnviz.inputs.parse import parse
    from rnnviz.inputs.read import read_sequence
    from rnnviz.interventions.types import AddToState, ChangeWeight, Clamp, Reset, SetState, Silence
    from rnnviz.network.layer import Layer
    from rnnviz.network.model import Model, Readout
    from rnnviz.network.random_model import random_model
    from rnnviz.readers.read import read_model
    from rnnviz.readers.torch.module import from_torch
    from rnnviz.recordings.record import record
    from rnnviz.recordings.recording import Recording

__all__ = [
    "CELLS",
    "AddToState",
    "ChangeWeight",
    "Clamp",
    "InputError",
    "Layer",
    "LayerTrace",
    "MissingLibraryError",
    "Model",
    "ModelError",
    "Readout",
    "Recording",
    "Reset",
    "RnnvizError",
    "Sequence",
    "SetState",
    "Silence",
    "Step",
    "Trace",
    "figures",
    "from_torch",
    "parse",
    "random_model",
    "read_model",
    "read_sequence",
    "record",
    "steps",
    "trace",
]

# The rest is imported when it is first asked for.
_LATER = {
    "CELLS": "rnnviz.cells",
    "Layer": "rnnviz.network.layer",
    "Model": "rnnviz.network.model",
    "Readout": "rnnviz.network.model",
    "Step": "rnnviz.engine.steps",
    "Recording": "rnnviz.recordings.recording",
    "AddToState": "rnnviz.interventions.types",
    "ChangeWeight": "rnnviz.interventions.types",
    "Clamp": "rnnviz.interventions.types",
    "Reset": "rnnviz.interventions.types",
    "SetState": "rnnviz.interventions.types",
    "Silence": "rnnviz.interventions.types",
    "from_torch": "rnnviz.readers.torch.module",
    "parse": "rnnviz.inputs.parse",
    "random_model": "rnnviz.network.random_model",
    "read_model": "rnnviz.readers.read",
    "read_sequence": "rnnviz.inputs.read",
    "record": "rnnviz.recordings.record",
}


def __getattr__(name: str) -> Any:
    if name == "figures":
        return import_module("rnnviz.figures")
    if name in _LATER:
        globals()[name] = getattr(import_module(_LATER[name]), name)
        return globals()[name]
    raise AttributeError(f"module 'rnnviz' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
