"""A model for a page that no server serves: its network, and what Python knows of its picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from rnnviz.analysis.answer import Answer
from rnnviz.analysis.panels import (
    INPUTS,
    OUTPUTS,
    PROBABILITIES,
    Panels,
    main_signal_names,
    panels,
    signal_names,
)
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Signal
from rnnviz.engine.trace import Trace
from rnnviz.figures.panels import figure
from rnnviz.figures.plotly_json import to_page
from rnnviz.figures.theme import Look
from rnnviz.i18n import word
from rnnviz.network.model import Model
from rnnviz.ui.player.answer import answer_notes, answer_packet, output_name
from rnnviz.ui.player.diagram import diagram_packet
from rnnviz.ui.player.live_network import LiveView, live_packet
from rnnviz.ui.player.packet import packet_header, packet_numbers
from rnnviz.ui.player.player import player_packet
from rnnviz.ui.player.typed_text import TypedField

GROUP = "panels"


@dataclass(frozen=True)
class PageView:
    """What a page shows of a model.

    layer     whose signals are drawn.
    panels    all signals of a run, units in their order; `shown` names those that have a heatmap.
    answer    of that run, None for a model without a readout.
    examples  texts to try.
    about     a sentence on the model.
    """

    layer: int
    panels: Panels
    shown: tuple[str, ...]
    answer: Answer | None
    field: TypedField | None
    examples: tuple[str, ...]
    about: str = ""


def page_model(
    model: Model, trace: Trace, view: PageView, looks: Mapping[str, Look]
) -> tuple[dict[str, Any], Array] | None:
    """Header and numbers from which page_model.js runs the model and makes the page's packets.

    trace  a run, however short: what depends on it is replaced.
    looks  by "light" or "dark"; their language is that of the page.

    None for a network that is too large for a page.
    """
    live = LiveView(view.panels, view.layer, GROUP, True, "", view.field)
    network = live_packet(model, trace, live)
    if network is None:
        return None
    language = next(iter(looks.values())).language
    place: dict[str, Any] = {"group": GROUP, "playhead": GROUP}
    drawn = replace(view.panels, panels=_shown(view))
    first = next((one for one in view.panels.panels if not one.has_own_axis), None)
    header = {
        "picked": {"signal": first.signal.name if first else "", "unit": 0},
        "network": packet_header(network),
        "player": packet_header(
            player_packet(view.panels, name="", language=language, step=None, jump=0, **place)
        ),
        "answer": _answer(view.answer, language) if view.answer is not None else None,
        "readsNumbers": trace.sequence.encoding == "values",
        "signals": {s.name: _bounds(s) for s in _signals(trace, view.layer)},
        "glue": " " if view.field is not None and view.field.kind == "words" else "",
        "looks": {
            name: {
                "figure": _figure(drawn, look),
                "diagram": _diagram(model, trace, view, look),
            }
            for name, look in looks.items()
        },
        "examples": view.examples,
        "about": view.about,
    }
    return header, packet_numbers(network)


def layer_panels(trace: Trace, layer: int = 0) -> tuple[Panels, tuple[str, ...]]:
    """All signals of a trace's layer, and the names of those that are shown first."""
    every = panels(trace, signal_names(trace, layer), layer=layer)
    return every, main_signal_names(trace, layer)


def _shown(view: PageView) -> tuple[Any, ...]:
    by_name = {panel.signal.name: panel for panel in view.panels.panels}
    return tuple(by_name[name] for name in view.shown)


def _signals(trace: Trace, layer: int) -> tuple[Signal, ...]:
    return (INPUTS, PROBABILITIES, OUTPUTS, *trace.layers[layer].cell.signals)


def _bounds(signal: Signal) -> dict[str, Any]:
    low, high = (end if isfinite(end) else None for end in (signal.low, signal.high))
    return {"kind": signal.kind, "low": low, "high": high}


def _answer(view: Answer, language: str) -> dict[str, Any]:
    notes = answer_notes(replace(view, truth=view.truth * float("nan")), language)
    packet = answer_packet(view, playhead=GROUP, language=language, notes=notes)
    header = packet_header(packet)
    if view.is_trained and view.kind == "next":
        count = len(view.names)
        header["words"]["perplexity"] = word(
            "answer.note.perplexity", language, value="{value}", count=count
        )
    return header | {"names": [output_name(view, i) for i in range(len(view.names))]}


def _figure(drawn: Panels, look: Look) -> dict[str, Any]:
    """Plotly's JSON without the numbers of the run."""
    plain = to_page(figure(drawn, look)).to_dict()
    traces = [{k: v for k, v in one.items() if k not in _OF_A_RUN} for one in plain["data"]]
    layout = {name: part for name, part in plain["layout"].items() if name != "datarevision"}
    return {"data": traces, "layout": layout, "paper": look.colour("paper")}


_OF_A_RUN = ("x", "z", "zmin", "zmax", "text", "hovertext", "customdata")


def _diagram(model: Model, trace: Trace, view: PageView, look: Look) -> dict[str, Any] | None:
    packet = diagram_packet(
        trace,
        view.panels,
        name="",
        group=GROUP,
        playhead=GROUP,
        layer=view.layer,
        activations=model.layers[view.layer].activations,
        language=look.language,
        dark=look.dark,
        can_hold=True,
    )
    return None if packet is None else packet_header(packet)
