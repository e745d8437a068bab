"""Icon and logo, sent as Streamlit sends an SVG, without the imaging library of other pictures.

`st.logo` and the icon of `st.set_page_config` load it for whatever they show, which takes 2 MB.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.PageConfig_pb2 import PageConfig
from streamlit.runtime.scriptrunner import get_script_run_ctx

from rnnviz.core.resources import asset


def show_icon(name: str) -> None:
    """Show an asset as the icon of the browser's tab, after `st.set_page_config`."""
    message = ForwardMsg()
    config = message.page_config_changed
    config.favicon = data_url(name)
    config.layout = PageConfig.LAYOUT_UNSET
    config.initial_sidebar_state = PageConfig.SIDEBAR_UNSET
    _send(message)


def show_logo(name: str) -> None:
    """Show an asset at the left of the header."""
    message = ForwardMsg()
    message.logo.image = data_url(name)
    message.logo.size = "medium"
    _send(message)


@cache
def data_url(name: str) -> str:
    """URL that holds an SVG of the assets."""
    return f"data:image/svg+xml;base64,{b64encode(asset(name).read_bytes()).decode()}"


def _send(message: ForwardMsg) -> None:
    context = get_script_run_ctx()
    if context is not None:
        context.enqueue(message)
