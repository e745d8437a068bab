"""The groups of choices that make the model: the cell and its weights."""

from __future__ import annotations

import streamlit as st

from rnnviz.cells import CELLS
from rnnviz.initialise import INITIALISATIONS, NEEDS_A_GATE
from rnnviz.ui import state
from rnnviz.ui.cached import ModelChoice
from rnnviz.ui.controls.choose import segments, select
from rnnviz.ui.text import t


def model_controls() -> ModelChoice:
    """Cell, sizes and weights, in the sidebar."""
    _cell()
    _weights()
    return ModelChoice(
        cell=state.get("cell"),
        units=state.get("units"),
        layers=state.get("layers"),
        direction=state.get("direction"),
        seed=state.get("seed"),
        init=state.get("init"),
        gain=float(state.get("gain")),
        activation=state.get("activation") if _is_simple() else "tanh",
        recurrence=state.get("recurrence") if _is_simple() else "full",
        backend=state.get("backend"),
    )


def _is_simple() -> bool:
    return CELLS[state.get("cell")].diagonal


def _cell() -> None:
    st.markdown(f"#### {t('group.cell')}")
    segments("cell", tuple(CELLS), labelled=False)
    st.caption(t(f"about.{state.get('cell')}"))
    left, right = st.columns(2)
    left.number_input(t("units"), 1, state.MAX_UNITS, key="units", help=t("units.help"))
    right.number_input(t("layers"), 1, state.MAX_LAYERS, key="layers", help=t("layers.help"))
    select("direction", ("forward", "backward", "both"))
    if _is_simple():
        left, right = st.columns(2)
        with left:
            select("recurrence", ("full", "one_to_one"))
        with right:
            select("activation", ("tanh", "relu"))


def _weights() -> None:
    with st.expander(t("group.weights"), icon=":material/casino:"):
        left, right = st.columns(2)
        left.number_input(t("seed"), 0, state.MAX_SEED, key="seed", help=t("seed.help"))
        with right:
            select("backend", ("numpy", "torch"))
        select("init", _initialisations())
        select("gain", state.GAINS)
    with st.container(key="untrained"):
        st.markdown(t("untrained"))


def _initialisations() -> tuple[str, ...]:
    options = tuple(i for i in INITIALISATIONS if not (_is_simple() and i in NEEDS_A_GATE))
    state.settle("init", options)
    return options
