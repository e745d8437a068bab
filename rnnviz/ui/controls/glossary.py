"""Glossary page: the chosen term first, then all of them, each with its lessons."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from rnnviz.lessons.glossary import GLOSSARY, GlossaryEntry, glossary
from rnnviz.lessons.interactive import Link
from rnnviz.lessons.registry import lesson
from rnnviz.ui import state
from rnnviz.ui.controls.lesson_list import list_button
from rnnviz.ui.page_address import page_address, with_term_links
from rnnviz.ui.text import t


def is_glossary_open() -> bool:
    """True when the Learn page shows the glossary."""
    return bool(state.get("lesson") == GLOSSARY)


def glossary_page() -> None:
    """All terms, the one that was asked for in a box above them."""
    book = glossary(state.language())
    with st.container(key="lesson"):
        list_button()
        st.markdown(f"# {book.title}")
        st.markdown(book.summary)
        if (asked := book.term(state.get("term"))) is not None:
            with st.container(border=True, key="asked_term"):
                _term(asked, False)
        for term in book.terms:
            _term(term, term.id)


def _term(term: GlossaryEntry, anchor: str | Literal[False]) -> None:
    st.subheader(term.name, anchor=anchor)
    st.markdown(with_term_links(term.text))
    if term.lessons:
        st.caption(t("learn.seen_in", lessons=" · ".join(map(_lesson_link, term.lessons))))


def _lesson_link(id: str) -> str:
    address = page_address(Link("learn", {"lesson": id}))
    return f"[{lesson(id, state.language()).title}]({address})"
