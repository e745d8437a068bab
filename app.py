"""The rnnviz app: page configuration, language, navigation; and the start of its server."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from threading import Thread
from typing import Any

from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.starlette import App

_PAUSE = 0.03  # seconds, after which the server listens
_ARENA_MAX = -8  # of malloc.h


def main() -> None:
    """A session's run."""
    import streamlit as st

    from rnnviz.ui.warm_up import import_first_modules

    import_first_modules()
    from rnnviz.ui import address, brand, shell
    from rnnviz.ui.controls.training_mark import training_mark
    from rnnviz.ui.text import t

    st.set_page_config(page_title="rnnviz", layout="wide")
    brand.show_icon("icon.svg")
    address.load_session()
    shell.page_header()
    names = ("read", "understand", "corpus", "reproduce", "compare", "train", "learn")
    pages = [
        st.Page(
            shell.page_file(name), title=t(f"page.{name}"), url_path=name, default=name == "read"
        )
        for name in names
    ]
    old = st.Page(shell.page_file("model"), url_path="model", visibility="hidden")
    page = st.navigation([*pages, old], position="hidden" if shell.is_embedded() else "top")
    if page.url_path != "train":
        training_mark()
    shell.show_errors(page.run)
    address.write_url()


@asynccontextmanager
async def _warmed_up(_: App) -> AsyncIterator[None]:
    _end_at_interrupt()
    thread = Thread(target=_warm_up, name="warm up", daemon=True)
    asyncio.get_running_loop().call_later(_PAUSE, thread.start)
    yield


def _end_at_interrupt() -> None:
    """End the server at Ctrl+C as a script's server ends: uvicorn would fail with the signal."""
    server: Any = getattr(signal.getsignal(signal.SIGINT), "__self__", None)
    if hasattr(server, "should_exit"):

        def end(*_: object) -> None:
            server.force_exit, server.should_exit = server.should_exit, True

        signal.signal(signal.SIGINT, end)


def _for_its_host(server: ASGIApp) -> ASGIApp:
    """The server, which tells its metrics only with RNNVIZ_METRICS=1.

    Requests with a header X-Forwarded-… are not answered; a proxy without has to close the path.
    """
    if is_told := os.environ.get("RNNVIZ_METRICS") == "1":
        from rnnviz.ui.server_metrics import metered

        server = metered(server)

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path", "").endswith("/_stcore/metrics"):
            is_proxied = any(name.startswith(b"x-forwarded") for name, _ in scope["headers"])
            if is_proxied or not is_told:
                return await PlainTextResponse("Not Found", 404)(scope, receive, send)
        await server(scope, receive, send)

    return serve


def _use_few_arenas() -> None:
    """Let glibc keep two stores of memory for all threads, not eight a core.

    Each run has a thread of its own, and what is freed in one store is of no use in another. Only
    before the first thread does glibc hear of it.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if set_option is not None:
        set_option(_ARENA_MAX, 2)


def _with_frontend_files(server: ASGIApp) -> ASGIApp:
    """The server with the files of Streamlit's page as `rnnviz.ui.frontend_files` sends them.

    That file alone is imported: its package imports NumPy, for which the server would start later.
    """
    package: Any = find_spec("rnnviz")
    file = Path(package.origin).parent / "ui" / "frontend_files.py"
    spec: Any = spec_from_file_location("frontend_files", file)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    served: ASGIApp = module.FrontendFiles(server)
    return served


def _warm_up() -> None:
    from rnnviz.ui.warm_up import import_first_page

    import_first_page()


_MIDDLEWARE = [Middleware(_for_its_host), Middleware(_with_frontend_files)]

# Streamlit runs this file for a session, and imports it once where it starts the server.
if __name__ == "__main__":
    main()
else:
    _use_few_arenas()
    app = App(__file__, lifespan=_warmed_up, middleware=_MIDDLEWARE)
