"""Tokens that a model does not know: one sentence with all of them, and ways to write the text."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from rnnviz.core.checks import shown as shorten
from rnnviz.engine.model_inputs import UNKNOWN_TOKENS
from rnnviz.errors import RnnvizError, UnknownTokens
from rnnviz.formatting import token_label
from rnnviz.inputs.files import Text
from rnnviz.inputs.rewrite import rewrite_tokens
from rnnviz.inputs.tokenise import iter_tokens
from rnnviz.network.model import Model
from rnnviz.ui import results, state
from rnnviz.ui.controls.notice import Notice, Offer, show_refusal
from rnnviz.ui.run import ShownRun
from rnnviz.ui.selections import DataFile, InputChoice, TextFile, TypedNumbers, TypedText
from rnnviz.ui.text import escape_markdown, t
from rnnviz.ui.url import File

_MAX_QUOTED = 60
_CASES = (("unknown.lower", str.lower), ("unknown.upper", str.upper))


def show_unread(error: RnnvizError, choice: InputChoice, model: Model) -> None:
    """Draw why an input cannot be read, with the ways of writing it that can."""
    offers: tuple[Offer, ...] = ()
    if isinstance(error, UnknownTokens) and isinstance(choice, TypedText | TextFile):
        offers = tuple(_ways(error.tokens, choice, model.vocabulary or ()))
    show_refusal("unread", Notice(error, offers))


def unknown_caption(run: ShownRun) -> None:
    """Draw which tokens of a text the model reads as one that stands for all unknown ones."""
    vocabulary = run.model.vocabulary or ()
    stands_for = next((name for name in UNKNOWN_TOKENS if name in vocabulary), None)
    if stands_for is None or run.source.encoding == "values":
        return
    known = frozenset(vocabulary)
    unknown = [token_label(token) for token in run.source.features if token not in known]
    if unknown:
        tokens = escape_markdown(shorten(" ".join(unknown), _MAX_QUOTED))
        st.caption(t("unknown.read_as", tokens=tokens, name=escape_markdown(stands_for)))


def stale_caption(shown: InputChoice) -> None:
    """Draw what the picture is of, where it is not of what was typed."""
    with st.container(horizontal=True, vertical_alignment="center", key="stale"):
        st.badge(t("stale"), icon=":material/history:", color="orange")
        st.markdown(t("stale.of", what=escape_markdown(_named(shown))))


def _named(choice: InputChoice) -> str:
    match choice:
        case TypedText(text) | TypedNumbers(text):
            return shorten(text, _MAX_QUOTED)
        case TextFile(file) | DataFile(file):
            return file.name
        case _:
            return t("stale.signal")


def _ways(
    unknown: tuple[str, ...], choice: TypedText | TextFile, vocabulary: tuple[str, ...]
) -> Iterator[Offer]:
    """Another case where the model knows it, and the text without what it does not know."""
    text, known = _text_of(choice), frozenset(vocabulary)
    tokens = tuple(iter_tokens(text, choice.kind, choice.joined))
    for word, written in _CASES:
        changes = {token: written(token) for token in unknown if written(token) in known}
        if changes:
            yield _offer(word, choice, rewrite_tokens(text, tokens, changes))
    left = rewrite_tokens(text, tokens, dict.fromkeys(unknown, ""))
    if left.strip() or (left and any(token in known for token in tokens)):
        yield _offer("unknown.leave_out", choice, left)


def _offer(word: str, choice: TypedText | TextFile, text: str) -> Offer:
    return Offer(word, _read, (choice, text))


def _read(choice: TypedText | TextFile, text: str) -> None:
    state.move_cursor(0)
    if isinstance(choice, TextFile):
        # UTF-8 now, whatever it was.
        state.put(upload=File(choice.file.name, text.encode()), reading=[])
    else:
        state.put(says=text)


def _text_of(choice: TypedText | TextFile) -> str:
    if isinstance(choice, TypedText):
        return choice.text
    content = results.content_of(choice.file, choice.how)
    assert isinstance(content, Text)
    return content.text
