"""What a page leaves behind when it is closed: it is dropped, and its memory given back.

Streamlit keeps the session of a broken connection for a while, for its return, and after that until
another connection breaks. Here it goes when that while is over.
"""

from __future__ import annotations

import asyncio
import gc
import threading

import streamlit as st
from streamlit import runtime

from rnnviz.ui import results
from rnnviz.ui.process_memory import give_back_freed_memory

# Seconds; many leave at the same time, after a lesson.
_PAUSE = 5.0
_IS_DUE = threading.Lock()
_LEAVING: dict[str, asyncio.TimerHandle] = {}


def watch_session() -> None:
    """Have what this session alone uses dropped when its page is closed; called in each run."""
    _watched()


def _leave(session: str) -> None:
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        # No server, whose sessions end in its loop.
        return
    results.CACHE.leave(session)
    if session in _LEAVING:
        _LEAVING.pop(session).cancel()
    # It cannot be found any more once its time is over.
    kept = max(0.5, st.get_option("server.disconnectedSessionTTL") - 1)
    _LEAVING[session] = loop.call_later(kept, _end, session)


# Streamlit empties a session's own caches when its connection ends, which is told nowhere else.
@st.cache_resource(scope="session", on_release=_leave, show_spinner=False)
def _watched() -> str:
    return results.asking_session()


def _end(session: str) -> None:
    _LEAVING.pop(session, None)
    server = runtime.get_instance()
    if server.is_active_session(session):
        results.CACHE.leave(session, False)
        return
    server.close_session(session)
    results.CACHE.drop(session)
    _give_back_soon()


def _give_back_soon() -> None:
    if _IS_DUE.acquire(blocking=False):
        timer = threading.Timer(_PAUSE, _give_back)
        timer.daemon = True
        timer.start()


def _give_back() -> None:
    _IS_DUE.release()
    # Sessions are rings of objects, which are found late among all that a server holds.
    gc.collect()
    give_back_freed_memory()
