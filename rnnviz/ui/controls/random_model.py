"""The groups of choices that make the model: the cell and its weights."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.cells import CELLS
from rnnviz.core.cell import Cell
from rnnviz.network.random_model import initialisations
from rnnviz.ui import choices, shell, state
from rnnviz.ui.controls.widgets import list_slider, number_field, select, text_button
from rnnviz.ui.player.live_cells import live_cells
from rnnviz.ui.player.live_network import Tried, live_sliders
from rnnviz.ui.player.page_model import GROUP
from rnnviz.ui.selections import RandomModel
from rnnviz.ui.text import t
from rnnviz.ui.widget_keys import keyed, on_user_change

_TAUGHT = ("rnn", "lstm", "gru", "gru_reset_after")


def model_controls(expert: DeltaGenerator) -> RandomModel:
    """Cell, size and a die in a row; in `expert` what is chosen rarely."""
    row = st.container(horizontal=True, vertical_alignment="center", width="content", key="network")
    with row:
        tried = _choose_cell()
        with st.popover(_size(), icon=":material/grid_view:", key="network_size"):
            tried |= _choose_other()
            _sizes()
            tried |= {state.widget_key(one): {"do": one} for one in ("units", "layers")}
        text_button(t("die"), "die", _throw, icon=":material/casino:", help=t("die.help"))
        tried["die"] = {"do": "seed", "value": _next_seed()}
        live_sliders(tried, playhead=GROUP, key="live_die")
    with expert:
        _expert_controls()
    return RandomModel(
        cell=state.get("cell"),
        units=state.get("units"),
        layers=state.get("layers"),
        direction=state.get("direction"),
        seed=state.get("seed"),
        init=state.get("init"),
        gain=float(state.get("gain")),
        activation=state.get("activation") if _activations() else "",
        recurrence=state.get("recurrence") if len(_cell().recurrences) > 1 else "",
        backend=state.get("backend"),
    )


def cells_ahead() -> None:
    """What the page needs to show another cell before the server does; after all that is seen."""
    live_cells(tuple(CELLS), shell.look(), key="live_cells")


def _cell() -> Cell:
    return CELLS[state.get("cell")]


def _activations() -> tuple[str, ...]:
    """Activations that one gate of the cell may have, the cell's own first; none for most cells."""
    return next(iter(_cell().activations.values()), ())


def _size() -> str:
    """The number of units, after the name of a cell that is not among the buttons."""
    chosen = state.get("cell")
    other = "" if chosen in _TAUGHT else f"**{_name(chosen)}** · "
    return other + t("model.size", units=state.get("units"))


def _sizes() -> None:
    number_field("units", 1, choices.MAX_UNITS)
    number_field("layers", 1, choices.MAX_LAYERS)


def _throw() -> None:
    state.put(seed=_next_seed())


def _next_seed() -> int:
    return int(state.get("seed") + 1) % (choices.MAX_SEED + 1)


def _expert_controls() -> None:
    select("direction", ("forward", "backward", "both"))
    further = []
    if len(_cell().recurrences) > 1:
        further.append(_choose_recurrence)
    if _activations():
        further.append(_choose_activation)
    if further:
        for column, choose in zip(st.columns(len(further)), further, strict=True):
            with column:
                choose()
    _weights()


def _choose_cell() -> dict[str, Tried]:
    """The four cells that the lessons teach, as buttons; by their key what they do in the page."""
    chosen = state.get("cell")
    button = chosen if chosen in _TAUGHT else None
    taught = keyed("taught", button)
    st.segmented_control(
        t("group.cell"),
        _TAUGHT,
        default=button,
        format_func=_name,
        key=taught,
        label_visibility="collapsed",
        # The second of two quick clicks would take the choice back, before the first is heard of.
        required=True,
        on_change=on_user_change,
        args=(taught, _take, taught),
    )
    in_page = [name if _is_drawn_in_page(name) else None for name in _TAUGHT]
    return {taught: {"do": "cell", "values": in_page}}


def _is_drawn_in_page(name: str) -> bool:
    """Whether the choices that other cells lack leave this one as it is by itself."""
    cell = CELLS[name]
    has_own = not cell.activations or not state.get("activation")
    is_first = len(cell.recurrences) < 2 or state.get("recurrence") == cell.recurrences[0]
    return has_own and is_first and state.get("init") in initialisations(cell)


def _choose_other() -> dict[str, Tried]:
    """All other cells, as a list; by its key what it does in the page."""
    chosen = state.get("cell")
    others = tuple(name for name in CELLS if name not in _TAUGHT)
    rest = keyed("others", chosen if chosen in others else None)
    st.selectbox(
        t("cell.more"),
        others,
        others.index(chosen) if chosen in others else None,
        format_func=_name,
        key=rest,
        placeholder=t("cell.none"),
        on_change=on_user_change,
        args=(rest, _take, rest),
    )
    in_page = {_name(name): name for name in others if _is_drawn_in_page(name)}
    return {rest: {"do": "cell", "options": in_page}}


def _name(cell: str) -> str:
    return t(f"cell.{cell}")


def _take(key: str) -> None:
    state.put(cell=st.session_state[key])


def _choose_recurrence() -> None:
    select("recurrence", _cell().recurrences)


def _choose_activation() -> None:
    options = ("", *_activations()[1:])
    state.fall_back("activation", options)
    select("activation", options, text=_activation)


def _activation(name: str) -> str:
    return t(f"activation.{name or _activations()[0]}")


def _weights() -> None:
    left, right = st.columns(2)
    with left:
        number_field("seed", 0, choices.MAX_SEED)
    with right:
        select("backend", ("numpy", "torch"))
    options = initialisations(_cell())
    state.fall_back("init", options)
    select("init", options)
    tried = {"do": "gain", "values": list(map(float, choices.GAINS))}
    with st.container(key="gain_slider"):
        list_slider("gain", choices.GAINS)
    made: dict[str, Tried] = {
        "gain_slider": tried,
        state.widget_key("seed"): {"do": "seed"},
        state.widget_key("init"): {
            "do": "init",
            "options": {t(f"init.{one}"): one for one in options},
        },
    }
    if _activations():
        said = {_activation(one): one for one in ("", *_activations()[1:])}
        made[state.widget_key("activation")] = {"do": "activation", "options": said}
    live_sliders(made, playhead=GROUP, key="live_weights")
