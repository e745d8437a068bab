"""Which runs stand side by side: cells, inputs, moments of a training, or back ends."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from rnnviz.cells import CELLS
from rnnviz.errors import RnnvizError
from rnnviz.initialise import NEEDS_A_GATE
from rnnviz.train.presets import preset, presets
from rnnviz.ui import cached, making, state
from rnnviz.ui.choices import AnyModel, InputChoice, ModelChoice, OpenedChoice, RunChoice
from rnnviz.ui.controls.choose import select
from rnnviz.ui.controls.feed import feed_controls
from rnnviz.ui.controls.feed import readable as fed
from rnnviz.ui.controls.sequence import readable, reading_controls, sequence_controls
from rnnviz.ui.text import said, t

MOST = 3
_CHARACTERS = "characters"
MAX_SAID = 1_000
Runs = tuple[RunChoice, ...]
_PAIRS = {
    "": ("The cat sat on the mat.", "The cats sat on a mat."),
    # The same but for the first of the two symbols that it is asked about, and one letter less.
    "temporal_order_lstm": (
        "acbdaXbdcabdcabbdcadbcaabdcYdbacabdcbacdabcadbcabd",
        "acbdaYbdcabdcabbdcadcaabdcYdbacabdcbacdabcadbcabd",
    ),
    "brackets_lstm": ("([]{[()]}){[](())}", "([]{[()}){[](())}"),
    "languages_gru": ("Schneider", "Schneijder"),
}
# What a page shows first: a memory of one symbol, and five moments of a training.
_FIRST_READER, _FIRST_COURSE = "temporal_order_lstm", "brackets_lstm"
_GOOD = "last_runs"
_FILLED = "pair_filled"


def chosen_runs() -> Runs:
    """The runs of the comparison that is chosen, its choices drawn; few or none while they lack."""
    return COMPARISONS[state.get("compare")]()


def weights_controls() -> None:
    """What the random models of a comparison have in common, in the sidebar."""
    st.markdown(f"#### {t('group.weights')}")
    left, right = st.columns(2)
    left.number_input(t("units"), 1, state.MAX_UNITS, key="units", help=t("units.help"))
    right.number_input(t("seed"), 0, state.MAX_SEED, key="seed", help=t("seed.help"))
    select("gain", state.GAINS)


def _cells() -> Runs:
    given = _typed()
    state.put(cells=[name for name in dict.fromkeys(state.get("cells")) if name in CELLS][:MOST])
    st.multiselect(
        t("cells"),
        tuple(CELLS),
        format_func=lambda name: t(f"cell.{name}"),
        key="cells",
        max_selections=MOST,
        placeholder=t("cells.none"),
        label_visibility="collapsed",
    )
    with st.sidebar:
        weights_controls()
    cells = state.get("cells")
    if len(cells) < 2:
        st.info(t("cells.none"), icon=":material/compare:")
    if given is None:
        return ()
    return tuple(RunChoice(t(f"cell.{name}"), _random(name), given) for name in cells)


def _backends() -> Runs:
    given = _typed()
    st.selectbox(
        t("group.cell"),
        tuple(CELLS),
        format_func=lambda name: t(f"cell.{name}"),
        key="cell",
        label_visibility="collapsed",
    )
    with st.sidebar:
        weights_controls()
    if given is None:
        return ()
    cell = state.get("cell")
    return tuple(
        RunChoice(t(f"backend.{backend}"), _random(cell, backend), given)
        for backend in ("numpy", "torch")
    )


def _inputs() -> Runs:
    reading = [one.name for one in presets() if one.vocabulary]
    reading.sort(key=lambda name: name != _FIRST_READER)
    options = (*(f"preset:{name}" for name in reading), *(f"random:{cell}" for cell in CELLS))
    state.settle("reader", options)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            t("reader"), options, format_func=_title, key="reader", on_change=_forget_texts
        )
    origin, _, name = state.get("reader").partition(":")
    texts = _two_texts(name if origin == "preset" else "")
    if origin == "random":
        with st.sidebar:
            weights_controls()
        known = tuple(
            dict.fromkeys(token for x in texts for token in making.tokens(x, _CHARACTERS))
        )
        model: AnyModel = _random(name)
    else:
        known = ()
        model = _trained(name, -1)
    given = [InputChoice(x, _CHARACTERS, "one_hot", 8, vocabulary=known) for x in texts]
    titles = (t("inputs.one"), t("inputs.two"))
    return _readable(
        tuple(RunChoice(title, model, one) for title, one in zip(titles, given, strict=True))
    )


def _two_texts(name: str) -> tuple[str, str]:
    """Two fields, filled at first with a pair that shows something, and what stands in them."""
    examples = _PAIRS.get(name, _PAIRS[""])
    if st.session_state.get(_FILLED) != name and not (state.get("one") or state.get("two")):
        state.put(one=examples[0], two=examples[1])
    state.put(**{_FILLED: name})
    for key, column, example in zip(("one", "two"), st.columns(2), examples, strict=True):
        with column:
            st.text_input(
                t(f"inputs.{key}"), key=key, live=True, max_chars=MAX_SAID, placeholder=example
            )
    return (state.get("one") or examples[0], state.get("two") or examples[1])


def _forget_texts() -> None:
    state.start_over("one", "two")
    state.put(**{_FILLED: None})
    state.jump(None)


def _training() -> Runs:
    options = [one.name for one in presets()]
    options.sort(key=lambda name: name != _FIRST_COURSE)
    state.settle("course", options)
    left, middle, right = st.columns([2, 1, 1], vertical_alignment="bottom")
    with left:
        st.selectbox(
            t("course"),
            options,
            format_func=lambda name: preset(name).title[state.get("lang")],
            key="course",
            on_change=_other_course,
        )
    name = state.get("course")
    steps = [step for step, _ in making.versions(name)]
    for place, key in ((middle, "earlier"), (right, "later")):
        with place:
            _moment(key, steps)
    with st.container(horizontal=True, vertical_alignment="bottom", key="sequence"):
        asked = feed_controls(_trained(name, -1))
    given = fed(_trained(name, -1), asked)
    if given is None:
        return ()
    moments = [state.get(key) for key in ("earlier", "later")]
    return tuple(
        RunChoice(t("moment.step", step=f"{steps[at]:,}"), _trained(name, at), given)
        for at in moments
    )


def _moment(key: str, steps: list[int]) -> None:
    options = [*range(len(steps) - 1), -1]
    if state.get(key) not in options:
        state.start_over(key)
    st.select_slider(
        t(key),
        options,
        format_func=lambda moment: t("moment.step", step=f"{steps[moment]:,}"),
        key=key,
        help=t("moment.help"),
    )


def _other_course() -> None:
    state.start_over("earlier", "later", "says", "feed")
    state.jump(None)


COMPARISONS: dict[str, Callable[[], Runs]] = {
    "cells": _cells,
    "inputs": _inputs,
    "training": _training,
    "backends": _backends,
}


def _typed() -> InputChoice | None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="sequence"):
        sequence_controls()
    with st.sidebar:
        reading_controls()
    return readable()


def _readable(runs: Runs) -> Runs:
    """These runs, or, after a sentence that says why not, the last that could be had."""
    try:
        for run in runs:
            cached.traced(run.model, run.given)
    except RnnvizError as error:
        st.warning(said(error), icon=":material/error:")
        good: Runs = st.session_state.get(_GOOD, ())
        return good if [run.model for run in good] == [run.model for run in runs] else ()
    state.put(**{_GOOD: runs})
    return runs


def _random(cell: str, backend: str = "numpy") -> ModelChoice:
    """One layer that reads forward, made as Explore makes it; one start fits all the cells."""
    init = state.get("init")
    return ModelChoice(
        cell=cell,
        units=state.get("units"),
        layers=1,
        direction="forward",
        seed=state.get("seed"),
        init="xavier" if init in NEEDS_A_GATE else init,
        gain=float(state.get("gain")),
        activation="",
        recurrence="full",
        backend=backend,
    )


def _trained(name: str, moment: int) -> OpenedChoice:
    return OpenedChoice("preset", name, None, "", (), (), moment, "", "numpy")


def _title(option: str) -> str:
    origin, _, name = option.partition(":")
    if origin == "random":
        return t("reader.random", cell=t(f"cell.{name}"))
    return preset(name).title[state.get("lang")]
