"""Networks of the static edition: those trained here, and each cell with random weights."""

from __future__ import annotations

import string
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from rnnviz.analysis.answer import Answer, answer
from rnnviz.cells import CELLS
from rnnviz.core.arrays import Array
from rnnviz.engine.api import trace
from rnnviz.engine.trace import Trace
from rnnviz.figures.theme import Look
from rnnviz.i18n import word
from rnnviz.inputs.parse import parse
from rnnviz.network.model import Model
from rnnviz.network.random_model import random_model
from rnnviz.train.presets import Preset, general_presets
from rnnviz.train.tasks import TASKS
from rnnviz.ui.named_rows import with_named_outputs, with_named_rows
from rnnviz.ui.player.drawn_weights import drawn_spec
from rnnviz.ui.player.page_model import PageView, layer_panels, page_model
from rnnviz.ui.player.typed_text import TypedField

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


def network_parts(network: PageNetwork, language: str) -> tuple[dict[str, Any], Array]:
    """Header and numbers of a network for the page's script, as `page_model` makes them."""
    run, view = first_view(network, language)
    return view_parts(network.model, run, view, language)


def view_parts(
    model: Model, run: Trace, view: PageView, language: str
) -> tuple[dict[str, Any], Array]:
    """Header and numbers of what the page shows of a run, on both grounds."""
    looks = {name: Look(language, dark=name == "dark") for name in ("light", "dark")}
    made = page_model(model, run, view, looks)
    assert made is not None
    return made


def first_view(network: PageNetwork, language: str) -> tuple[Trace, PageView]:
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
