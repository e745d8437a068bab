"""Every choice of the app: its key, its default, and how the URL spells it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from rnnviz.analysis.unit_order import ORDERS
from rnnviz.analysis.window import AGGREGATIONS
from rnnviz.cells import CELLS
from rnnviz.i18n import LANGUAGES
from rnnviz.interventions.serialise import from_text, to_text
from rnnviz.lessons.glossary import GLOSSARY
from rnnviz.lessons.option_order import MAX_ORDER_SEED
from rnnviz.lessons.registry import LESSONS
from rnnviz.network.random_model import INITIALISATIONS
from rnnviz.train.tasks import TASKS
from rnnviz.ui import url
from rnnviz.ui.kept_files import file_address, file_at

MAX_UNITS = 256
MAX_LAYERS = 4
MAX_SEED = 2**31 - 1
MAX_EMBEDDING_SIZE = 256
MAX_INTERVENTIONS = 24
MAX_STEP = 10**7
RATES = ("", "0.001", "0.003", "0.01", "0.03", "0.1")
# A copy over 100 steps needs another start of the weights than this page draws.
TRAINED_TASKS = tuple(name for name in TASKS if name != "copy")
SPEEDS = ("1", "2", "4", "10", "30", "60")
TEMPERATURES = ("0", "0.3", "0.5", "0.7", "1", "1.5")
GAINS = ("1", "2", "3", "5", "10")
# Values of the choice "model": what the app opens with, random weights, and an upload.
OPENING, UNTRAINED, FILE = "preset:languages_gru", "untrained", "file"
_ACTIVATIONS = sorted(
    {a for c in CELLS.values() for names in c.activations.values() for a in names}
)


@dataclass(frozen=True)
class StateKey:
    """One choice: its key in session and URL, its default, and how the URL spells it.

    `read` raises ValueError for what the choice cannot be; the default is then taken.
    """

    key: str
    default: Any
    read: Callable[[str], Any] = str
    write: Callable[[Any], str] = str


def one_of(key: str, options: Iterable[str], default: str | None = None) -> StateKey:
    """A choice of one among a few; the first is the default where none is named."""
    allowed = tuple(options)

    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(text)
        return text

    return StateKey(key, allowed[0] if default is None else default, read)


def _whole(key: str, default: int | None, low: int, high: int) -> StateKey:
    return StateKey(key, default, lambda text: max(low, min(high, int(text))))


def _names(key: str) -> StateKey:
    return StateKey(key, [], url.read_names, url.write_names)


def _interventions(text: str) -> str:
    if len(text) > url.MAX_URL_TEXT or len(done := from_text(text)) > MAX_INTERVENTIONS:
        raise ValueError(text)
    url.whole(json.loads(text))
    return to_text(done) if done else ""


def _model(text: str) -> str:
    return "" if text == OPENING else text


CHOICES = (
    one_of("cell", CELLS, "lstm"),
    _whole("units", 16, 1, MAX_UNITS),
    _whole("layers", 1, 1, MAX_LAYERS),
    one_of("direction", ("forward", "backward", "both")),
    _whole("seed", 7, 0, MAX_SEED),
    one_of("init", INITIALISATIONS, "xavier"),
    one_of("gain", GAINS, "3"),
    one_of("activation", ("", *_ACTIVATIONS)),
    one_of("recurrence", ("full", "one_to_one")),
    one_of("backend", ("numpy", "torch")),
    one_of("kind", ("characters", "words", "numbers", "signal")),
    StateKey("text", "The cat sat on the mat."),
    one_of("encoding", ("one_hot", "embedding")),
    _whole("size", 8, 1, MAX_EMBEDDING_SIZE),
    StateKey("upload", None, file_at, file_address),
    _names("columns"),
    one_of("scale", ("standard", "minmax", "none")),
    one_of("missing", ("interpolate", "previous", "mean", "zero", "drop", "refuse")),
    StateKey("axis", ""),
    _names("reading"),
    StateKey("model", "", _model),
    StateKey("modelfile", None, file_at, file_address),
    StateKey("part", ""),
    _names("answers"),
    _names("names"),
    _whole("moment", -1, -1, 63),
    StateKey("vocab", ""),
    one_of("predicts", ("", "next")),
    StateKey("says", ""),
    one_of("temperature", TEMPERATURES, "0.7"),
    _whole("dice", 1, 0, MAX_SEED),
    one_of("feed", ("example", "noise", "sines", "impulses", "own")),
    one_of("task", TRAINED_TASKS),
    one_of("learner", CELLS, "lstm"),
    _whole("width", 32, 2, 128),
    _whole("rounds", 500, 20, 5_000),
    one_of("rate", RATES),
    _whole("start", 0, 0, MAX_SEED),
    _whole("layer", 0, 0, 63),
    one_of("order", ORDERS),
    one_of("draw", ("heatmap", "lines")),
    _names("show"),
    _names("only"),
    _whole("step", None, 0, MAX_STEP),
    _whole("from", 0, 0, MAX_STEP),
    _whole("to", None, 0, MAX_STEP),
    one_of("how", AGGREGATIONS),
    StateKey("pick", ""),
    one_of("veil", ("on", "off")),
    one_of("ribbon", ("", "1")),
    one_of("speed", SPEEDS, "4"),
    one_of("projector", ("", "1")),
    StateKey("understand", ""),
    _whole("held", None, 0, MAX_STEP),
    StateKey("answer", ""),
    StateKey("over", ""),
    _whole("at", None, 1, MAX_STEP),
    one_of("method", ("integrated_gradients", "occlusion")),
    StateKey("baseline", ""),
    StateKey("second", ""),
    StateKey("put", ""),
    _whole("put_at", None, 1, MAX_STEP),
    one_of("looked", ("", "run", "book", "task")),
    StateKey("follows", ""),
    StateKey("feature", ""),
    StateKey("span", ""),
    StateKey("across", ""),
    StateKey("up", ""),
    StateKey("beside", ""),
    StateKey("scan", ""),
    StateKey("scanfile", None, file_at, file_address),
    StateKey("scan_signal", ""),
    _whole("scan_unit", 0, 0, MAX_STEP),
    one_of("scan_ask", ("place", "token", "text")),
    StateKey("scan_at", ""),
    StateKey("scan_token", ""),
    StateKey("scan_text", ""),
    StateKey("scan_part", ""),
    StateKey("finding", ""),
    one_of("compare", ("training", "inputs", "intervened", "cells", "models", "backends")),
    one_of("sides", ("beside", "difference")),
    StateKey("cells", ["rnn", "lstm", "gru"], url.read_names, url.write_names),
    StateKey("twin", None, file_at, file_address),
    _names("twin_answers"),
    _names("twin_names"),
    StateKey("twin_part", ""),
    # The first layer is the default, so that a link would not say that it was chosen.
    one_of("first_layer", ("", "1")),
    StateKey("reader", ""),
    StateKey("one", ""),
    StateKey("two", ""),
    StateKey("course", ""),
    _whole("earlier", 0, -1, 63),
    _whole("later", -1, -1, 63),
    StateKey("do", "", _interventions),
    one_of("do_units", ("all", "picked", "some")),
    one_of("do_steps", ("all", "cursor", "span")),
    one_of("versus", ("changed", "difference", "untouched")),
    one_of("lesson", ("", *LESSONS, GLOSSARY)),
    StateKey("term", ""),
    one_of("class", ("", "1")),
    _whole("slide", 0, 0, 99),
    StateKey("settings", {}, url.read_settings, url.write_settings),
    _names("guess"),
    # Seed of the order of the questions' options; 0 until one is drawn.
    _whole("mix", 0, 0, MAX_ORDER_SEED),
    StateKey("results", ""),
)
LANGUAGE = one_of("lang", LANGUAGES)
ALL_CHOICES = {choice.key: choice for choice in (*CHOICES, LANGUAGE)}
# Choices of one page alone, whatever model it shows; all others but the model are the model's.
PAGE_CHOICES = {
    "understand": (
        *("understand", "held", "answer", "over", "at", "method", "baseline"),
        *("second", "put", "put_at", "looked", "follows", "feature", "span"),
        *("across", "up", "beside"),
    ),
    "corpus": (
        *("scan", "scanfile", "scan_signal", "scan_unit", "scan_ask"),
        *("scan_at", "scan_token", "scan_text", "scan_part"),
    ),
    "reproduce": ("finding",),
    "compare": (
        *("compare", "sides", "cells", "twin", "twin_answers", "twin_names"),
        *("twin_part", "first_layer"),
        *("reader", "one", "two", "course", "earlier", "later"),
    ),
    "train": ("task", "learner", "width", "rounds", "rate", "start"),
    "learn": ("lesson", "term", "class", "slide", "settings", "guess", "mix", "results"),
}


def default_of(key: str) -> Any:
    """The default of a choice."""
    return ALL_CHOICES[key].default
