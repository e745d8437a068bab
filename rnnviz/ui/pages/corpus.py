"""Corpus: what the units of a model follow over many texts, read from the result of a scan."""

from __future__ import annotations

import streamlit as st

from rnnviz.ui import address, shell
from rnnviz.ui.controls.scan_features import scan_features
from rnnviz.ui.controls.scan_source import chosen_scan, scan_facts
from rnnviz.ui.controls.scan_spans import scan_spans
from rnnviz.ui.controls.scan_taken_along import scan_taken_along
from rnnviz.ui.controls.scan_unit import scan_unit, settle_unit
from rnnviz.ui.scan_results import scan_of
from rnnviz.ui.text import t


def corpus_page() -> None:
    """The page Corpus: the scan, its features, one unit, and spans that lead to other units."""
    st.markdown(f"# {t('corpus.title')}")
    st.markdown(t("corpus.about"))
    choice = chosen_scan()
    if choice is None:
        return
    settle_unit(scan_of(choice))
    with st.container(key="scan_page"):
        scan_facts(choice)
        scan_features(choice)
        scan_unit(choice)
        scan_spans(choice)
        scan_taken_along(choice)


shell.show_errors(corpus_page)
address.write_url()
