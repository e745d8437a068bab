"""Reproduce: published findings, measured again on the models trained here."""

from __future__ import annotations

import streamlit as st

from rnnviz.ui import address, shell
from rnnviz.ui.controls.finding_list import finding_cards, finding_choice
from rnnviz.ui.text import t


def reproduce_page() -> None:
    """The page Reproduce: what it is, and a card for each finding."""
    st.markdown(f"# {t('reproduce.title')}")
    st.markdown(t("reproduce.about"))
    st.markdown(t("reproduce.about_limits"))
    finding_cards(finding_choice())


shell.show_errors(reproduce_page)
address.write_url()
