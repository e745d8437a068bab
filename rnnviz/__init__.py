"""Open a recurrent network and see every gate and every state at every timestep."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rnnviz.core.sequence import Sequence
from rnnviz.engine.api import steps, trace
from rnnviz.engine.trace import LayerTrace, Trace
from rnnviz.errors import (
    AssumptionWarning,
    HealthWarning,
    InputError,
    MappingNeeded,
    MissingLibraryError,
    ModelError,
    RnnvizError,
)

if TYPE_CHECKING:
    from rnnviz import corpus, figures, findings, keras, lessons, lightning, train
    from rnnviz.analysis.attribute import attribute
    from rnnviz.analysis.connectivity import connectivity
    from rnnviz.analysis.find_automaton import automaton
    from rnnviz.analysis.find_units import find_units
    from rnnviz.analysis.fixed_points import fixed_points
    from rnnviz.analysis.health import health
    from rnnviz.analysis.jacobians import jacobians
    from rnnviz.analysis.lyapunov import lyapunov
    from rnnviz.analysis.patch import patch
    from rnnviz.analysis.phase_portrait import phase_portrait
    from rnnviz.analysis.run_eigenvalues import run_eigenvalues
    from rnnviz.analysis.similarity import similarity
    from rnnviz.analysis.symptoms import Symptom, symptoms
    from rnnviz.analysis.trajectories import trajectories
    from rnnviz.cells import CELLS
    from rnnviz.doctor.diff import diff
    from rnnviz.doctor.result import ModelDiff
    from rnnviz.engine.continuations import continuations
    from rnnviz.engine.gradients import Gradients, gradients
    from rnnviz.engine.open_model import open_model
    from rnnviz.engine.steps import Step
    from rnnviz.engine.write import write
    from rnnviz.inputs.heartbeat import heartbeat
    from rnnviz.inputs.parse import parse
    from rnnviz.inputs.probe import probe_signal
    from rnnviz.inputs.read import read_sequence
    from rnnviz.inputs.samples import sample
    from rnnviz.interventions.types import AddToState, ChangeWeight, Clamp, Reset, SetState, Silence
    from rnnviz.monitoring.log import Log
    from rnnviz.network.layer import Layer
    from rnnviz.network.model import Model, Readout
    from rnnviz.network.random_model import random_model
    from rnnviz.notebook.show import show
    from rnnviz.pretrained.registry import pretrained_model
    from rnnviz.readers.certainty import Certainty
    from rnnviz.readers.read import read_model
    from rnnviz.readers.result import ImportResult
    from rnnviz.readers.torch.module import from_torch
    from rnnviz.recordings.record import record
    from rnnviz.recordings.recording import Recording
    from rnnviz.recordings.token_ids import read_text
    from rnnviz.reports.write import report
    from rnnviz.watched.watch import watch

__all__ = [
    "CELLS",
    "AddToState",
    "AssumptionWarning",
    "Certainty",
    "ChangeWeight",
    "Clamp",
    "Gradients",
    "HealthWarning",
    "ImportResult",
    "InputError",
    "Layer",
    "LayerTrace",
    "Log",
    "MappingNeeded",
    "MissingLibraryError",
    "Model",
    "ModelDiff",
    "ModelError",
    "Readout",
    "Recording",
    "Reset",
    "RnnvizError",
    "Sequence",
    "SetState",
    "Silence",
    "Step",
    "Symptom",
    "Trace",
    "attribute",
    "automaton",
    "connectivity",
    "continuations",
    "corpus",
    "diff",
    "figures",
    "find_units",
    "findings",
    "fixed_points",
    "from_torch",
    "gradients",
    "health",
    "heartbeat",
    "jacobians",
    "keras",
    "lessons",
    "lightning",
    "lyapunov",
    "open_model",
    "parse",
    "patch",
    "phase_portrait",
    "pretrained_model",
    "probe_signal",
    "random_model",
    "read_model",
    "read_sequence",
    "read_text",
    "record",
    "report",
    "run_eigenvalues",
    "sample",
    "show",
    "similarity",
    "steps",
    "symptoms",
    "trace",
    "train",
    "trajectories",
    "watch",
    "write",
]

# The rest is imported when it is first asked for.
_LATER = {
    "CELLS": "rnnviz.cells",
    "Gradients": "rnnviz.engine.gradients",
    "gradients": "rnnviz.engine.gradients",
    "attribute": "rnnviz.analysis.attribute",
    "ModelDiff": "rnnviz.doctor.result",
    "diff": "rnnviz.doctor.diff",
    "Layer": "rnnviz.network.layer",
    "Log": "rnnviz.monitoring.log",
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
    "Certainty": "rnnviz.readers.certainty",
    "ImportResult": "rnnviz.readers.result",
    "automaton": "rnnviz.analysis.find_automaton",
    "connectivity": "rnnviz.analysis.connectivity",
    "continuations": "rnnviz.engine.continuations",
    "fixed_points": "rnnviz.analysis.fixed_points",
    "find_units": "rnnviz.analysis.find_units",
    "from_torch": "rnnviz.readers.torch.module",
    "health": "rnnviz.analysis.health",
    "heartbeat": "rnnviz.inputs.heartbeat",
    "jacobians": "rnnviz.analysis.jacobians",
    "lyapunov": "rnnviz.analysis.lyapunov",
    "open_model": "rnnviz.engine.open_model",
    "parse": "rnnviz.inputs.parse",
    "patch": "rnnviz.analysis.patch",
    "phase_portrait": "rnnviz.analysis.phase_portrait",
    "pretrained_model": "rnnviz.pretrained.registry",
    "probe_signal": "rnnviz.inputs.probe",
    "random_model": "rnnviz.network.random_model",
    "read_model": "rnnviz.readers.read",
    "read_sequence": "rnnviz.inputs.read",
    "read_text": "rnnviz.recordings.token_ids",
    "record": "rnnviz.recordings.record",
    "report": "rnnviz.reports.write",
    "run_eigenvalues": "rnnviz.analysis.run_eigenvalues",
    "sample": "rnnviz.inputs.samples",
    "similarity": "rnnviz.analysis.similarity",
    "Symptom": "rnnviz.analysis.symptoms",
    "symptoms": "rnnviz.analysis.symptoms",
    "show": "rnnviz.notebook.show",
    "trajectories": "rnnviz.analysis.trajectories",
    "watch": "rnnviz.watched.watch",
    "write": "rnnviz.engine.write",
}
_SUBPACKAGES = ("corpus", "figures", "findings", "keras", "lessons", "lightning", "train")


def __getattr__(name: str) -> Any:
    if name in _SUBPACKAGES:
        return import_module(f"rnnviz.{name}")
    if name in _LATER:
        globals()[name] = getattr(import_module(_LATER[name]), name)
        return globals()[name]
    raise AttributeError(f"module 'rnnviz' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
