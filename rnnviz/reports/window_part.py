"""Part of a report with the player on the most telling window."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from rnnviz.analysis.unit_steps import memory_state
from rnnviz.engine.trace import Trace
from rnnviz.figures.panels import figure
from rnnviz.figures.plotly_json import plotly_script, to_page
from rnnviz.figures.profile import figure as draw_profile
from rnnviz.figures.theme import Look
from rnnviz.formatting import token_label
from rnnviz.i18n import sentences, word
from rnnviz.reports.drawing import drawing
from rnnviz.reports.markup import paragraph, quoted, said, table_number
from rnnviz.reports.subject import ReportSubject
from rnnviz.ui.named_rows import with_named_outputs, with_named_rows
from rnnviz.ui.player.packet import script_json
from rnnviz.ui.player.page_model import (
    GROUP,
    PageView,
    heatmap_panels,
    layer_panels,
    page_drawing,
    page_model,
)
from rnnviz.ui.player.player import player_packet
from rnnviz.ui.player.read_page import page_script, page_words, read_page_html
from rnnviz.ui.player.standalone_page import given_picture


def window_html(subject: ReportSubject, language: str) -> str:
    """Which window it is and why, the whole row with it framed, and the player."""
    profile, look = subject.found.profile, Look(language)
    view = _view(subject, language)
    alt = word("report.profile.alt", language)
    still = drawing(lambda: figure(heatmap_panels(view), look), word("report.still.alt", language))
    return (
        paragraph(_why(subject, language))
        + drawing(lambda: draw_profile(profile, look), alt)
        + f'<div class="stepped">{read_page_html()}</div><div class="printed">{still}</div>'
    )


def steps_html(subject: ReportSubject, language: str) -> str:
    """First and last step of the window, as HTML."""
    profile = subject.found.profile
    return said("report.steps", language, first=f"{profile.start + 1:,}", last=f"{profile.stop:,}")


def _why(subject: ReportSubject, language: str) -> str:
    found, profile = subject.found, subject.found.profile
    tokens = found.window.sequence.tokens[0]
    inside = profile.values[profile.start : profile.stop]
    reasons = [
        said(
            f"report.why.{profile.score}",
            language,
            steps=steps_html(subject, language),
            first=quoted(token_label(tokens[0])),
            last=quoted(token_label(tokens[-1])),
            layer=subject.layer(profile.layer, language),
            here=table_number(_mean(inside)),
            whole=table_number(_mean(profile.values[profile.skipped :])),
        )
    ]
    if found.sequence.n_rows > 1:
        reasons.append(said("report.why.row", language, row=str(profile.row + 1)))
    if found.predicts:
        reasons.append(said(f"report.why.{found.predicts}", language))
    if profile.skipped:
        reasons.append(said("report.why.skipped", language, n=str(profile.skipped)))
    return sentences(reasons, language)


def _mean(values: np.ndarray) -> float:
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def _view(subject: ReportSubject, language: str) -> PageView:
    found = subject.found
    every, shown = layer_panels(_alone(subject), found.profile.layer)
    told = None if found.told is None else with_named_outputs(found.told, language)
    named = with_named_rows(every, told, language)
    return PageView(found.profile.layer, named, shown, told, None, ())


def _alone(subject: ReportSubject) -> Trace:
    """The window's trace with steps counted from its own first."""
    return replace(subject.found.window, start=0, whole=0)


def player_script(subject: ReportSubject, language: str) -> str:
    """Scripts that fill the player: Plotly, the page's own, and the window."""
    header, numbers, is_dark = _header(subject, language)
    packed = base64.b64encode(numbers.astype("<f8").tobytes()).decode()
    given = script_json({"header": header, "numbers": packed})
    page = script_json(
        {"models": [{"key": "", "title": ""}], "words": page_words(language), "isDark": is_dark}
    )
    scripts = (plotly_script(), page_script(), _START % (given, page))
    return "".join(f"<script>{one}</script>\n" for one in scripts)


# A picture of Python's is drawn for a light ground.
_START = """const given = %s, page = %s;
const numbers = new Float64Array(rnnviz.bytesOf(given.numbers).buffer);
const root = document.querySelector(".read-page");
root.parentElement.classList.toggle("always-light", page.isDark === false);
new rnnviz.ReadPage(root, { ...page, load: async () => ({ ...given, numbers }) }).open("");"""


def _header(subject: ReportSubject, language: str) -> tuple[Mapping[str, Any], Any, bool | None]:
    found, view, trace = subject.found, _view(subject, language), _alone(subject)
    looks = {name: Look(language, dark=name == "dark") for name in ("light", "dark")}
    made = page_model(found.started, trace, view, looks)
    step, picked = _picked(subject)
    if made is None:
        return _picture(subject, view, step, language) | {"picked": picked}, np.zeros(0), False
    header, numbers = made
    header["player"]["step"] = step
    return header | {"picked": picked}, numbers, None


def _picked(subject: ReportSubject) -> tuple[int, dict[str, Any]]:
    """The step of the highest score in the window, and the unit whose memory it changed most."""
    found, profile = subject.found, subject.found.profile
    step = int(np.argmax(np.nan_to_num(profile.values[profile.start : profile.stop])))
    traced = found.window.layers[profile.layer]
    state = memory_state(traced.cell)
    moved = np.abs(traced.signals[state][step, 0] - traced.state_before(state)[step, 0])
    return step, {"signal": state, "unit": int(np.argmax(moved))}


def _picture(subject: ReportSubject, view: PageView, step: int, language: str) -> dict[str, Any]:
    """The window as a picture, of a network that is too large for a page."""
    found, trace = subject.found, _alone(subject)
    place: dict[str, Any] = {"group": GROUP, "playhead": GROUP, "name": "", "language": language}
    look, layer = Look(language), found.profile.layer
    drawn = to_page(figure(heatmap_panels(view), look))
    player = player_packet(view.panels, step=step, jump=0, **place)
    diagram = page_drawing(trace, view.panels, layer, found.model, look)
    return {"examples": (), "about": "", "given": given_picture(drawn, player, diagram)}
