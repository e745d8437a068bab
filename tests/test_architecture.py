"""The rooms stay apart: who may import whom, and what `import rnnviz` costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import rnnviz

PACKAGE = Path(rnnviz.__file__).parent
# Data flows one way: a room imports from rooms above it in this list, and from itself.
ROOMS = [
    "errors",
    "formatting",
    "core",
    "bounded",
    "i18n",
    "cells",
    "inputs",
    "network",
    "interventions",
    "readers",
    "engine",
    "javascript",
    "train",
    "pretrained",
    "recordings",
    "watched",
    "analysis",
    "corpus",
    "monitoring",
    "lightning",
    "keras",
    "findings",
    "figures",
    "doctor",
    "diagrams",
    "lessons",
    "ui",
    "notebook",
    "site",
    "reports",
    "cli",
    "__main__",
]
PUBLIC = {
    "AddToState",
    "AssumptionWarning",
    "CELLS",
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
}
HEAVY = {
    "torch",
    "streamlit",
    "plotly",
    "pandas",
    "pyarrow",
    "xarray",
    "onnx",
    "onnxruntime",
    "keras",
    "lightning",
    "pytorch_lightning",
    "numba",
    "h5py",
    "safetensors",
    "anywidget",
}


class Import(NamedTuple):
    """One import statement's target: `rnnviz.inputs.parse`, `torch.nn`, …"""

    place: str
    room: str
    target: str
    in_function: bool


def imports_in(path: Path, room: str) -> Iterator[Import]:
    tree = ast.parse(path.read_text("utf-8"))
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    inner = {id(node) for function in functions for node in ast.walk(function)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            targets = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        place = f"{path.relative_to(PACKAGE.parent)}:{node.lineno}"
        yield from (Import(place, room, target, id(node) in inner) for target in targets)


@cache
def every_import() -> tuple[Import, ...]:
    files = [path for path in sorted(PACKAGE.rglob("*.py")) if path.parent.name != "__pycache__"]
    found = [i for path in files for i in imports_in(path, room_of(path))]
    app = PACKAGE.parent / "app.py"
    return (*found, *(imports_in(app, "app.py") if app.exists() else ()))


def room_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def importers(library: str) -> dict[str, str]:
    """Where a library is imported, and in which room."""
    return {i.place: i.room for i in every_import() if i.target.split(".")[0] == library}


def test_only_the_interface_imports_streamlit() -> None:
    assert set(importers("streamlit").values()) <= {"ui", "app.py"}


def test_only_figures_import_plotly() -> None:
    places = importers("plotly")
    assert set(places.values()) == {"figures"}, places


@pytest.mark.parametrize("library", sorted(HEAVY - {"streamlit", "plotly"}))
def test_a_heavy_library_is_imported_only_inside_the_functions_that_use_it(library: str) -> None:
    early = [
        i.place
        for i in every_import()
        if i.target.split(".")[0] == library
        and not i.in_function
        and i.room != "ui"
        # What numba compiles, and the widget, are modules that are imported inside a function.
        and not any(path in i.place for path in ("/numba_", "/notebook/widget.py"))
    ]
    assert not early


def test_every_room_has_its_place_in_the_order() -> None:
    rooms = {room_of(path) for path in PACKAGE.rglob("*.py")} - {"__init__"}
    assert rooms == set(ROOMS)


def test_imports_go_only_upwards_in_the_list() -> None:
    wrong = []
    for place, room, target, _ in every_import():
        if not target.startswith("rnnviz") or room in ("__init__", "app.py"):
            continue
        used = [*target.split("."), ""][1]
        # `from rnnviz import Trace` opens the whole package: only the last rooms may.
        rank = ROOMS.index(used) if used in ROOMS else ROOMS.index("lessons")
        if used != room and rank >= ROOMS.index(room):
            wrong.append(f"{place}: {room} imports {target}")
    assert not wrong


def test_inputs_and_readers_know_no_network_at_work() -> None:
    later = {"engine", "api", "analysis", "figures", "ui"}
    for place, room, target, _ in every_import():
        if room in ("inputs", "readers") and target.startswith("rnnviz."):
            assert target.split(".")[1] not in later, place


def test_importing_rnnviz_loads_no_heavy_library() -> None:
    code = "import sys, rnnviz; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert {"numpy", "rnnviz"} <= loaded
    assert not loaded & HEAVY


def test_the_public_names_are_these_and_all_resolve() -> None:
    assert set(rnnviz.__all__) == PUBLIC
    assert list(rnnviz.__all__) == sorted(rnnviz.__all__, key=lambda n: (not n.isupper(), n))
    for name in rnnviz.__all__:
        assert getattr(rnnviz, name) is not None
    assert dir(rnnviz) == sorted(PUBLIC)


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'rnnviz' has no attribute 'predict'"):
        _ = rnnviz.predict
