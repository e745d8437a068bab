"""Places of a text as lines: a number, what stands before, the token lit, what follows."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import streamlit as st

from rnnviz.corpus.corpus_unit import CorpusContext
from rnnviz.formatting import token_label

# A user-perceived character may have several code points; a word has more.
_CHARACTER = 3


def context_lines(lines: Iterable[tuple[str, CorpusContext]], caption: str) -> None:
    """A line for each place, the number before it; what is too long is cut at its far ends."""
    told = list(lines)
    rows = "".join(_line(number, one) for number, one in told)
    kind = " words" if any(len(one.token) > _CHARACTER for _, one in told) else ""
    title = f"<caption>{escape(caption)}</caption>"
    st.html(f'<table class="context-lines{kind}">{title}{rows}</table>')


def _line(number: str, one: CorpusContext) -> str:
    before, token, after = (_visible(text) for text in (one.before, one.token, one.after))
    return (
        f'<tr><th scope="row">{escape(number)}</th>'
        f'<td class="before"><span><bdi>{before}</bdi></span></td>'
        f"<td><mark>{token}</mark></td>"
        f'<td class="after"><span>{after}</span></td></tr>'
    )


def _visible(text: str) -> str:
    """A text with its line ends and tabs to be seen."""
    return escape("".join(sign if sign == " " else _sign(sign) for sign in text))


def _sign(sign: str) -> str:
    return sign if sign.isprintable() else token_label(sign)
