"""What is computed once and kept: every cache of the app, each bounded, keyed by its choices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import blake2b
from typing import Any

import streamlit as st

from rnnviz.api import trace
from rnnviz.figures.panels import draw
from rnnviz.figures.span import draw as draw_span
from rnnviz.frozen import Array
from rnnviz.long.reading import Reading
from rnnviz.long.recording import Recording
from rnnviz.model import Model
from rnnviz.proof import Proof, prove
from rnnviz.readers.found import Found
from rnnviz.text.files import Content, read_file
from rnnviz.trace import Trace
from rnnviz.ui import making, recordings
from rnnviz.ui.choices import AnyModel, InputChoice, OpenedChoice, ViewChoice
from rnnviz.ui.link import File
from rnnviz.ui.making import is_wide
from rnnviz.views import layers
from rnnviz.views.activity import activity
from rnnviz.views.layers import Pane, folded_panes
from rnnviz.views.panels import Panels, panels
from rnnviz.views.span import names, span


def name_of(model: AnyModel, given: InputChoice, view: ViewChoice) -> str:
    """A name for the numbers that a page shows: other numbers have another name."""
    shown = (model, given, view.layer, view.order, view.only)
    return blake2b(repr(shown).encode(), digest_size=12).hexdigest()


# The representation of a choice tells it from every other; a file stands in it by its digest.
_BY_NAME: dict[str | type[Any], Callable[[Any], Any]] = {
    File: repr,
    InputChoice: repr,
    OpenedChoice: repr,
}


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=_BY_NAME)
def content(file: File) -> Content:
    """A file as it was read. Raises InputError."""
    return read_file(file.name, file.data)


@st.cache_resource(max_entries=12, show_spinner=False, hash_funcs=_BY_NAME)
def _reading(choice: InputChoice) -> Reading:
    return making.read(choice, lambda: _content_of(choice))


def reading(choice: InputChoice) -> Reading:
    """What is read, whatever window of it is shown. Raises InputError."""
    return _reading(replace(choice, window=None))


def _content_of(choice: InputChoice) -> Content:
    assert choice.file is not None
    return content(choice.file)


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=_BY_NAME)
def traced(model: AnyModel, given: InputChoice) -> Trace:
    """The trace of a model over an input, or over the window of a long one."""
    if given.window is not None:
        return recorded(model, given).window(*given.window)
    read = reading(given)
    whole = read.window(0, read.n_steps)
    return trace(made(model, whole.n_features), whole, backend=model.backend)


def glimpse(model: AnyModel, given: InputChoice) -> Trace:
    """The trace, or where too many steps are shown the first of them: what there is to look at."""
    if given.window is None or not is_wide(given.window):
        return traced(model, given)
    start = given.window[0]
    return traced(model, replace(given, window=(start, start + 1)))


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=_BY_NAME)
def panes(model: AnyModel, given: InputChoice) -> tuple[Pane, ...]:
    """The hidden states of every layer."""
    if given.window is not None and is_wide(given.window):
        return folded_panes(recorded(model, given), *given.window)
    return layers.panes(traced(model, given))


def recording_of(model: AnyModel, given: InputChoice) -> str:
    """The name of a long input's recording, whatever window of it is shown."""
    whole = (model, replace(given, window=None))
    return blake2b(repr(whole).encode(), digest_size=12).hexdigest()


def recorded(model: AnyModel, given: InputChoice) -> Recording:
    """A long input's recording. Raises InputError when it is no longer there."""
    return recordings.recorded(recording_of(model, given))


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=_BY_NAME)
def founds(choice: OpenedChoice) -> tuple[Found, ...]:
    """Every stack of a file, whatever part is chosen. Raises RnnvizError."""
    return making.founds(choice)


def founds_of(choice: OpenedChoice) -> tuple[Found, ...]:
    """The same, whatever part and vocabulary are chosen."""
    return founds(replace(choice, part="", vocabulary=(), backend=""))


def found(choice: OpenedChoice) -> Found:
    """The part that is chosen, the first where there is no such."""
    every = founds_of(choice)
    chosen = next((one for one in every if one.name == choice.part), every[0])
    if not choice.vocabulary:
        return chosen
    return replace(chosen, model=replace(chosen.model, vocabulary=choice.vocabulary))


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=_BY_NAME)
def proof(choice: OpenedChoice) -> Proof | None:
    """The largest difference from the framework's own numbers."""
    return prove(found(choice))


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=_BY_NAME)
def made(model: AnyModel, n_inputs: int) -> Model:
    """The model itself. Raises RnnvizError for a file that holds none."""
    if isinstance(model, OpenedChoice):
        return found(model).model
    return making.random(model, n_inputs)


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=_BY_NAME)
def seen(model: AnyModel, given: InputChoice, view: ViewChoice) -> Panels:
    """The panels to show."""
    return panels(
        traced(model, given),
        view.show or None,
        layer=view.layer,
        order=view.order,
        units=view.only or None,
    )


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=_BY_NAME)
def span_figure(
    model: AnyModel, given: InputChoice, view: ViewChoice, how: str, height: int
) -> Any:
    """A window that is too wide for single steps, as a Plotly figure."""
    assert given.window is not None
    recording = recorded(model, given)
    spanned = span(
        recording,
        *given.window,
        signals=[name for name in names(recording, view.layer) if name in view.show] or None,
        layer=view.layer,
        order=view.order,
        units=view.only or None,
    )
    return draw_span(spanned, how, language=view.language, dark=view.dark, height=height)


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=_BY_NAME)
def ribbon(model: AnyModel, given: InputChoice, layer: int) -> Array:
    """How far a layer strays in every part of the whole input (column,)."""
    return activity(recorded(model, given), layer)


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=_BY_NAME)
def figure(model: AnyModel, given: InputChoice, view: ViewChoice, height: int) -> Any:
    """The panels as a Plotly figure."""
    return draw(
        seen(model, given, view),
        as_lines=view.draw == "lines",
        language=view.language,
        dark=view.dark,
        height=height,
    )
