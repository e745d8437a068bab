"""The player, and what the server learns of it: where the cursor came to rest."""

from __future__ import annotations

import streamlit as st

from rnnviz.ui import state
from rnnviz.ui.player import player
from rnnviz.views.panels import Panels

_KEY = "player"


@st.fragment
def stepping(panels: Panels, group: str) -> None:
    """The player over the chart of a group; a rest reruns nothing but this."""
    last = panels.n_steps - 1

    def rested() -> None:
        step = st.session_state[_KEY].get("step")
        # Standing on the last step is the default, so the link need not say it.
        state.rest(None if step is None or step >= last else int(step))

    player(
        panels,
        key=_KEY,
        group=group,
        step=state.get("step"),
        jump=state.jumps(),
        language=state.get("lang"),
        on_rest=rested,
    )
    state.finish()
