"""The player's page for a notebook's frame: heatmaps, stepping, live cell, arithmetic."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from string import Template
from typing import Any

from rnnviz.analysis.answer import answer
from rnnviz.core.arrays import Array
from rnnviz.engine.trace import Trace
from rnnviz.figures.panels import figure
from rnnviz.figures.plotly_json import to_page
from rnnviz.figures.theme import Look
from rnnviz.i18n import word
from rnnviz.ui.player.packet import pack, packet_header, script_json
from rnnviz.ui.player.page_model import (
    GROUP,
    PageView,
    heatmap_panels,
    layer_panels,
    page_drawing,
    page_model,
)
from rnnviz.ui.player.player import player_packet
from rnnviz.ui.player.read_page import page_script, page_words, read_page_css, read_page_html
from rnnviz.ui.player.standalone_page import given_picture, page_font, page_variables

# Where Plotly's script is put by whoever shows the page.
PLOTLY = "/* Plotly */"


@dataclass(frozen=True, eq=False)
class Shown:
    """What a frame shows: a layer of the trace of one row.

    dark     None for the ground of the notebook.
    start    the number (from 0) of its first step in the trace that the user has.
    step     at which it stands at first, counted from `start`.
    header   and
    numbers  as the page's script reads them; no numbers where it does not get the network.
    """

    trace: Trace
    layer: int
    view: PageView
    language: str
    dark: bool | None
    start: int
    step: int
    header: Mapping[str, Any]
    numbers: Array | None

    @property
    def computes(self) -> bool:
        """Whether the page has the network, and tells by itself how a number was made."""
        return self.numbers is not None

    @property
    def picked(self) -> Mapping[str, Any]:
        """Signal and unit that are picked at first."""
        picked: Mapping[str, Any] = self.header["picked"]
        return picked


def shown_trace(
    trace: Trace, layer: int, *, language: str, dark: bool | None, start: int, step: int
) -> Shown:
    """What a frame shows of a trace of one row; its options are those of `Shown`.

    A network that is known, and small enough, goes with it; of any other trace the page has the
    numbers.
    """
    every, shown = layer_panels(trace, layer)
    about = "" if trace.is_trained else word("untrained", language)
    view = PageView(layer, every, shown, answer(trace), None, (), about)
    player = {"group": GROUP, "playhead": GROUP, "name": "", "jump": 0, "step": trace.start + step}
    made = _with_network(trace, view, language, dark, player)
    header, numbers = made or (_with_numbers(trace, view, Look(language, bool(dark)), player), None)
    return Shown(trace, layer, view, language, dark, start, step, header, numbers)


def _with_network(
    trace: Trace, view: PageView, language: str, dark: bool | None, player: Mapping[str, Any]
) -> tuple[dict[str, Any], Array] | None:
    if trace.model is None or trace.whole > trace.sequence.n_steps:
        return None
    grounds = {"light": False, "dark": True} if dark is None else {"": dark}
    looks = {name: Look(language, is_dark) for name, is_dark in grounds.items()}
    made = page_model(trace.model, trace, view, looks)
    if made is None:
        return None
    header, numbers = made
    placed = pack(packet_header(player_packet(view.panels, language=language, **player)))
    given = {"figure": None, "player": base64.b64encode(placed).decode()}
    return header | {"given": given}, numbers


def _with_numbers(
    trace: Trace, view: PageView, look: Look, player: Mapping[str, Any]
) -> dict[str, Any]:
    drawn = to_page(figure(heatmap_panels(view), look, is_quantised=True))
    packet = player_packet(view.panels, language=look.language, **player)
    drawing = page_drawing(trace, view.panels, view.layer, trace.model, look)
    first = next((one for one in view.panels.panels if not one.has_own_axis), None)
    return {
        "given": given_picture(drawn, packet, drawing),
        "examples": (),
        "about": view.about,
        "picked": {"signal": first.signal.name if first else "", "unit": 0},
    }


def frame_page(shown: Shown) -> str:
    """HTML of the page, with `PLOTLY` in the place of Plotly's script."""
    numbers = "" if shown.numbers is None else _base64(shown.numbers.astype("<f8").tobytes())
    return Template(notebook_text("frame.html")).substitute(
        lang=shown.language,
        title=word("notebook.frame", shown.language),
        light=page_variables(False),
        dark_variables=page_variables(True),
        font=page_font(shown.language),
        css=read_page_css() + notebook_text("frame.css"),
        body=read_page_html(),
        plotly=PLOTLY,
        script=compact(page_script()),
        frame=compact(notebook_text("frame.js")),
        given=script_json(
            {
                "header": shown.header,
                "numbers": numbers,
                "words": page_words(shown.language),
                "dark": _ground(shown),
                "first": shown.start,
            }
        ),
    )


def _ground(shown: Shown) -> bool | None:
    """Dark or light, None where the page may look at the notebook's ground."""
    return shown.dark if shown.dark is not None or shown.computes else False


def compact(script: str) -> str:
    """A script of this project without its comments and indentation.

    Its comments stand on lines of their own, and none of its strings is of several lines.
    """
    lines = (line.strip() for line in script.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def notebook_text(name: str) -> str:
    """Text of a file in this folder."""
    return files(__package__).joinpath(name).read_text("utf-8")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
