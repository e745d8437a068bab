"""The URL of the page: read when a session begins or goes back, written after every run."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from rnnviz.ui import old_links, places, state, widget_keys
from rnnviz.ui.choices import ALL_CHOICES, OPENING
from rnnviz.ui.kept_files import LostFile, file_address
from rnnviz.ui.places import page_path
from rnnviz.ui.url import File

_WRITTEN = "written"
_PAGE = "page"
_ARRIVED = "arrived"
_FILES = ("upload", "modelfile", "scanfile")
_NONE: Mapping[str, File | LostFile | None] = MappingProxyType({})


def url_query() -> str:
    """The URL's query of all choices."""
    return urlencode(_query())


def url_query_of(page: str, **others: Any) -> dict[str, str]:
    """Another page's query: these choices, and the current ones where it has them.

    It is what that page writes itself, which makes the way there one entry of the history.
    """
    return _said(state.all_of(places.choices_of_page(page)) | others)


def load_session() -> None:
    """Fill the session from the URL at first, and again when the browser went back or forward."""
    state.unsettle_language()
    if _WRITTEN not in st.session_state:
        _begin()
    elif _is_navigation():
        held = {file_address(state.get(key)): state.get(key) for key in _FILES}
        places.leave_place()
        state.end_opening()
        state.restore_defaults(*places.choices_of_page())
        state.put(lang=_language_of_browser())
        _choose_from(_asked(), held)
        _open_at_work()
        places.stand_here()
        _arrive()
    else:
        places.enter_place()
        if _is_other_page():
            state.end_opening()
            # Its address began empty, and is completed.
            state.put(**{_ARRIVED: None})
    if _is_other_page():
        widget_keys.renew_all()
    places.take_brought()
    state.hold()
    state.put(**{_PAGE: page_path()})


def _begin() -> None:
    """Choose what the address says."""
    widget_keys.begin()
    state.restore_defaults(*ALL_CHOICES)
    state.put(lang=_language_of_browser())
    _choose_from(_asked())
    _open_at_work()
    # A run that is cut short, by a click on another page, does not come to write it.
    state.put(**{_WRITTEN: st.query_params.to_dict()})
    places.stand_here()
    _arrive()


def _open_at_work() -> None:
    """An address that says nothing opens Read with a network at work."""
    if not _asked().keys() - {"lang"} and places.is_read():
        state.begin_opening()


def _language_of_browser() -> str:
    return "zh" if (st.context.locale or "").lower().startswith("zh") else "en"


def _arrive() -> None:
    """Remember what the address asked for, and what that says in full."""
    state.put(**{_ARRIVED: (st.query_params.to_dict(), _query())})


def write_url() -> None:
    """Write the choices into the URL.

    Every writing is an entry of the browser's history, so an address that says as much already
    stays as it is.
    """
    address, asked = _query(), st.query_params.to_dict()
    if _says(asked, address):
        address = asked
    state.put(**{_WRITTEN: address})
    if asked != address:
        st.query_params.from_dict(address)


def _says(asked: dict[str, str], address: dict[str, str]) -> bool:
    """True where what was asked for, though shorter, leads to the choices of an address."""
    return (asked, address) == st.session_state.get(_ARRIVED) and asked.items() <= address.items()


def _is_navigation() -> bool:
    """True when the browser went back or forward, or a link led to other choices.

    Any other address that is not the one written last is an older one: the browser had not read
    the new one when it asked.
    """
    asked = st.query_params.to_dict()
    is_new = asked != st.session_state[_WRITTEN]
    if _is_other_page():
        # Where another page was chosen, its address begins empty, and the choices stay.
        return _is_history_navigation() or (is_new and bool(asked))
    return is_new and _is_history_navigation()


def _is_other_page() -> bool:
    """True when another page was shown last."""
    return bool(st.session_state.get(_PAGE, page_path()) != page_path())


def _asked() -> dict[str, str]:
    return old_links.with_model(page_path(), st.query_params.to_dict())


def _is_history_navigation() -> bool:
    context = get_script_run_ctx()
    return bool(context and context.is_history_navigation)


def _choose_from(
    address: dict[str, str], held: Mapping[str, File | LostFile | None] = _NONE
) -> None:
    """Choose what an address says; `held` are files that it may name without carrying them."""
    for key, text in address.items():
        if key in _FILES and text in held:
            state.put(**{key: held[text]})
        elif key in ALL_CHOICES:
            try:
                state.put(**{key: ALL_CHOICES[key].read(text)})
            except ValueError:
                if key == "upload" and text:
                    # A link that was cut where it was copied.
                    state.put(**{key: LostFile("", "")})
    state.move_cursor(state.get("step"))


def _query() -> dict[str, str]:
    chosen = state.all_of(places.choices_of_page())
    if state.is_opening():
        del chosen["step"]
    return _said(chosen)


def _said(chosen: Mapping[str, Any]) -> dict[str, str]:
    """The query of these choices, without those at their default."""
    here = {key: ALL_CHOICES[key] for key in chosen}
    texts = {key: c.write(chosen[key]) for key, c in here.items() if chosen[key] != c.default}
    said = {key: text for key, text in texts.items() if text}
    # Without its model such an address would be an old one, of a random network.
    if not old_links.NEEDS_MODEL.isdisjoint(said):
        said.setdefault("model", OPENING)
    return {"lang": state.language()} | said
