"""One network at two moments of its training."""

from __future__ import annotations

import streamlit as st

from rnnviz.train.presets import preset, presets
from rnnviz.ui import build, state
from rnnviz.ui.controls.model_input import feed_controls, readable
from rnnviz.ui.selections import OpenedChoice, RunChoice, Runs
from rnnviz.ui.text import t

# What the page shows first: five moments of its training are kept.
_FIRST = "brackets_lstm"


def course() -> Runs:
    """The network, its two moments, and what it reads at both."""
    options = [one.name for one in presets()]
    options.sort(key=lambda name: name != _FIRST)
    state.settle("course", options)
    left, middle, right = st.columns([2, 1, 1], vertical_alignment="bottom")
    with left:
        st.selectbox(
            t("course"),
            options,
            options.index(state.get("course")),
            format_func=lambda name: preset(name).title[state.get("lang")],
            key=state.widget("course"),
            on_change=_other_course,
        )
    name = state.get("course")
    steps = [step for step, _ in build.versions(name)]
    for place, key in ((middle, "earlier"), (right, "later")):
        with place:
            _moment(key, steps)
    with st.container(horizontal=True, vertical_alignment="bottom", key="sequence"):
        asked = feed_controls(_trained(name, -1))
    given = readable(_trained(name, -1), asked)
    if given is None:
        return ()
    moments = [state.get(key) for key in ("earlier", "later")]
    return tuple(RunChoice(_trained_for(steps[at]), _trained(name, at), given) for at in moments)


def _trained_for(steps: int) -> str:
    return t("course.after", steps=f"{steps:,}") if steps else t("course.before")


def _moment(key: str, steps: list[int]) -> None:
    options = [*range(len(steps) - 1), -1]
    if state.get(key) not in options:
        state.start_over(key)
    st.select_slider(
        t(key),
        options,
        state.get(key),
        format_func=lambda moment: t("moment.step", step=f"{steps[moment]:,}"),
        key=state.widget(key),
        help=t("moment.help"),
    )


def _other_course() -> None:
    state.start_over("earlier", "later", "says", "feed")
    state.jump(None)


def _trained(name: str, moment: int) -> OpenedChoice:
    return OpenedChoice("preset", name, None, "", (), (), moment, "", "numpy")
