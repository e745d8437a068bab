"""The Read page of the static edition: one page a language, and a script for every model."""

from __future__ import annotations

import base64
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from rnnviz.analysis.answer import Answer, answer
from rnnviz.cells import CELLS
from rnnviz.core.arrays import Array
from rnnviz.core.gate_order import GATE_ORDER
from rnnviz.engine.api import trace
from rnnviz.engine.trace import Trace
from rnnviz.figures.panels import figure
from rnnviz.figures.static_svg import static_svg
from rnnviz.figures.theme import Look
from rnnviz.i18n import word
from rnnviz.inputs.parse import parse
from rnnviz.network.model import Model
from rnnviz.network.random_model import random_model
from rnnviz.site.files import Files
from rnnviz.site.page import FRONT, READ, SitePage, page_bytes
from rnnviz.train.presets import Preset, general_presets
from rnnviz.train.tasks import TASKS
from rnnviz.ui.named_rows import with_named_outputs, with_named_rows
from rnnviz.ui.player.drawn_weights import drawn_spec
from rnnviz.ui.player.packet import script_json
from rnnviz.ui.player.page_model import PageView, heatmap_panels, layer_panels, page_model
from rnnviz.ui.player.read_page import page_script, page_words, read_page_css, read_page_html
from rnnviz.ui.player.typed_text import TypedField

# Cells whose weights the page itself opens, as torch.nn names them.
_OPENED = ("rnn", "lstm", "gru_reset_after")
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

    @property
    def drawn(self) -> dict[str, Any]:
        """What the page draws the untrained network from, and how long it then learned."""
        if self.card is None:
            return drawn_spec(self.model, 0, "pytorch")
        learned = {"steps": self.card.steps}
        return drawn_spec(self.model, self.card.seed, self.card.config.initialisation) | learned

    def title(self, language: str) -> str:
        """Words for the list: the task of a trained network, or the cell."""
        if self.card is not None:
            return word(f"does.{self.card.name}", language)
        return word(f"cell.{self.model.layers[0].cell_name}", language)

    @property
    def reads(self) -> str:
        """What it reads: networks that read the same can be compared."""
        return "text" if self.model.vocabulary is not None else f"{self.model.n_inputs} numbers"

    def answer_to(self, run: Trace, language: str) -> Answer | None:
        """Answers of the network in a run; None for random weights without a readout."""
        told = answer(run, self.task)
        return None if told is None else with_named_outputs(told, language)

    def about(self, language: str) -> str:
        """A sentence on what it does or that it has learned nothing."""
        if self.card is not None:
            return self.card.about[language]
        return word("untrained", language)


@cache
def page_networks() -> tuple[PageNetwork, ...]:
    """Every network of the page: those trained here, then each cell with random weights.

    Those made for a finding are left to the app, which runs the findings.
    """
    return (*map(_trained, general_presets()), *map(_untrained, CELLS))


@cache
def own_networks() -> tuple[PageNetwork, ...]:
    """A network of each cell that a file opened in the page may have, for its look."""
    return tuple(map(_own, _OPENED))


def _own(cell: str) -> PageNetwork:
    model = random_model(cell, n_inputs=1, n_units=_UNITS, n_outputs=0)
    return PageNetwork(f"own_{cell}", replace(model, is_trained=True), ("0.5; -0.5;",))


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
        for name, dark in _POSTERS.items():
            made[f"{language}/{name}"] = _poster(page_networks()[0], Look(language, dark))
        for network in (*page_networks(), *own_networks()):
            header, numbers = network_parts(network, language)
            made[f"shared/models/{network.key}.js"] = _numbers_script(network, numbers)
            path = f"{language}/models/{network.key}.js"
            made[path] = f'rnnviz.add("{network.key}", "header", {script_json(header)});'.encode()
    return made


def _numbers_script(network: PageNetwork, numbers: Array) -> bytes:
    """Script with the numbers of a network, how they were drawn, and its moments of training."""
    parts = {
        "numbers": _as_texts(numbers),
        "drawn": network.drawn,
        "moments": [[step, _as_texts(made)] for step, made in _moments(network)],
    }
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


def network_parts(network: PageNetwork, language: str) -> tuple[dict[str, Any], Array]:
    """Header and numbers of a network for the page's script, as `page_model` makes them."""
    run, view = _first_view(network, language)
    looks = {name: Look(language, dark=name == "dark") for name in ("light", "dark")}
    made = page_model(network.model, run, view, looks)
    assert made is not None
    return made


def _first_view(network: PageNetwork, language: str) -> tuple[Trace, PageView]:
    """A network's run on its first example, and what the page shows of it."""
    sample, is_text = network.examples[0], network.model.vocabulary is not None
    read = parse(sample, kind="characters" if is_text else "numbers")
    if network.task in TASKS and not is_text:
        read = replace(read, features=TASKS[network.task].features)
    run = trace(network.model, read)
    told = network.answer_to(run, language)
    every, shown = layer_panels(run)
    named = with_named_rows(every, told, language)
    field = TypedField("", sample, read, "characters") if is_text else None
    return run, PageView(0, named, shown, told, field, network.examples, network.about(language))


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
    given = script_json({"models": listed, "words": page_words(language), "gates": gates})
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
    _, view = _first_view(network, look.language)
    return static_svg(figure(heatmap_panels(view), look), width=860).encode()


def _server_line(language: str) -> str:
    return f'<p><a href="{FRONT}#server">{word("site.server", language)}</a></p>'


def _group(network: PageNetwork, language: str) -> str:
    return word(f"model.group.{'trained' if network.is_trained else 'untrained'}", language)
