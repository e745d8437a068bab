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
from rnnviz.figures.theme import Look, colorscale, diverging_scale
from rnnviz.i18n import word
from rnnviz.network.model import Model
from rnnviz.ui.player.answer import answer_notes, answer_packet, output_name
from rnnviz.ui.player.diagram import diagram_packet
from rnnviz.ui.player.heatmap_legend import heatmap_legend
from rnnviz.ui.player.live_network import LiveView, live_packet
from rnnviz.ui.player.packet import packet_header, packet_numbers
from rnnviz.ui.player.page_arithmetic import arithmetic_spec, cell_spec
from rnnviz.ui.player.player import player_packet
from rnnviz.ui.player.text_axis import FEWEST_LETTERS, MOST_TOKENS, text_axis_packet
from rnnviz.ui.player.typed_text import TypedField

GROUP = "panels"


@dataclass(frozen=True)
class PageView:
    """View of a model on a page.

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
    header = {
        "network": packet_header(network),
        "arithmetic": arithmetic_spec(model, trace, view.layer, language),
        "looks": {name: _ground_entries(model, trace, view, look) for name, look in looks.items()},
        **_input_entries(trace, view, language),
        **_word_entries(view, language),
    }
    return header, packet_numbers(network)


def _input_entries(trace: Trace, view: PageView, language: str) -> dict[str, Any]:
    """Header entries on reading inputs, and on every signal."""
    encoding, field = trace.sequence.encoding, view.field
    return {
        "tokens": trace.sequence.tokens[0],
        "glue": " " if field is not None and field.kind == "words" else "",
        "coloured": {"fewest": FEWEST_LETTERS, "most": MOST_TOKENS},
        "readsNumbers": encoding == "values",
        "heldWord": word("hint.held", language),
        "manyNumbers": word("diagram.numbers", language),
        "signals": {one.name: _bounds(one) for one in _signals(trace, view.layer)},
        "cell": cell_spec(trace.layers[view.layer].cell),
        "examples": view.examples,
    }


def _word_entries(view: PageView, language: str) -> dict[str, Any]:
    """Header entries of words, and of parts that look alike on every ground."""
    place: dict[str, Any] = {"group": GROUP, "playhead": GROUP, "name": "", "language": language}
    first = next((one for one in view.panels.panels if not one.has_own_axis), None)
    return {
        "player": packet_header(player_packet(view.panels, step=None, jump=0, **place)),
        "answer": _answer(view.answer, language) if view.answer is not None else None,
        "sentences": _sentences(language),
        "about": view.about,
        "picked": {"signal": first.signal.name if first else "", "unit": 0},
    }


def _ground_entries(model: Model, trace: Trace, view: PageView, look: Look) -> dict[str, Any]:
    """Header entries of the drawings on one ground, light or dark."""
    return {
        "figure": page_figure(view, look),
        "legend": heatmap_legend(heatmap_panels(view), look, has_cut=True),
        "diagram": _diagram(model, trace, view, look),
        "text": _text(trace, view, look),
        "difference": colorscale(diverging_scale(look.dark)),
        "inks": {one.signal.name: look.colour(one.signal.name) for one in view.panels.panels},
    }


def layer_panels(trace: Trace, layer: int = 0) -> tuple[Panels, tuple[str, ...]]:
    """All signals of a trace's layer, and the names of those that are shown first."""
    every = panels(trace, signal_names(trace, layer), layer=layer)
    return every, main_signal_names(trace, layer)


def _sentences(language: str) -> dict[str, str]:
    """Words of the sentences of a step, with their gaps."""
    words = {name: word(f"sentence.{name}", language) for name in _SENTENCES}
    around = {"percent": "answer.percent", "names": "list.names"}
    return words | {name: word(key, language) for name, key in around.items()}


_SENTENCES = (
    *("above", "alone", "answer", "empty", "expects", "forgets", "forgets_all", "goes", "held"),
    *("keeps", "keeps_all", "most", "moves", "multiplies", "numbers", "pick", "reads"),
    *("reads_back", "region", "says", "set", "silenced", "stays", "step", "still", "token"),
    *("turns", "unit", "values"),
)


def heatmap_panels(view: PageView) -> Panels:
    """The panels that have a heatmap, in their order."""
    by_name = {panel.signal.name: panel for panel in view.panels.panels}
    return replace(view.panels, panels=tuple(by_name[name] for name in view.shown))


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
    facts = {"isTrained": view.is_trained, "readsAhead": view.reads_ahead}
    return header | facts | {"names": [output_name(view, i) for i in range(len(view.names))]}


def page_figure(view: PageView, look: Look) -> dict[str, Any]:
    """Plotly's JSON without the numbers of the run."""
    plain = to_page(figure(heatmap_panels(view), look)).to_dict()
    traces = [{k: v for k, v in one.items() if k not in _OF_A_RUN} for one in plain["data"]]
    layout = {name: part for name, part in plain["layout"].items() if name != "datarevision"}
    return {"data": traces, "layout": layout, "paper": look.colour("paper")}


_OF_A_RUN = ("x", "z", "zmin", "zmax", "text", "hovertext", "customdata")


def _text(trace: Trace, view: PageView, look: Look) -> dict[str, Any]:
    tokens = trace.sequence.tokens[0]
    place = {"group": GROUP, "playhead": GROUP, "language": look.language}
    return packet_header(text_axis_packet(view.panels, tokens, dark=look.dark, **place))


def _diagram(model: Model, trace: Trace, view: PageView, look: Look) -> dict[str, Any] | None:
    packet = page_drawing(trace, view.panels, view.layer, model, look, can_hold=True)
    return None if packet is None else packet_header(packet)


def page_drawing(
    trace: Trace,
    panels: Panels,
    layer: int,
    model: Model | None,
    look: Look,
    *,
    can_hold: bool = False,
) -> bytes | None:
    """Live cell of a layer for a page of its own; None for a cell without a drawing.

    model  whose activations are drawn; without one they are the cell's.
    """
    return diagram_packet(
        trace,
        panels,
        name="",
        group=GROUP,
        playhead=GROUP,
        layer=layer,
        activations=None if model is None else model.layers[layer].activations,
        language=look.language,
        dark=look.dark,
        can_hold=can_hold,
    )
