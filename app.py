"""The rnnviz app: page configuration, language, navigation."""

from __future__ import annotations

import streamlit as st

from rnnviz.ui import address, shell
from rnnviz.ui.controls.training_mark import training_mark
from rnnviz.ui.text import t

st.set_page_config(page_title="rnnviz", page_icon=shell.ICON, layout="wide")
address.load_session()
shell.page_header()
pages = [
    st.Page(shell.page_file(name), title=t(f"page.{name}"), url_path=name, default=name == "read")
    for name in ("read", "understand", "reproduce", "compare", "train", "learn")
]
old = st.Page(shell.page_file("model"), url_path="model", visibility="hidden")
page = st.navigation([*pages, old], position="hidden" if shell.is_embedded() else "top")
if page.url_path != "train":
    training_mark()
shell.show_errors(page.run)
address.write_url()
