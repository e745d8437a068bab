"""The Read page of the static edition: one page a language, and a script for every model."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rnnviz.core.arrays import Array
from rnnviz.core.gate_order import GATE_ORDER
from rnnviz.figures.panels import figure
from rnnviz.figures.static_svg import static_svg
from rnnviz.figures.theme import Look
from rnnviz.i18n import word
from rnnviz.site.files import Files
from rnnviz.site.networks import PageNetwork, first_view, network_parts, page_networks
from rnnviz.site.page import FRONT, READ, SitePage, page_bytes
from rnnviz.site.readings import READINGS, reading_parts
from rnnviz.train.tasks import TASKS
from rnnviz.ui.player.packet import script_json
from rnnviz.ui.player.page_model import heatmap_panels
from rnnviz.ui.player.read_page import page_script, page_words, read_page_css, read_page_html

# Cells whose weights the page itself opens, as torch.nn names them.
_OPENED = ("rnn", "lstm", "gru_reset_after")


def read_files(languages: Sequence[str]) -> Files:
    """Files of the Read page: its pages, its script and style, and those of its networks."""
    made: dict[str, bytes] = {
        "shared/read.js": page_script().encode(),
        "shared/read.css": read_page_css().encode(),
    }
    for language in languages:
        made[f"{language}/{READ}"] = page_bytes(_page(language), languages)
        for name, dark in _POSTERS.items():
            made[f"{language}/{name}"] = _poster(page_networks()[0], Look(language, dark))
        for network in page_networks():
            header, numbers = network_parts(network, language)
            made[f"shared/models/{network.key}.js"] = _numbers_script(network, numbers)
            made |= _header_file(network.key, header, language)
        for name in READINGS:
            made |= _header_file(f"reads_{name}", reading_parts(name, language), language)
    return made


def _header_file(key: str, header: Mapping[str, Any], language: str) -> Files:
    said = f'rnnviz.add("{key}", "header", {script_json(header)});'
    return {f"{language}/models/{key}.js": said.encode()}


def _numbers_script(network: PageNetwork, numbers: Array) -> bytes:
    """Script with how the numbers of a network were drawn and, of a trained one, those it has."""
    parts: dict[str, Any] = {"drawn": network.drawn | {"size": numbers.size}}
    if network.is_trained:
        parts["numbers"] = _as_texts(numbers)
        parts["moments"] = [[step, _as_texts(made)] for step, made in _moments(network)]
    said = (
        f'rnnviz.add("{network.key}", "{name}", {script_json(one)});' for name, one in parts.items()
    )
    return "\n".join(said).encode()


def _moments(network: PageNetwork) -> Iterator[tuple[int, Array]]:
    """Numbers of a network at the kept moments of its training, the first and the last left out."""
    for moment in network.card.snapshots()[1:-1] if network.card else ():
        yield moment.step, network_parts(replace(network, model=moment.model), "en")[1]


def _as_texts(numbers: Array) -> list[str]:
    """Numbers in base64: where each is the sum of two float32, as two arrays of those.

    Weights learned in float32 leave nothing but zeros for the second, which take no room.
    """
    first = numbers.astype("<f4")
    second = (numbers - first).astype("<f4")
    is_sum = (first.astype(float) + second == numbers).all()
    arrays = (first, second) if is_sum else (numbers.astype("<f8"),)
    return [base64.b64encode(array.tobytes()).decode() for array in arrays]


def _page(language: str) -> SitePage:
    listed = [
        {
            "key": one.key,
            "title": one.title(language),
            "group": _group(one, language),
            "reads": one.reads,
        }
        for one in page_networks()
    ]
    gates = {cell: GATE_ORDER["torch"][cell] for cell in _OPENED}
    own = {"gates": gates, "tasks": [*TASKS]}
    given = script_json({"models": listed, "words": page_words(language), "own": own})
    missing = script_json(word("site.incomplete", language))
    start = (
        'addEventListener("DOMContentLoaded", () => {'
        'if (typeof rnnviz === "object" && typeof Plotly === "object")'
        f" return rnnviz.openSite({given});"
        f"document.querySelector('[data-place=notice]').textContent = {missing};"
        "});"
    )
    chart = '<div data-place="chart">'
    return SitePage(
        READ,
        language,
        word("site.read", language),
        f"{read_page_html().replace(chart, chart + _POSTER)}\n{_server_line(language)}"
        f"\n<script>{start}</script>",
        entry="read",
        head='<link rel="stylesheet" href="../shared/read.css">'
        '<script defer src="../shared/plotly.min.js"></script>'
        '<script defer src="../shared/read.js"></script>',
    )


# Pictures that are seen until Plotly is loaded.
_POSTERS = {"read.svg": False, "read-dark.svg": True}
_POSTER = (
    '<picture><source srcset="read-dark.svg" media="(prefers-color-scheme: dark)">'
    '<img src="read.svg" alt="" style="width: 100%"></picture>'
)


def _poster(network: PageNetwork, look: Look) -> bytes:
    """The heatmaps of a network on its first example."""
    _, view = first_view(network, look.language)
    return static_svg(figure(heatmap_panels(view), look), width=860).encode()


def _server_line(language: str) -> str:
    return f'<p><a href="{FRONT}#server">{word("site.server", language)}</a></p>'


def _group(network: PageNetwork, language: str) -> str:
    return word(f"model.group.{'trained' if network.is_trained else 'untrained'}", language)
