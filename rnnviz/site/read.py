"""The Read page of the static edition: one page a language, and a script for every model."""

from __future__ import annotations

import base64
import string
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from rnnviz.analysis.answer import answer
from rnnviz.cells import CELLS
from rnnviz.core.arrays import Array
from rnnviz.engine.api import trace
from rnnviz.figures.theme import Look
from rnnviz.i18n import word
from rnnviz.inputs.parse import parse
from rnnviz.network.model import Model
from rnnviz.network.random_model import random_model
from rnnviz.site.files import Files
from rnnviz.site.page import READ, SitePage, page_bytes
from rnnviz.train.presets import Preset, presets
from rnnviz.ui.player.packet import script_json
from rnnviz.ui.player.page_model import PageView, layer_panels, page_model
from rnnviz.ui.player.read_page import page_script, page_words, read_page_css, read_page_html
from rnnviz.ui.player.typed_text import TypedField

# In the order of the list; the first is what the page opens with.
_FIRST = ("languages_gru", "brackets_lstm", "next_character_lstm", "next_character_gru")
# Of networks with random weights; letters that they do not know are left out.
_LETTERS, _UNITS, _TEXTS = f"{string.ascii_lowercase} .", 16, ("the cat sat on the mat.", "hello")


@dataclass(frozen=True)
class PageNetwork:
    """A network of the page's list.

    key       of its files.
    examples  inputs to try, as they are typed.
    task      that it learned, "" for random weights.
    """

    key: str
    model: Model
    examples: tuple[str, ...]
    task: str = ""
    card: Preset | None = None

    @property
    def is_trained(self) -> bool:
        """False for random weights."""
        return self.card is not None

    def title(self, language: str) -> str:
        """What it does, or its cell and size."""
        if self.card is not None:
            return word(f"does.{self.card.name}", language)
        layer = self.model.layers[0]
        size = word("model.size", language, units=layer.n_units)
        return f"{word(f'cell.{layer.cell_name}', language)} · {size}"

    def about(self, language: str) -> str:
        """A sentence on what it does or that it has learned nothing."""
        if self.card is not None:
            return self.card.about[language]
        return word("untrained", language)


@cache
def page_networks() -> tuple[PageNetwork, ...]:
    """Every network of the page: those trained here, then each cell with random weights."""
    trained = sorted(presets(), key=lambda one: (one.name not in _FIRST, _place(one.name)))
    return (*map(_trained, trained), *map(_untrained, CELLS))


def _place(name: str) -> int:
    return _FIRST.index(name) if name in _FIRST else 0


def _trained(card: Preset) -> PageNetwork:
    return PageNetwork(card.name, card.model(), tuple(map(_typed, card.examples)), card.task, card)


def _untrained(cell: str) -> PageNetwork:
    model = random_model(cell, n_inputs=len(_LETTERS), n_units=_UNITS).with_vocabulary(_LETTERS)
    return PageNetwork(f"untrained_{cell}", model, _TEXTS)


def _typed(example: Any) -> str:
    """An example as it is typed: a text, or numbers whose steps stand between semicolons."""
    if "text" in example:
        return str(example["text"])
    return "; ".join(" ".join(f"{number:g}" for number in step) for step in example["numbers"])


def read_files(languages: Sequence[str]) -> Files:
    """Files of the Read page: its pages, its script and style, and those of its networks."""
    made: dict[str, bytes] = {
        "shared/read.js": page_script().encode(),
        "shared/read.css": read_page_css().encode(),
    }
    for language in languages:
        made[f"{language}/{READ}"] = page_bytes(_page(language), languages)
        for network in page_networks():
            header, numbers = _parts(network, language)
            made[f"shared/models/{network.key}.js"] = _registered(network.key, "numbers", numbers)
            path = f"{language}/models/{network.key}.js"
            made[path] = f'rnnviz.add("{network.key}", "header", {script_json(header)});'.encode()
    return made


def _registered(key: str, part: str, numbers: Array) -> bytes:
    text = base64.b64encode(numbers.astype("<f8").tobytes()).decode()
    return f'rnnviz.add("{key}", "{part}", "{text}");'.encode()


def _parts(network: PageNetwork, language: str) -> tuple[dict[str, Any], Array]:
    model = network.model
    is_text = model.vocabulary is not None
    sample = network.examples[0]
    read = parse(sample, kind="characters" if is_text else "numbers")
    run = trace(model, read)
    every, shown = layer_panels(run)
    field = TypedField("", sample, read, "characters") if is_text else None
    view = PageView(
        0,
        every,
        shown,
        answer(run, network.task),
        field,
        network.examples,
        network.about(language),
    )
    looks = {name: Look(language, dark=name == "dark") for name in ("light", "dark")}
    made = page_model(model, run, view, looks)
    assert made is not None
    return made


def _page(language: str) -> SitePage:
    listed = [
        {"key": one.key, "title": one.title(language), "group": _group(one, language)}
        for one in page_networks()
    ]
    start = f"rnnviz.openSite({script_json({'models': listed, 'words': page_words(language)})});"
    scripts = f'<script src="../shared/read.js"></script>\n<script>{start}</script>'
    return SitePage(
        READ,
        language,
        word("site.read", language),
        f"{read_page_html()}\n{scripts}",
        entry="read",
        head='<link rel="stylesheet" href="../shared/read.css">'
        '<script src="../shared/plotly.min.js"></script>',
    )


def _group(network: PageNetwork, language: str) -> str:
    return word(f"model.group.{'trained' if network.is_trained else 'untrained'}", language)
