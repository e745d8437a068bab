"""A long sequence on its way to the picture: recorded beside the page, with progress and stop."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from rnnviz.errors import RnnvizError
from rnnviz.recordings.source import SequenceSource
from rnnviz.ui import build, results, state, visible_range
from rnnviz.ui.recording_jobs import Take, Watcher
from rnnviz.ui.selections import AnyModel, InputChoice
from rnnviz.ui.text import said, t

# What is done within this, in seconds, shows no progress at all.
QUICK = 0.3
_WATCHER = "watcher"
_LAST = "last_shown"

Seen = tuple[AnyModel, InputChoice]


def shown(model: AnyModel, given: InputChoice) -> Seen | None:
    """What there is to be shown: a short input at once, a long one in its window.

    While a long one is recorded, its progress is here, and what was shown before is shown still;
    None where there was nothing. Raises RnnvizError for an input that cannot be read.
    """
    reading = results.reading(given)
    if not build.is_long(reading):
        _watcher().leave()
        return _kept(model, given)
    take = _take(model, given, reading)
    if take is not None and take.recording is not None:
        return _kept(model, given)
    if take is not None:
        is_alive = take.is_alive
        st.fragment(_progress, run_every=0.5 if is_alive else None)(take, is_alive)
    return _before()


def _watcher() -> Watcher:
    watcher = st.session_state.get(_WATCHER)
    if watcher is None:
        watcher = Watcher()
        state.put(**{_WATCHER: watcher})
    return watcher


def _take(model: AnyModel, given: InputChoice, reading: SequenceSource) -> Take | None:
    watcher, name = _watcher(), results.recording_of(model, given)
    before = watcher.take
    try:
        made = results.made(model, len(reading.features))
        take = watcher.watch(name, made, reading, model.backend)
    except RnnvizError as error:
        st.warning(said(error), icon=":material/error:")
        return None
    if take is not before:
        take.wait(QUICK)
    return take


def _kept(model: AnyModel, given: InputChoice) -> Seen:
    state.put(**{_LAST: (model, given)})
    return model, _windowed(given)


def _before() -> Seen | None:
    last: Seen | None = st.session_state.get(_LAST)
    if last is None:
        return None
    model, given = last[0], _windowed(last[1])
    try:
        results.glimpse(model, given)
    except RnnvizError:
        return None
    st.caption(t("record.before"))
    return model, given


def _windowed(given: InputChoice) -> InputChoice:
    reading = results.reading(given)
    if not build.is_long(reading):
        return given
    return replace(given, window=visible_range.chosen(reading.n_steps))


def _progress(take: Take, was_alive: bool) -> None:
    """Draws itself again while it goes on, and the page when it ends or begins again."""
    with st.container(horizontal=True, vertical_alignment="center", key="recording"):
        _button(take)
        st.progress(take.fraction, text=_standing(take))
    if take.error is not None:
        st.warning(said(take.error), icon=":material/error:")
    if take.is_alive != was_alive:
        st.rerun()


def _button(take: Take) -> None:
    if take.is_alive:
        st.button(t("record.stop"), icon=":material/stop:", on_click=take.stop, key="record_stop")
    else:
        st.button(
            t("record.again"),
            icon=":material/play_arrow:",
            type="primary",
            on_click=take.go,
            key="record_again",
        )


def _standing(take: Take) -> str:
    facts = {"step": f"{take.step:,}", "steps": f"{take.n_steps:,}"}
    left = take.seconds_left
    if take.status == "running" and left is not None:
        return t("record.running", seconds=max(1, round(left)), **facts)
    return t(f"record.{'begun' if take.status == 'running' else take.status}", **facts)
