"""The address that opened models once had: it leads to the page that reads."""

from __future__ import annotations

import streamlit as st

from rnnviz.ui import shell

st.switch_page(shell.page_file("read"))
