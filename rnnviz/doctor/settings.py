"""Settings of two layers beside their weights: direction, activations, clip, initial state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from rnnviz.core.activations import ACTIVATIONS, parse_activation
from rnnviz.doctor.findings import Finding
from rnnviz.doctor.rounding import is_same, size_of
from rnnviz.network.layer import Layer

SETTINGS = ("direction", "activation", "clip", "initial")
"""Names of findings about settings, which may differ without a change of the runs."""


def setting_findings(one: Layer, other: Layer) -> Iterator[Finding]:
    """Settings in which two layers differ.

    >>> from dataclasses import replace
    >>> import rnnviz as rv
    >>> layer = rv.random_model("gru", n_inputs=2, n_units=3).layers[0]
    >>> [finding.name for finding in setting_findings(layer, replace(layer, clip=3.0))]
    ['clip']
    """
    if one.direction != other.direction:
        yield Finding("direction", (("one", one.direction), ("other", other.direction)))
    mine, theirs = one.activation_names, other.activation_names
    for gate in (gate for gate in mine if gate in theirs):
        if not _same_activation(mine[gate], theirs[gate]):
            facts = (("gate", gate), ("one", mine[gate]), ("other", theirs[gate]))
            yield Finding("activation", facts)
    if one.clip != other.clip:
        yield Finding("clip", (("one", _written(one.clip)), ("other", _written(other.clip))))
    if not all(_same_start(one, other, state) for state in one.cell.states):
        yield Finding("initial")


def with_settings_of(layer: Layer, like: Layer, names: frozenset[str]) -> Layer:
    """The layer with some settings of another, by their names in `SETTINGS`."""
    changes: dict[str, dict[str, Any]] = {
        "direction": {"direction": like.direction},
        "activation": {"activations": like.activation_names},
        "clip": {"clip": like.clip},
        "initial": {"initial": like.initial},
    }
    chosen = {key: value for name in names for key, value in changes[name].items()}
    return replace(layer, **chosen)


def _written(clip: float | None) -> str:
    return "∞" if clip is None else f"{clip:g}"


def _same_activation(one: str, other: str) -> bool:
    (kind, mine), (other_kind, theirs) = _with_defaults(one), _with_defaults(other)
    return kind == other_kind and np.allclose(mine, theirs, rtol=1e-6, atol=0)


def _with_defaults(name: str) -> tuple[str, tuple[float, ...]]:
    kind, arguments = parse_activation(name)
    return kind, (*arguments, *ACTIVATIONS[kind][1][len(arguments) :])


def _same_start(one: Layer, other: Layer, state: str) -> bool:
    mine, theirs = (
        np.atleast_2d(layer.initial.get(state, np.zeros(layer.width(state))))
        for layer in (one, other)
    )
    if len(mine) != len(theirs) and 1 not in (len(mine), len(theirs)):
        return False
    first, second = np.broadcast_arrays(mine, theirs)
    return is_same(first, second, max(size_of(first, second), 1.0))
