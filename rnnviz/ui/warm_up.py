"""What the server does while the browser still loads Streamlit: it imports the first page."""

from __future__ import annotations

import socket
import threading
import time
import webbrowser
from importlib import import_module

import streamlit as st
from streamlit.net_util import get_internal_ip
from streamlit.web.server.server_util import get_url

from rnnviz.ui.open_files import allow_many_open_files

# What a first picture needs; whatever else these import is imported where it is used.
FIRST_MODULES = (
    "rnnviz.ui.shell",
    "rnnviz.ui.controls.insight_player",
    "rnnviz.ui.controls.main_view",
    "rnnviz.ui.controls.read_opened",
    "rnnviz.ui.controls.read_untrained",
    "rnnviz.ui.controls.model_switch",
    "rnnviz.ui.controls.training_mark",
    # The names that Streamlit checks a button's icon by.
    "streamlit.material_icon_names",
)
_IMPORTING = threading.Lock()
_TRIES, _PAUSE = 500, 0.02  # seconds
_FIRST_SEEN = 10  # seconds, when the first picture is on the screen


def import_first_page() -> None:
    """Tell the app's address, open it unless the server is headless, and import its first page.

    Streamlit imports a script's modules when its first page is asked for, and that page waits. The
    process that reads files starts later: it would take the processor from the first picture.
    """
    allow_many_open_files()
    ip = get_internal_ip()
    network = f", in this network {get_url(ip)}" if ip else ""
    print(f"rnnviz: {get_url('localhost')}{network}", flush=True)
    if not st.get_option("server.headless"):
        _open_browser()
    import_first_modules()
    time.sleep(_FIRST_SEEN)
    _start_reading()


def import_first_modules() -> None:
    """Import what the first page needs, one thread at a time.

    Modules that import each other fail where two threads begin with different ones.
    """
    with _IMPORTING:
        for name in FIRST_MODULES:
            import_module(name)


def _start_reading() -> None:
    from rnnviz.bounded.run import start_waiting
    from rnnviz.readers.bounded_import import READER_MODULES

    start_waiting(("rnnviz.inputs.read", "rnnviz.recordings.bounded_text", *READER_MODULES))


def _open_browser() -> None:
    """Open the app's address as soon as the server answers there."""
    for _ in range(_TRIES):
        try:
            socket.create_connection(("localhost", st.get_option("server.port")), 1).close()
        except OSError:
            time.sleep(_PAUSE)
        else:
            webbrowser.open(get_url("localhost"))
            return
