"""The interface's words in the language of the page."""

from __future__ import annotations

from typing import Any

import streamlit as st

from rnnviz.errors import RnnvizError
from rnnviz.i18n import error_message, word
from rnnviz.ui import state
from rnnviz.ui.page_address import with_term_links


def t(key: str, **facts: Any) -> str:
    """The words of a key in the page's language; terms in them link to the glossary."""
    return with_term_links(word(key, state.language(), **facts))


def error_text(error: RnnvizError) -> str:
    """An error's sentence in the page's language, safe inside Markdown."""
    return escape_markdown(error_message(error, state.language()))


def warn(error: RnnvizError) -> None:
    """Show an error's sentence as a warning."""
    st.warning(error_text(error), icon=":material/error:")


def escape_markdown(text: str) -> str:
    """A user's text for Markdown, every character as it was typed."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]<>#$~|:" else letter for letter in text)
