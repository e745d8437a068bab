"""A refusal on the page: its sentence, and a button for every way on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from rnnviz.errors import RnnvizError
from rnnviz.ui import state
from rnnviz.ui.text import escape_markdown, t, warn

# The places of notices, each kept until something else is chosen there.
INPUT_NOTICE, MODEL_NOTICE, TWIN_NOTICE = "upload_notice", "model_notice", "twin_notice"


@dataclass(frozen=True)
class Offer:
    """A way on: the key of its button's words, and what a click does.

    name  fills the gap of the words.
    """

    word: str
    act: Callable[..., None]
    args: tuple[Any, ...] = ()
    name: str = ""


@dataclass(frozen=True)
class Notice:
    """A refusal and the ways on from it.

    is_left  whether what was there before is there still; after a link there was nothing before.
    """

    error: RnnvizError
    offers: tuple[Offer, ...] = ()
    is_left: bool = True


def put_notice(place: str, notice: Notice | None) -> None:
    """Show a notice from the next run on; None for none."""
    state.put(**{place: notice})


def show_notice(place: str) -> bool:
    """Draw the notice of a place; True where what was there before is there still."""
    notice: Notice | None = st.session_state.get(place)
    if notice is not None:
        show_refusal(place, notice)
    return notice is not None and notice.is_left


def show_refusal(key: str, notice: Notice) -> None:
    """Draw a notice now, its ways on under its sentence, in a row of other things too."""
    with st.container(key=f"{key}_refusal"):
        warn(notice.error)
        if not notice.offers:
            return
        with st.container(horizontal=True, key=f"{key}_offers"):
            for i, offer in enumerate(notice.offers):
                label = t(offer.word, name=escape_markdown(offer.name))
                st.button(label, key=f"{key}_{i}", on_click=offer.act, args=offer.args)
