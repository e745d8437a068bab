"""The parts of a lesson as they stand on the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any
from urllib.parse import urlencode, urlsplit

import streamlit as st

from rnnviz.lessons.interactive import Link, Options, Slider
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
from rnnviz.ui.player.diagram import diagram
from rnnviz.ui.player.player import player
from rnnviz.ui.player.value_table import value_table
from rnnviz.ui.text import t
from rnnviz.ui.widget_keys import keyed, on_user_change

_NONE = "·"


def question(one: Lesson, part: Question) -> None:
    """Options, none of them chosen at first; after the reveal, the right one."""
    at = one.questions.index(_original(one, part))
    guesses = state.get("guess")
    is_open = at < len(guesses)
    key, chosen = f"guess_{one.id}_{part.name}", None
    if is_open:
        chosen = next((n for n in range(len(part.options)) if str(n) == guesses[at]), None)
        key = keyed(key, chosen)
    with st.container(border=True, key=f"question_{part.name}"):
        st.caption(t("learn.predict"))
        st.markdown(f"**{part.prompt}**")
        st.radio(
            part.prompt,
            range(len(part.options)),
            format_func=part.options.__getitem__,
            index=chosen,
            key=key,
            label_visibility="collapsed",
            disabled=is_open,
        )
        if is_open:
            _verdict(one, part, guesses[at])
        else:
            _buttons(key)


def _original(one: Lesson, part: Question) -> Question:
    return next(q for q in one.questions if q.name == part.name)


def _buttons(key: str) -> None:
    chosen = st.session_state.get(key)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            t("learn.reveal"),
            type="primary",
            disabled=chosen is None,
            key="reveal",
            on_click=_reveal,
            args=(str(chosen),),
        )
        if chosen is None:
            st.button(
                t("learn.anyway"), type="tertiary", key="anyway", on_click=_reveal, args=(_NONE,)
            )


def _reveal(chosen: str) -> None:
    state.put(guess=[*state.get("guess"), chosen])
    if state.get("class"):
        state.put(slide=state.get("slide") + 1)


def _verdict(one: Lesson, part: Question, chosen: str) -> None:
    right = results.lesson_answer(one.id, part.name)
    said = {"option": part.options[right]}
    if chosen == str(right):
        st.success(t("learn.right", **said), icon=":material/check:")
    else:
        st.info(t("learn.is", **said), icon=":material/lightbulb:")


def setting(one: Lesson, part: Control) -> None:
    """The control that a lesson's text names there."""
    control = next(c for c in behind(one.id).controls if c.name == part.name)
    if isinstance(control, Options):
        _options(one, part, control)
    elif control.free:
        _free(one, part, control)
    else:
        _slider(one, part, control, disabled=False)


def _options(one: Lesson, part: Control, control: Options) -> None:
    labels = dict(part.options)
    value = state.settings(one.id)[control.name]
    key = keyed(_key(one, control.name), value)
    st.segmented_control(
        part.label,
        control.options,
        default=value,
        format_func=labels.__getitem__,
        required=True,
        key=key,
        on_change=on_user_change,
        args=(key, _taken, one, control.name, key),
    )


def _slider(one: Lesson, part: Control, control: Slider, *, disabled: bool) -> None:
    value = state.settings(one.id)[control.name]
    shown = float(control.low if value is None else value)
    key = keyed(_key(one, control.name), shown)
    st.slider(
        part.label,
        float(control.low),
        float(control.high),
        shown,
        step=float(control.step),
        format="%d" if float(control.step).is_integer() else None,
        key=key,
        on_change=on_user_change,
        args=(key, _taken, one, control.name, key),
        disabled=disabled,
    )


def _free(one: Lesson, part: Control, control: Slider) -> None:
    """A switch that holds the gate, and beside it the value at which it is held."""
    is_held = state.settings(one.id)[control.name] is not None
    switch = keyed(f"hold_{one.id}_{control.name}", is_held)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=150):
            st.toggle(
                t("learn.hold"),
                is_held,
                key=switch,
                on_change=on_user_change,
                args=(switch, _hold, one, control, switch),
            )
        _slider(one, part, control, disabled=not is_held)


def _hold(one: Lesson, control: Slider, switch: str) -> None:
    _set(one, control.name, control.high if st.session_state[switch] else None)


def _key(one: Lesson, name: str) -> str:
    return f"control_{one.id}_{name}"


def _taken(one: Lesson, name: str, key: str) -> None:
    _set(one, name, st.session_state[key])


def _set(one: Lesson, name: str, value: Any) -> None:
    state.put(settings={**state.settings(one.id), name: value})


_STILL = {"displayModeBar": False}


_WRITTEN: dict[type[Any], Callable[[Any], str]] = {
    Heading: lambda part: f"## {part.text}",
    Prose: lambda part: str(part.text),
    Formula: lambda part: f"$$\n{part.latex}\n$$",
}


def lesson_parts(one: Lesson, parts: Iterable[tuple[int, Part]]) -> None:
    """Parts with their places in the lesson; words and formulas in a row are one element."""
    for is_written, row in groupby(parts, key=lambda placed: type(placed[1]) in _WRITTEN):
        filled = [(i, results.lesson_part(one.id, p, state.settings(one.id))) for i, p in row]
        if is_written:
            st.markdown("\n\n".join(_WRITTEN[type(part)](part) for _, part in filled))
        else:
            for index, part in filled:
                _SHOWN[type(part)](one, part, index)


def _figure(one: Lesson, part: Figure, index: int) -> None:
    figure = results.lesson_figure(one.id, part.name, state.settings(one.id), shell.look())
    st.plotly_chart(
        figure, key=f"figure_{part.name}", theme=None, config=_STILL, alt=part.caption or part.name
    )
    if part.caption:
        st.caption(part.caption)


def _live(one: Lesson, part: Live, index: int) -> None:
    """Player, heatmaps, live cell and numbers of a model at work."""
    stage = results.lesson_stage(one.id, part.name, state.settings(one.id))
    drawn = results.lesson_panels(one.id, part.name, state.settings(one.id))
    look = shell.look()
    group = f"live_{part.name}"
    name = f"{one.id}.{part.name}.{state.settings(one.id)}"
    player(
        drawn,
        name=name,
        key=f"player_{part.name}",
        group=group,
        step=0,
        jump=0,
        language=state.language(),
    )
    left, right = st.columns([5, 4], gap="medium")
    with left, st.container(key=group):
        figure = results.lesson_heatmaps(one.id, part.name, state.settings(one.id), look)
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
            language=look.language,
            dark=look.dark,
        )
        value_table(
            drawn,
            name=name,
            key=f"numbers_{part.name}",
            group=group,
            language=look.language,
            dark=look.dark,
        )
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
