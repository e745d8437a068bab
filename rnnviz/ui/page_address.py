"""URLs of the app's own pages, and texts whose terms are links to the glossary."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

import streamlit as st

from rnnviz.lessons.glossary import GLOSSARY, link_terms
from rnnviz.lessons.interactive import Link
from rnnviz.ui import state


def page_address(link: Link) -> str:
    """URL of the page on this server, with the path under which the app is served."""
    base = urlsplit(str(st.context.url or "")).path.rpartition("/")[0]
    page = "" if link.page == "read" else link.page
    return f"{base}/{page}?{urlencode({'lang': state.get('lang'), **link.choices})}"


def with_term_links(text: str) -> str:
    """Markdown in which links to terms lead to the glossary."""
    return link_terms(text, _term_address)


def _term_address(id: str) -> str:
    return page_address(Link("learn", {"lesson": GLOSSARY, "term": id}))
