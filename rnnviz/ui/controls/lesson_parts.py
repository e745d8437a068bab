"""Parts of a lesson on the page: texts, questions, controls, figures, live models and links.

`lesson_parts` calls the function of each part's type, listed in `_RENDERERS` at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any

import streamlit as st

from rnnviz.analysis.panels import Panels
from rnnviz.figures.text_table import table_html
from rnnviz.figures.theme import Look
from rnnviz.lessons.interactive import Options, Setting, Slider, TraceWidget
from rnnviz.lessons.lesson import (
    Control,
    Exercise,
    Figure,
    Formula,
    Heading,
    Lesson,
    LessonPart,
    Live,
    Open,
    Prose,
    QuizQuestion,
)
from rnnviz.lessons.registry import lesson_code
from rnnviz.ui import lesson_results, shell, state
from rnnviz.ui.controls.lesson_exercises import exercise_box
from rnnviz.ui.controls.lesson_questions import question_box
from rnnviz.ui.page_address import page_address, with_term_links
from rnnviz.ui.player.diagram import diagram
from rnnviz.ui.player.player import player
from rnnviz.ui.player.value_table import value_table
from rnnviz.ui.text import t
from rnnviz.ui.widget_keys import keyed, on_user_change

_STATIC_CHART = {"displayModeBar": False}
_MARKDOWN: dict[type[Any], Callable[[Any], str]] = {
    Heading: lambda part: f"## {part.text}",
    Prose: lambda part: with_term_links(part.text),
    Formula: lambda part: f"$$\n{part.latex}\n$$",
}


def lesson_parts(lesson: Lesson, parts: Iterable[LessonPart]) -> None:
    """Parts in order; consecutive texts and formulas become one Markdown element."""
    for is_markdown, group in groupby(parts, key=lambda part: type(part) in _MARKDOWN):
        filled = [
            lesson_results.lesson_part(lesson.id, p, state.settings(lesson.id)) for p in group
        ]
        if is_markdown:
            st.markdown("\n\n".join(_MARKDOWN[type(part)](part) for part in filled))
            continue
        for part in filled:
            if render := _RENDERERS.get(type(part)):
                render(lesson, part)


def _control(lesson: Lesson, part: Control) -> None:
    """Slider or options of the control with the part's name."""
    control = next(c for c in lesson_code(lesson.id).controls if c.name == part.name)
    if isinstance(control, Options):
        _options(lesson, part, control)
    elif control.optional:
        _optional_slider(lesson, part, control)
    else:
        _slider(lesson, part, control)


def _options(lesson: Lesson, part: Control, control: Options) -> None:
    labels = dict(part.options)
    value = state.settings(lesson.id)[control.name]
    key = keyed(f"control_{lesson.id}_{control.name}", value)
    st.segmented_control(
        part.label,
        control.options,
        default=value,
        format_func=labels.__getitem__,
        required=True,
        key=key,
        on_change=on_user_change,
        args=(key, _set_from_widget, lesson, control.name, key),
    )


def _slider(lesson: Lesson, part: Control, control: Slider, *, disabled: bool = False) -> None:
    value = state.settings(lesson.id)[control.name]
    shown = float(control.low if value is None else value)
    key = keyed(f"control_{lesson.id}_{control.name}", shown)
    st.slider(
        part.label,
        float(control.low),
        float(control.high),
        shown,
        step=float(control.step),
        # A gate that the network sets has no value of the reader's to show.
        format="–" if disabled else "%d" if float(control.step).is_integer() else None,
        key=key,
        on_change=on_user_change,
        args=(key, _set_from_widget, lesson, control.name, key),
        disabled=disabled,
    )


def _optional_slider(lesson: Lesson, part: Control, control: Slider) -> None:
    """Switch that clamps the gate, and the slider of the value."""
    is_clamped = state.settings(lesson.id)[control.name] is not None
    switch = keyed(f"hold_{lesson.id}_{control.name}", is_clamped)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=150):
            st.toggle(
                t("learn.hold"),
                is_clamped,
                key=switch,
                on_change=on_user_change,
                args=(switch, _set_from_switch, lesson, control, switch),
            )
        _slider(lesson, part, control, disabled=not is_clamped)


