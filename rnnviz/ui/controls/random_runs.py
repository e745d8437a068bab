"""Runs of random models: two or three cells, or one cell computed by two back ends."""

from __future__ import annotations

import streamlit as st

from rnnviz.cells import CELLS
from rnnviz.initialise import NEEDS_A_GATE
from rnnviz.ui import state
from rnnviz.ui.choices import InputChoice, ModelChoice, RunChoice, Runs
from rnnviz.ui.controls.choose import select
from rnnviz.ui.controls.sequence import readable, reading_controls, sequence_controls
from rnnviz.ui.text import t

MOST = 3


def cells() -> Runs:
    """Two or three cells that read the same input."""
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
    chosen = state.get("cells")
    if len(chosen) < 2:
        st.info(t("cells.none"), icon=":material/compare:")
    if given is None:
        return ()
    return tuple(RunChoice(t(f"cell.{name}"), random_choice(name), given) for name in chosen)


def backends() -> Runs:
    """One cell, computed by NumPy and by Torch."""
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
        RunChoice(t(f"backend.{backend}"), random_choice(cell, backend), given)
        for backend in ("numpy", "torch")
    )


def weights_controls() -> None:
    """What the random models of a comparison have in common, in the sidebar."""
    st.markdown(f"#### {t('group.weights')}")
    left, right = st.columns(2)
    left.number_input(t("units"), 1, state.MAX_UNITS, key="units", help=t("units.help"))
    right.number_input(t("seed"), 0, state.MAX_SEED, key="seed", help=t("seed.help"))
    select("gain", state.GAINS)


def random_choice(cell: str, backend: str = "numpy") -> ModelChoice:
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


def _typed() -> InputChoice | None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="sequence"):
        sequence_controls()
    with st.sidebar:
        reading_controls()
    return readable()
