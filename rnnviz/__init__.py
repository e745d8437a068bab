"""Open a recurrent network and see every gate and every state at every timestep."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rnnviz.errors import InputError, MissingLibraryError, ModelError, RnnvizError
from rnnviz.sequence import Sequence
from rnnviz.trace import LayerTrace, Trace

# After rnnviz.trace, the module, so that the name means the function.
from rnnviz.api import steps, trace  # isort: skip

if TYPE_CHECKING:
    from rnnviz import figures
    from rnnviz.cells import CELLS
    from rnnviz.engine import Step
    from rnnviz.initialise import random_model
    from rnnviz.intervene.kinds import (
        AddToState,
        ChangeWeight,
        Clamp,
        Reset,
        SetState,
        Silence,
    )
    from rnnviz.layer import Layer
    from rnnviz.long.record import record
    from rnnviz.long.recording import Recording
    from rnnviz.model import Model, Readout
    from rnnviz.readers.read import read_model
    from rnnviz.readers.torch import from_torch
    from rnnviz.text.parse import parse
    from rnnviz.text.read import read_sequence

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
    "Layer": "rnnviz.layer",
    "Model": "rnnviz.model",
    "Readout": "rnnviz.model",
    "Step": "rnnviz.engine",
    "Recording": "rnnviz.long.recording",
    "AddToState": "rnnviz.intervene.kinds",
    "ChangeWeight": "rnnviz.intervene.kinds",
    "Clamp": "rnnviz.intervene.kinds",
    "Reset": "rnnviz.intervene.kinds",
    "SetState": "rnnviz.intervene.kinds",
    "Silence": "rnnviz.intervene.kinds",
    "from_torch": "rnnviz.readers.torch",
    "parse": "rnnviz.text.parse",
    "random_model": "rnnviz.initialise",
    "read_model": "rnnviz.readers.read",
    "read_sequence": "rnnviz.text.read",
    "record": "rnnviz.long.record",
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
