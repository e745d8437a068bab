"""The parts of a lesson as they stand on the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any
from urllib.parse import urlencode, urlsplit

import streamlit as st

from rnnviz.lessons.interactive import Link
from rnnviz.lessons.lesson import (
    Break,
    Control,
    Figure,
    Formula,
    Heading,
    Lesson,
    Live,
    Open,
    Part,
    Prose,
    Question,
    Reveal,
)
from rnnviz.lessons.registry import behind
from rnnviz.ui import results, shell, state
from rnnviz.ui.controls.question import question
from rnnviz.ui.controls.setting import setting
from rnnviz.ui.player import diagram, numbers, player

_STILL = {"displayModeBar": False}


_WRITTEN: dict[type[Any], Callable[[Any], str]] = {
    Heading: lambda part: f"## {part.text}",
    Prose: lambda part: str(part.text),
    Formula: lambda part: f"$$\n{part.latex}\n$$",
}


def show(one: Lesson, parts: Iterable[tuple[int, Part]]) -> None:
    """Parts with their places in the lesson; words and formulas in a row are one element."""
    for is_written, row in groupby(parts, key=lambda placed: type(placed[1]) in _WRITTEN):
        filled = [(i, results.lesson_part(one.id, p, state.settings(one.id))) for i, p in row]
        if is_written:
            st.markdown("\n\n".join(_WRITTEN[type(part)](part) for _, part in filled))
        else:
            for index, part in filled:
                _SHOWN[type(part)](one, part, index)


def _figure(one: Lesson, part: Figure, index: int) -> None:
    figure = results.lesson_figure(
        one.id, part.name, state.settings(one.id), state.get("lang"), shell.is_dark()
    )
    st.plotly_chart(
        figure, key=f"figure_{part.name}", theme=None, config=_STILL, alt=part.caption or part.name
    )
    if part.caption:
        st.caption(part.caption)


def _live(one: Lesson, part: Live, index: int) -> None:
    """Player, heatmaps, live cell and numbers of a model at work."""
    stage = results.lesson_stage(one.id, part.name, state.settings(one.id))
    drawn = results.lesson_panels(one.id, part.name, state.settings(one.id))
    look = {"language": state.get("lang"), "dark": shell.is_dark()}
    group = f"live_{part.name}"
    name = f"{one.id}.{part.name}.{state.settings(one.id)}"
    player(
        drawn,
        name=name,
        key=f"player_{part.name}",
        group=group,
        step=0,
        jump=0,
        language=state.get("lang"),
    )
    left, right = st.columns([5, 4], gap="medium")
    with left, st.container(key=group):
        figure = results.lesson_heatmaps(one.id, part.name, state.settings(one.id), **look)
        st.plotly_chart(
            figure, key=f"chart_{part.name}", theme=None, config=_STILL, alt=part.caption
        )
    with right:
        diagram(
            stage.trace,
            drawn,
            name=name,
            key=f"diagram_{part.name}",
            group=group,
            layer=stage.layer,
            activations=stage.model.layers[stage.layer].activations,
            **look,
        )
        numbers(drawn, name=name, key=f"numbers_{part.name}", group=group, **look)
    if part.caption:
        st.caption(part.caption)


def _open(one: Lesson, part: Open, index: int) -> None:
    link = behind(one.id).links[part.name](state.settings(one.id))
    st.link_button(part.label, _address(link), icon=":material/open_in_new:")


def _address(link: Link) -> str:
    """The page on this server, under whatever path the app is served."""
    base = urlsplit(str(st.context.url or "")).path.rpartition("/")[0]
    page = "" if link.page == "explore" else link.page
    return f"{base}/{page}?{urlencode({'lang': state.get('lang'), **link.choices})}"


def _nothing(one: Lesson, part: Part, index: int) -> None:
    """Where a slide ends or a reveal begins, nothing is drawn."""


_SHOWN: dict[type[Any], Callable[[Lesson, Any, int], None]] = {
    Figure: _figure,
    Live: _live,
    Control: lambda one, part, index: setting(one, part),
    Open: _open,
    Question: lambda one, part, index: question(one, part),
    Reveal: _nothing,
    Break: _nothing,
}
