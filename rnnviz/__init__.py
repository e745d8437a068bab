"""Open a recurrent network and see every gate and every state at every timestep."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rnnviz.cells import CELLS
from rnnviz.engine import Step
from rnnviz.errors import InputError, MissingLibraryError, ModelError, RnnvizError
from rnnviz.initialise import random_model
from rnnviz.model import Layer, Model, Readout
from rnnviz.sequence import Sequence
from rnnviz.trace import LayerTrace, Trace

# After rnnviz.trace, the module, so that the name means the function.
from rnnviz.api import steps, trace  # isort: skip

if TYPE_CHECKING:
    from rnnviz import figures
    from rnnviz.long.record import record
    from rnnviz.long.recording import Recording
    from rnnviz.readers.read import read_model
    from rnnviz.readers.torch import from_torch
    from rnnviz.text.parse import parse
    from rnnviz.text.read import read_sequence

__all__ = [
    "CELLS",
    "InputError",
    "Layer",
    "LayerTrace",
    "MissingLibraryError",
    "Model",
    "ModelError",
    "Readout",
    "Recording",
    "RnnvizError",
    "Sequence",
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

# What brings a library of its own is imported when it is first asked for.
_LATER = {
    "Recording": "rnnviz.long.recording",
    "from_torch": "rnnviz.readers.torch",
    "parse": "rnnviz.text.parse",
    "read_model": "rnnviz.readers.read",
    "read_sequence": "rnnviz.text.read",
    "record": "rnnviz.long.record",
}


def __getattr__(name: str) -> Any:
    if name == "figures":
        return import_module("rnnviz.figures")
    if name in _LATER:
        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module 'rnnviz' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
