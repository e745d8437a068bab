"""The rnnviz app: page configuration, language, navigation."""

from __future__ import annotations

import streamlit as st

from rnnviz.ui import frame, state
from rnnviz.ui.text import t

st.set_page_config(page_title="rnnviz", page_icon=frame.ICON, layout="wide")
state.start()
frame.header()
page = st.navigation(
    [st.Page(frame.page("explore"), title=t("page.explore"), url_path="explore", default=True)],
    position="top",
)
frame.guarded(page.run)
state.finish()
