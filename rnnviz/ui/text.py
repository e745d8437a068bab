"""The interface's words in the language of the page."""

from __future__ import annotations

import re
from typing import Any

import streamlit as st

from rnnviz.errors import RnnvizError
from rnnviz.i18n import error_message, word
from rnnviz.ui import state
from rnnviz.ui.page_address import with_term_links
from rnnviz.ui.refusals import count_refusal

_MARKUP = re.compile(r"[\\`*{}\[\]<>#$~|:]|(?<![^\W_])_|_(?![^\W_])")


def t(key: str, **facts: Any) -> str:
    """The words of a key in the page's language; terms in them link to the glossary."""
    return with_term_links(word(key, state.language(), **facts))


def error_text(error: RnnvizError) -> str:
    """An error's sentence in the page's language, safe inside Markdown."""
    count_refusal(type(error).__name__)
    return escape_markdown(error_message(error, state.language()))


def warn(error: RnnvizError) -> None:
    """Show an error's sentence as a warning."""
    st.warning(error_text(error), icon=":material/error:")


def escape_markdown(text: str) -> str:
    r"""A user's text for Markdown, every character as it was typed.

    Inside a word an underscore is no markup, and a reader would hear the sign that escapes it.

    >>> print(escape_markdown("weight_ih_l0 *"), escape_markdown("_a_"))
    weight_ih_l0 \* \_a\_
    """
    return _MARKUP.sub(r"\\\g<0>", text)
