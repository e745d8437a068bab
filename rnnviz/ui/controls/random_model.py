"""The groups of choices that make the model: the cell and its weights."""

from __future__ import annotations

import streamlit as st

from rnnviz.cells import CELLS
from rnnviz.network.random_model import INITIALISATIONS, NEEDS_A_GATE
from rnnviz.ui import state
from rnnviz.ui.controls.widgets import number, select
from rnnviz.ui.selections import ModelChoice
from rnnviz.ui.text import t
from rnnviz.ui.widget_keys import heard, shows

_TAUGHT = ("rnn", "lstm", "gru", "gru_reset_after")


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
        activation=state.get("activation") if _activations() else "",
        recurrence=state.get("recurrence") if _is_simple() else "full",
        backend=state.get("backend"),
    )


def _is_simple() -> bool:
    return CELLS[state.get("cell")].diagonal


def _activations() -> tuple[str, ...]:
    """What the cell lets choose for one of its gates, its own first; none for most cells."""
    return next(iter(CELLS[state.get("cell")].activations.values()), ())


def _cell() -> None:
    st.markdown(f"#### {t('group.cell')}")
    with st.container(key="cell"):
        _choose_cell()
    st.caption(t(f"about.{state.get('cell')}"))
    left, right = st.columns(2)
    with left:
        number("units", 1, state.MAX_UNITS)
    with right:
        number("layers", 1, state.MAX_LAYERS)
    select("direction", ("forward", "backward", "both"))
    if _is_simple():
        left, right = st.columns(2)
        with left:
            select("recurrence", ("full", "one_to_one"))
        with right:
            _choose_activation()
    elif _activations():
        _choose_activation()


def _choose_cell() -> None:
    """The four that are taught as buttons, the others in a list; one of all is chosen."""
    chosen = state.get("cell")
    others = tuple(name for name in CELLS if name not in _TAUGHT)
    button = chosen if chosen in _TAUGHT else None
    taught, rest = shows("taught", button), shows("others", None if button else chosen)
    st.segmented_control(
        t("group.cell"),
        _TAUGHT,
        default=button,
        format_func=_name,
        key=taught,
        label_visibility="collapsed",
        on_change=heard,
        args=(taught, _take, taught),
    )
    st.selectbox(
        t("cell.more"),
        others,
        None if button else others.index(chosen),
        format_func=_name,
        key=rest,
        placeholder=t("cell.more"),
        label_visibility="collapsed",
        on_change=heard,
        args=(rest, _take, rest),
    )


def _name(cell: str) -> str:
    return t(f"cell.{cell}")


def _take(key: str) -> None:
    # A button that is pressed again gives None, and its cell stays.
    if chosen := st.session_state[key]:
        state.put(cell=chosen)


def _choose_activation() -> None:
    own, *others = _activations()
    options = ("", *others)
    state.settle("activation", options)
    st.selectbox(
        t("activation"),
        options,
        options.index(state.get("activation")),
        format_func=lambda name: t(f"activation.{name or own}"),
        key=state.widget("activation"),
        help=t("activation.help"),
    )


def _weights() -> None:
    with st.expander(t("group.weights"), icon=":material/casino:"):
        left, right = st.columns(2)
        with left:
            number("seed", 0, state.MAX_SEED)
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