def _set_from_switch(lesson: Lesson, control: Slider, switch: str) -> None:
    _set(lesson, control.name, control.high if st.session_state[switch] else None)


def _set_from_widget(lesson: Lesson, name: str, key: str) -> None:
    _set(lesson, name, st.session_state[key])


def _set(lesson: Lesson, name: str, value: Setting) -> None:
    state.put(settings={**state.settings(lesson.id), name: value})


def _figure(lesson: Lesson, part: Figure) -> None:
    figure = lesson_results.lesson_figure(
        lesson.id, part.name, state.settings(lesson.id), shell.look(part.caption)
    )
    st.plotly_chart(
        figure,
        key=f"figure_{part.name}",
        theme=None,
        config=_STATIC_CHART,
        alt=part.caption or part.name,
    )
    if part.caption:
        st.caption(part.caption)
    if not shell.is_class():
        _figure_text(lesson, part)


def _figure_text(lesson: Lesson, part: Figure) -> None:
    """The figure in words, folded: numbers that eyes read off colours, lines and points."""
    look = Look(state.language())
    texts = lesson_results.lesson_figure_text(lesson.id, part.name, state.settings(lesson.id), look)
    if not texts:
        return
    label = t("learn.as_text")
    folded = st.expander(label, icon=":material/table:", key=f"text_{part.name}", on_change="rerun")
    if folded.open:
        with folded:
            for one in texts:
                st.markdown(one.sentence)
                st.html(table_html(one))


def _live(lesson: Lesson, part: Live) -> None:
    """Player, heatmaps, cell diagram and values of a traced model."""
    choices = (lesson.id, part.name, state.settings(lesson.id))
    widget, panels = lesson_results.lesson_widget(*choices), lesson_results.lesson_panels(*choices)
    shared: dict[str, Any] = {"name": ".".join(map(str, choices)), "group": f"live_{part.name}"}
    _live_player(widget, panels, key=f"player_{part.name}", **shared)
    is_slide = shell.is_class()
    left, right = st.columns([3, 2] if is_slide else [5, 4], gap="medium")
    with left, st.container(key=shared["group"]):
        figure = lesson_results.lesson_heatmaps(*choices, shell.look())
        st.plotly_chart(
            figure, key=f"chart_{part.name}", theme=None, config=_STATIC_CHART, alt=part.caption
        )
    with right:
        _live_cell(widget, panels, part.name, **shared)
    # On a slide there is room under the drawing, and none under the heatmaps.
    if part.caption:
        (right if is_slide else st).caption(part.caption)


def _live_player(widget: TraceWidget, panels: Panels, **shared: Any) -> None:
    # A gradient goes back from the last step, and nothing of it is yet to come.
    goes_back = widget.gradients is not None
    step = None if goes_back else 0
    player(panels, step=step, jump=0, veil=not goes_back, language=state.language(), **shared)


def _live_cell(widget: TraceWidget, panels: Panels, part: str, **shared: Any) -> None:
    """The cell's drawing and its numbers, for which a slide has no room."""
    look = shell.look()
    shared |= {"language": look.language, "dark": look.dark}
    diagram(
        widget.trace,
        panels,
        key=f"diagram_{part}",
        layer=widget.layer,
        activations=widget.model.layers[widget.layer].activations,
        gradients=widget.gradients,
        **shared,
    )
    if not shell.is_class():
        value_table(panels, key=f"numbers_{part}", **shared)


def _open(lesson: Lesson, part: Open) -> None:
    link = lesson_code(lesson.id).links[part.name](state.settings(lesson.id))
    st.link_button(part.label, page_address(link), icon=":material/open_in_new:")


# Breaks and reveals have none: they only divide slides and hide what follows.
_RENDERERS: dict[type[Any], Callable[[Lesson, Any], None]] = {
    Figure: _figure,
    Live: _live,
    Control: _control,
    Open: _open,
    QuizQuestion: question_box,
    Exercise: exercise_box,
}
