"""What is computed once and kept: every cache of the app, each bounded, keyed by its choices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from typing import Any

import streamlit as st

from rnnviz.api import trace
from rnnviz.figures.panels import draw
from rnnviz.initialise import random_model
from rnnviz.model import Model
from rnnviz.sequence import Sequence
from rnnviz.text.characters import each_character
from rnnviz.text.files import Content, read_file
from rnnviz.text.missing import Missing
from rnnviz.text.parse import Kind, TextEncoding, parse
from rnnviz.text.table import Scale, Table, table_sequence
from rnnviz.text.words import each_word
from rnnviz.trace import Trace
from rnnviz.ui.link import File
from rnnviz.views.panels import Panels, panels

MAX_STEPS = 1_000
_SPLIT = {"characters": (each_character, ""), "words": (each_word, " ")}


@dataclass(frozen=True)
class InputChoice:
    """What is read: typed text, or a table and how its columns are read."""

    text: str
    kind: Kind
    encoding: TextEncoding
    size: int
    file: File | None = None
    columns: tuple[str, ...] = ()
    scale: Scale = "standard"
    missing: Missing = "interpolate"
    axis: str | None = None


@dataclass(frozen=True)
class ModelChoice:
    """A random model's making."""

    cell: str
    units: int
    layers: int
    direction: str
    seed: int
    init: str
    gain: float
    activation: str
    recurrence: str
    backend: str


@dataclass(frozen=True)
class ViewChoice:
    """What is drawn of a trace, and how."""

    layer: int
    order: str
    draw: str
    show: tuple[str, ...]
    only: tuple[int, ...]
    language: str
    dark: bool


def name_of(model: ModelChoice, given: InputChoice, view: ViewChoice) -> str:
    """A name for the numbers that a page shows: other numbers have another name."""
    shown = (model, given, view.layer, view.order, view.only)
    return blake2b(repr(shown).encode(), digest_size=12).hexdigest()


# The representation of a choice tells it from every other; a file stands in it by its digest.
_BY_NAME: dict[str | type[Any], Callable[[Any], Any]] = {File: repr, InputChoice: repr}


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=_BY_NAME)
def content(file: File) -> Content:
    """A file as it was read. Raises InputError."""
    return read_file(file.name, file.data)


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=_BY_NAME)
def sequence(choice: InputChoice) -> tuple[Sequence, int]:
    """The sequence, at most MAX_STEPS long, and how many steps there were before the cut."""
    if choice.file is not None:
        return _cut(_from_file(choice, content(choice.file)))
    if choice.kind in _SPLIT:
        return _from_text(choice, choice.text)
    return _cut(parse(choice.text, kind="numbers"))


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=_BY_NAME)
def traced(model: ModelChoice, given: InputChoice) -> Trace:
    """The trace of a model over an input."""
    read, _ = sequence(given)
    return trace(made(model, read.n_features), read, backend=model.backend)


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=_BY_NAME)
def made(model: ModelChoice, n_inputs: int) -> Model:
    """The model itself."""
    return random_model(
        model.cell,
        n_inputs,
        model.units,
        model.layers,
        direction=model.direction,
        seed=model.seed,
        init=model.init,
        gain=model.gain,
        activation=model.activation,
        recurrence=model.recurrence,
    )


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=_BY_NAME)
def seen(model: ModelChoice, given: InputChoice, view: ViewChoice) -> Panels:
    """The panels to show."""
    return panels(
        traced(model, given),
        view.show or None,
        layer=view.layer,
        order=view.order,
        units=view.only or None,
    )


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=_BY_NAME)
def figure(model: ModelChoice, given: InputChoice, view: ViewChoice, height: int) -> Any:
    """The panels as a Plotly figure."""
    return draw(
        seen(model, given, view),
        as_lines=view.draw == "lines",
        language=view.language,
        dark=view.dark,
        height=height,
    )


def _from_text(choice: InputChoice, text: str) -> tuple[Sequence, int]:
    each, glue = _SPLIT[choice.kind]
    count = sum(1 for _ in each(text))
    shown = text if count <= MAX_STEPS else glue.join(islice(each(text), MAX_STEPS))
    read = parse(shown, choice.kind, encoding=choice.encoding, size=choice.size)
    return read, count


def _from_file(choice: InputChoice, read: Content) -> Sequence:
    if isinstance(read, Table):
        return table_sequence(
            read,
            choice.columns or None,
            scale=choice.scale,
            missing=choice.missing,
            axis=choice.axis,
        )
    return read if isinstance(read, Sequence) else parse(read.text, choice.kind)


def _cut(read: Sequence) -> tuple[Sequence, int]:
    row = slice(0, 1)
    count = read.lengths[0]
    values = read.values[: min(count, MAX_STEPS), row]
    tokens = (read.tokens[0][:MAX_STEPS],)
    return Sequence(values, tokens, (), read.features, read.encoding), count
