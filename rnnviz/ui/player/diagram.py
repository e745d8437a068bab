"""Live cell diagram: the cell's drawing with the values of the player's step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import floor, log10
from typing import Any

import numpy as np

from rnnviz.analysis.gradient_view import gradient_panels, node_gradients
from rnnviz.analysis.panels import Panels, panels
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Signal
from rnnviz.diagrams.layout import cell_drawing
from rnnviz.diagrams.reading import what_is_read
from rnnviz.diagrams.style import colour_scale, drawing_json
from rnnviz.engine.gradients import Gradients
from rnnviz.engine.trace import LayerTrace, Trace
from rnnviz.figures.theme import colorscale, diverging_scale
from rnnviz.formatting import superscript
from rnnviz.i18n import word
from rnnviz.interventions.types import Clamp, Silence
from rnnviz.ui.player.component import component
from rnnviz.ui.player.packet import pack

_WORDS = (
    *("title", "unit", "strips", "bins", "few", "alt", "saved", "above", "below"),
    *("hold", "this_unit", "all_units", "from_here", "all_steps", "held", "release"),
)
_UNBOUNDED = 3.0


def diagram(
    trace: Trace,
    view: Panels,
    *,
    key: str,
    group: str,
    playhead: str = "",
    on_hold: Callable[[], None] | None = None,
    **options: Any,
) -> None:
    """Diagram that follows the player of the group; nothing for a cell without a drawing.

    on_hold  called for a gate that was dragged or let go: `st.session_state[key]["hold"]` has its
             `gate`, its `value` or None to let go, the `step` and the `unit` of the cursor, and
             whether `all_units` and `all_steps` are meant. Without it no gate can be dragged.

    `options` are those of `diagram_packet`.
    """
    options["can_hold"] = on_hold is not None
    packet = diagram_packet(trace, view, group=group, playhead=playhead or group, **options)
    if packet is not None:
        listens = {"on_hold_change": on_hold} if on_hold else {}
        component("diagram")(data=packet, key=key, **listens)


def diagram_packet(
    trace: Trace,
    view: Panels,
    *,
    name: str,
    group: str,
    playhead: str,
    layer: int,
    row: int = 0,
    language: str = "en",
    dark: bool = False,
    activations: Mapping[str, str] | None = None,
    can_hold: bool = False,
    gradients: Gradients | None = None,
) -> bytes | None:
    """Drawing of a layer's cell, units in the view's order; None for a cell without a drawing,
    or one in whose drawing no gradients can stand.

    name         of the trace, whose values the player has sent.
    activations  by gate, where the layer's differ from its cell's.
    can_hold     whether a gate can be dragged to a value and held there.
    gradients    of a loss, shown at every place instead of the values.

    Besides the drawing it has the states that the trace does not: those before the first step and
    those that interventions set before a step. The browser computes the intermediate values.
    """
    traced = trace.layers[layer]
    cell, drawn = traced.cell, cell_drawing(traced.cell_name)
    at = {} if gradients is None else node_gradients(trace, gradients, layer=layer, row=row)
    if drawn is None or (gradients is not None and not at):
        return None
    units = _units(view, traced.n_units)
    header = {
        "group": group,
        "playhead": playhead,
        "trace": name,
        "tokens": view.tokens,
        "first": view.start,
        "whole": view.whole,
        "units": units,
        "count": traced.n_units,
        "reads": what_is_read(trace, layer, row, language),
        "quoted": "" if traced.level else word("diagram.quoted", language, token="{token}"),
        "gates": {gate.name: _reach(cell.signal(gate.name)) for gate in cell.gates},
        "held": _held(trace, layer, row),
        "canHold": can_hold,
        "apart": _apart(traced),
        "initial": {s: _initial(traced, s, row, units) for s in cell.states},
        "started": {s: _started(traced, s, row, units) for s in traced.started},
        "silenced": any(isinstance(one, Silence) for one in trace.interventions),
        "backward": traced.direction == "backward",
        "scales": _scales(trace, layer, row, dark),
        "words": _words(trace, layer, language),
        **drawing_json(cell, drawn, language=language, dark=dark, activations=activations),
    }
    if gradients is not None:
        limit = gradient_panels(trace, gradients, layer=layer, row=row).panels[0].high
        header |= _backward(at, limit, header, language=language, dark=dark)
    return pack(header)


def _backward(
    at: Mapping[str, Array], limit: float, header: Mapping[str, Any], *, language: str, dark: bool
) -> dict[str, Any]:
    """What changes in a header for a drawing of gradients (time, unit) by node."""
    # Numbers of a few signs, however small gradients are; the title says by what they are divided.
    power = floor(log10(limit))
    unit, reach = 10.0**power, limit / 10.0**power
    stops = colorscale(diverging_scale(dark))
    title = word("diagram.gradients", language, unit=f"10{superscript(power)}")
    return {
        "given": {node: (array[:, header["units"]] / unit).tolist() for node, array in at.items()},
        "limit": reach,
        "scales": {n: {"low": -reach, "high": reach, "stops": stops} for n in header["scales"]},
        # What a gate keeps, writes or shows is no gradient.
        "labels": [label for label in header["labels"] if label["role"] != "phrase"],
        "words": header["words"] | {"title": title},
    }


def _units(view: Panels, n_units: int) -> list[int]:
    """Units shown, in their order; all units when no panel shows units."""
    shown = next((panel.units for panel in view.panels if not panel.has_own_axis), None)
    return list(range(n_units)) if shown is None else list(map(int, shown))


def _reach(signal: Signal) -> list[float]:
    """Ends of the values that a gate can be dragged to."""
    return [max(signal.low, -_UNBOUNDED), min(signal.high, _UNBOUNDED)]


def _held(trace: Trace, layer: int, row: int) -> list[dict[str, Any]]:
    """The layer's clamps, in the order in which they act; `units` None is all of them."""
    return [
        {"gate": one.gate, "units": one.units, "start": one.start or 0, "stop": one.stop}
        for one in trace.interventions
        if isinstance(one, Clamp) and one.layer == layer and one.row in (None, row)
    ]


def _apart(traced: LayerTrace) -> dict[str, int]:
    """Sizes of the signals that have another axis than the units."""
    apart = (s.name for s in traced.cell.signals if s.axis != "unit")
    return {name: traced.signals[name].shape[2] for name in apart}


def _initial(traced: LayerTrace, state: str, row: int, units: list[int]) -> list[float]:
    return _shown(traced, state, traced.initial[state][row], units)


def _started(traced: LayerTrace, state: str, row: int, units: list[int]) -> dict[int, list[float]]:
    """States before a step, by step, where they are not those that the last step left."""
    now = traced.started[state][:, row]
    left = replace(traced, started={}).state_before(state)[:, row]
    changed = np.nonzero((now != left).any(axis=1) & ~np.isnan(now).any(axis=1))[0]
    return {int(t): _shown(traced, state, now[t], units) for t in changed}


def _shown(traced: LayerTrace, state: str, whole: Array, units: list[int]) -> list[float]:
    shown = whole[units] if traced.cell.signal(state).axis == "unit" else whole
    return list(map(float, shown))


def _scales(trace: Trace, layer: int, row: int, dark: bool) -> dict[str, Any]:
    every = panels(trace, trace.layers[layer].signals, layer=layer, row=row).panels
    return {panel.signal.name: colour_scale(panel, dark) for panel in every}


def _words(trace: Trace, layer: int, language: str) -> dict[str, str]:
    said = {name: word(f"diagram.{name}", language) for name in _WORDS}
    return said | {"cell": word(f"cell.{trace.layers[layer].cell_name}", language)}
