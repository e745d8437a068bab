"""The packages' own computation, to measure ours by."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.network.model import Model

_METHODS = {"sigmoid", "grucell", "gru", "encode", "predict"}
_TABLES = {"graphemes", "phonemes", "g2idx", "idx2p"}


def located(package: str, path: str) -> Path:
    return Path(str(distribution(package).locate_file(path)))


@cache
def g2p_en() -> Any:
    """The package's class without what needs a download: its tables and its arithmetic alone."""
    with warnings.catch_warnings():
        # One of its texts has an escape that Python does not know.
        warnings.simplefilter("ignore")
        tree = ast.parse(located("g2p-en", "g2p_en/g2p.py").read_text("utf-8"))
    kind = next(node for node in tree.body if isinstance(node, ast.ClassDef))
    kind.body = [node for node in kind.body if getattr(node, "name", "") in {"__init__", *_METHODS}]
    for node in kind.body:
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            node.body = [line for line in node.body if _table(line) in _TABLES]
    space: dict[str, Any] = {"np": np}
    exec(compile(ast.Module([kind], []), "g2p.py", "exec"), space)
    network = space["G2p"]()
    with np.load(located("g2p-en", "g2p_en/checkpoint20.npz")) as archive:
        for name in archive.files:
            setattr(network, name, archive[name])
    return network


def _table(line: ast.stmt) -> str:
    target = line.targets[0] if isinstance(line, ast.Assign) else None
    return target.attr if isinstance(target, ast.Attribute) else ""


def g2pm() -> Any:
    """The package itself; it leaves its files open, which Python warns of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return import_module("g2pM").G2pM()


def double(model: Model) -> Model:
    """The same numbers in float64."""
    layers = tuple(
        replace(layer, weights=_double(layer.weights), initial=_double(layer.initial))
        for layer in model.layers
    )
    return replace(model, layers=layers)


def _double(arrays: Mapping[str, Array]) -> dict[str, Array]:
    return {name: array.astype(np.float64) for name, array in arrays.items()}
