"""Widgets by their key in state and words: `key`, `key.help`, `key.option`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.cells import CELLS
from rnnviz.ui import places, state
from rnnviz.ui.background_job import BackgroundJob
from rnnviz.ui.text import t
from rnnviz.ui.widget_keys import keyed, on_user_change, renew_words

# More options than these are a list.
MAX_CHIPS = 40


def select(
    key: str,
    options: Sequence[str],
    *,
    text: Callable[[str], str] | None = None,
    label: str = "",
    is_labelled: bool = True,
    has_help: bool = True,
    on_change: Callable[[], None] | None = None,
) -> None:
    """A select box.

    text   an option's words, where they are not `key.option`.
    label  the key of the words over the list, where it is not the choice's own.
    """
    chosen, words = state.get(key), text or partial(_named, key)
    renew_words(key, chosen, words(chosen))
    st.selectbox(
        t(label or key),
        options,
        options.index(chosen),
        format_func=words,
        key=state.widget_key(key),
        help=t(f"{key}.help") if has_help else None,
        on_change=on_change,
        label_visibility=_visibility(is_labelled),
    )


def list_slider(key: str, options: Sequence[str]) -> None:
    """A slider over a list of options."""
    st.select_slider(
        t(key),
        options,
        state.get(key),
        format_func=lambda option: t(f"{key}.{option}"),
        key=state.widget_key(key),
        help=t(f"{key}.help"),
    )


def select_cell(key: str, *, is_labelled: bool = True) -> None:
    """A select box of every cell."""
    text = partial(_named, "cell")
    select(key, list(CELLS), text=text, label="group.cell", is_labelled=is_labelled, has_help=False)


def select_several(
    key: str,
    options: Sequence[str],
    *,
    text: Callable[[str], str] = str,
    placeholder: str,
    max_selections: int | None = None,
    is_labelled: bool = True,
) -> None:
    """A multiselect."""
    st.multiselect(
        t(key),
        options,
        state.get(key),
        format_func=text,
        key=state.widget_key(key),
        max_selections=max_selections,
        placeholder=placeholder,
        help=t(f"{key}.help") if is_labelled else None,
        label_visibility=_visibility(is_labelled),
    )


def chips(
    key: str, options: Sequence[str], standard: Sequence[str], *, text: Callable[[str], str] = str
) -> None:
    """Several of the options, those that are on seen to be on; at least one stays on.

    standard  what is on where nothing is chosen.
    """
    on = [option for option in options if option in (state.names_of(key) or standard)]
    name = keyed(f"{key}_chips", on)
    draw = st.pills if len(options) <= MAX_CHIPS else st.multiselect
    more: dict[str, Any] = {"selection_mode": "multi"} if draw is st.pills else {}
    draw(
        t(key),
        options,
        default=on or None,
        format_func=text,
        key=name,
        help=t(f"{key}.help"),
        on_change=on_user_change,
        args=(name, _put_chips, key, name, options, standard),
        **more,
    )


def _put_chips(key: str, name: str, options: Sequence[str], standard: Sequence[str]) -> None:
    on = [option for option in options if option in st.session_state[name]]
    is_standard = on == [option for option in options if option in standard]
    if on:
        state.put(**{key: [] if is_standard else on})


def segments(
    key: str,
    options: Sequence[Any],
    *,
    text: Callable[[Any], str] | None = None,
    is_labelled: bool = True,
    on_change: Callable[[], None] | None = None,
) -> None:
    """Buttons side by side, one of them always pressed; `text` as in `select`."""
    st.segmented_control(
        t(key),
        options,
        default=state.get(key),
        format_func=text or (lambda option: t(f"{key}.{option}")),
        required=True,
        key=state.widget_key(key),
        label_visibility=_visibility(is_labelled),
        help=t(f"{key}.help") if is_labelled else None,
        on_change=on_change,
    )


def switch(key: str, on: str, *, draw: Callable[..., Any] = st.toggle) -> None:
    """A switch between "" and one other value of a choice; `draw` is a toggle or a checkbox."""
    is_on = state.get(key) == on
    name = keyed(f"{key}_switch", is_on)
    draw(
        t(key),
        is_on,
        key=name,
        help=t(f"{key}.help"),
        on_change=on_user_change,
        args=(name, _turn, key, name, on),
    )


def _turn(key: str, name: str, on: str) -> None:
    state.put(**{key: on if st.session_state[name] else ""})


def number_field(
    key: str, low: int, high: int, *, label: str = "", step: int = 1, placeholder: str | None = None
) -> None:
    """A whole number, typed or counted; `label` names it where its key does not.

    placeholder  what an empty field means.
    """
    st.number_input(
        t(label or key),
        low,
        high,
        state.get(key),
        step,
        key=state.widget_key(key),
        help=t(f"{label or key}.help"),
        placeholder=placeholder,
    )


def text_field(
    key: str,
    max_chars: int | None = None,
    *,
    placeholder: str,
    is_labelled: bool = False,
    on_change: Callable[..., None] | None = None,
    args: tuple[Any, ...] = (),
) -> None:
    """A text field, read while it is typed."""
    st.text_input(
        t(key),
        state.get(key),
        key=state.widget_key(key),
        live=True,
        on_change=on_change,
        args=args,
        max_chars=max_chars,
        placeholder=placeholder,
        help=t(f"{key}.help") if is_labelled else None,
        label_visibility=_visibility(is_labelled),
    )


def moment_field(key: str, steps: Sequence[int]) -> None:
    """A slider over the moments of a training, by their steps; -1 is the last."""
    st.select_slider(
        t(key),
        [*range(len(steps) - 1), -1],
        state.get(key),
        format_func=lambda moment: t("moment.step", step=f"{steps[moment]:,}"),
        key=state.widget_key(key),
    )


def text_button(
    label: str,
    key: str,
    on_click: Callable[..., None],
    *args: Any,
    icon: str | None = None,
    help: str | None = None,
    disabled: bool = False,
) -> None:
    """A button without a frame, which calls `on_click` with the arguments."""
    style: dict[str, Any] = {"type": "tertiary", "icon": icon, "help": help, "disabled": disabled}
    st.button(label, key=key, on_click=on_click, args=args, **style)


def show_chart(figure: Any, key: str, *, alt: str | None = None) -> None:
    """A figure as it was drawn, without tools: a drag goes through the steps."""
    st.plotly_chart(figure, key=key, theme=None, config={"displayModeBar": False}, alt=alt)


def job_status(job: BackgroundJob, text: Callable[..., str]) -> str:
    """Status of a job in words; `text` gives those of "begun", "running", "done", …"""
    step, steps = (f"{count:,}" for count in job.progress)
    left = job.seconds_left
    if job.status == "running" and left is not None:
        return text("running", seconds=max(1, round(left)), step=step, steps=steps)
    facts = {"step": step, "steps": steps, "place": max(1, job.place)}
    return text("begun" if job.status == "running" else job.status, **facts)


def expert_drawer() -> DeltaGenerator:
    """The drawer of what a newcomer does not need, folded up at first."""
    return st.popover(t("expert"), icon=":material/tune:", key="expert")


def reset_button() -> None:
    """The button back to the defaults."""
    text_button(t("reset"), "reset", places.start_over, icon=":material/restart_alt:")


def _visibility(is_labelled: bool) -> Literal["visible", "collapsed"]:
    return "visible" if is_labelled else "collapsed"


def _named(key: str, option: str) -> str:
    return t(f"{key}.{option}")
