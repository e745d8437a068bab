"""Fit of two layers: what differs in weights and settings, and both layers with that undone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import permutations, product

import numpy as np

from rnnviz.core.gate_order import GATE_ORDER
from rnnviz.doctor.findings import Finding
from rnnviz.doctor.parts import ByGate, Parts, as_cell, layer_parts, shared_cell, weights_of
from rnnviz.doctor.role_fit import Moves, RoleFit, role_fits
from rnnviz.doctor.settings import setting_findings
from rnnviz.network.layer import Layer

_ROLES = ("x", "h", "p", "b", "")
_Fits = Mapping[str, Mapping[Moves, RoleFit]]


@dataclass(frozen=True, eq=False)
class LayerPair:
    """Two layers of one cell whose weights are the same once the findings are undone.

    Their settings are as they were.
    """

    findings: tuple[Finding, ...]
    one: Layer
    other: Layer


def fit_layers(one: Layer, other: Layer) -> LayerPair | None:
    """The fit of two layers; None where no known cause explains all that differs."""
    cell = shared_cell(one.cell_name, other.cell_name)
    if cell is None:
        return None
    first, second = (as_cell(layer_parts(layer), cell) for layer in (one, other))
    fits: dict[str, Mapping[Moves, RoleFit]] = {}
    for role in _ROLES:
        fits[role] = role_fits(first, second, role)
        if not fits[role]:
            return None
    chosen = _fewest(fits)
    found = {role: fits[role][moves] for role, moves in chosen.items()}
    findings = (*_of_cells(one, other), *_of_order(chosen, cell), *_of_roles(found))
    return LayerPair(
        (*findings, *setting_findings(one, other)),
        _rebuilt(one, first, {role: fit.one for role, fit in found.items()}),
        _rebuilt(other, second, {role: fit.other for role, fit in found.items()}),
    )


def float64_layer(layer: Layer) -> Layer:
    """The layer in float64, each bias that acts as a sum in one array."""
    parts = layer_parts(layer)
    return _rebuilt(layer, parts, parts.roles)


def _fewest(fits: _Fits) -> dict[str, Moves]:
    """The moves of the gates, by role, that need the fewest causes."""
    choices = (dict(zip(fits, moves, strict=True)) for moves in product(*fits.values()))
    return min(choices, key=lambda chosen: _cost(fits, chosen))


def _cost(fits: _Fits, chosen: Mapping[str, Moves]) -> int:
    found = {each for role, moves in chosen.items() for each in fits[role][moves].findings}
    # An order that several roles share counts once.
    return len(found) + 2 * len({moves for moves in chosen.values() if moves})


def _of_cells(one: Layer, other: Layer) -> Iterator[Finding]:
    if one.cell_name != other.cell_name and "gru" in (one.cell_name, other.cell_name):
        yield Finding("reset", (("before", "one" if one.cell_name == "gru" else "other"),))


def _of_order(chosen: Mapping[str, Moves], cell: str) -> Iterator[Finding]:
    """A finding for every order in which gates are not at their own place."""
    for moves in dict.fromkeys(each for each in chosen.values() if each):
        roles = " ".join(role for role, each in chosen.items() if each == moves)
        named = " ".join(f"{gate}:{place}" for gate, place in moves)
        is_whole = chosen["x"] == chosen["h"] == moves
        facts = (("moves", named), *(() if is_whole else (("roles", roles),)))
        yield Finding("gate_order", (*facts, *_mistaken(moves, cell)))


def _mistaken(moves: Moves, cell: str) -> tuple[tuple[str, str], ...]:
    """Two frameworks of which the one's order was taken for the other's, where that explains it."""
    orders = {name: cells[cell] for name, cells in GATE_ORDER.items() if cell in cells}
    for (name, mine), (other_name, theirs) in permutations(orders.items(), 2):
        taken = dict(zip(mine, theirs, strict=True))
        if {(gate, place) for gate, place in taken.items() if gate != place} == set(moves):
            return ("stored", name), ("read", other_name)
    return ()


def _of_roles(found: Mapping[str, RoleFit]) -> Iterator[Finding]:
    """Findings about weights; one that several roles share comes once."""
    by_finding: dict[Finding, list[str]] = {}
    for role, fit in found.items():
        for finding in fit.findings:
            by_finding.setdefault(finding, []).append(role)
    for finding, roles in by_finding.items():
        named = " ".join(filter(None, roles))
        yield replace(finding, facts=(*finding.facts, ("roles", named)))


def _rebuilt(layer: Layer, parts: Parts, roles: Mapping[str, ByGate]) -> Layer:
    weights = weights_of(replace(parts, roles=roles))
    initial = {name: np.asarray(state, np.float64) for name, state in layer.initial.items()}
    return replace(layer, cell_name=parts.cell_name, weights=weights, initial=initial)
