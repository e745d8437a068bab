"""Streamlit's page and its files, sent so that a first picture waits for less.

Streamlit reads a file piece by piece in other threads, and each piece waits for the script that
runs meanwhile. The browser asks for Plotly, five megabytes, when the script has sent a figure; here
the page names it beforehand, and it is there and evaluated while the script still runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from mimetypes import guess_type
from os import fstat
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.file_util import get_static_dir

_WITH_FIGURES = ("/", "/understand")
# What the script's first messages need, by the names of Streamlit's modules.
_FIRST_SCRIPTS = ("PlotlyChart", "BidiComponent", "Html", "Button", "ButtonGroup", "TextInput")
_IMPORT = re.compile(r'(?:from|import)"\./([^"]+\.js)"')
_HEAD = 8_000  # letters of a script, which hold what it imports
_PIECE = 2**18  # bytes
_KEPT = "public, immutable, max-age=31536000"  # a file's name says what is in it
# A browser that has a file asks for less than all of it.
_PARTIAL = ("range", "if-none-match", "if-modified-since")
# Evaluated once the script has been asked to run: before that it would keep the question waiting.
_EVALUATED_EARLY = """<script type="module">
const isAsked = () => document.querySelector("[data-test-connection-state=CONNECTED]");
const asked = new MutationObserver(() => {
  if (!isAsked()) return;
  asked.disconnect();
  for (const link of document.querySelectorAll("link[data-first-script]")) import(link.href);
});
const attributeFilter = ["data-test-connection-state"];
asked.observe(document, { subtree: true, childList: true, attributeFilter });
</script>
"""


class FrontendFiles:
    """ASGI middleware that answers for Streamlit's files, and for its page where it has figures."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._folder = Path(get_static_dir())
        self._files = frozenset(_paths(self._folder / "static", "/static"))
        self._page = first_page(self._folder)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what is asked for whole, and leave all else to Streamlit."""
        path = scope.get("path")
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
        elif path in _WITH_FIGURES:
            await HTMLResponse(self._page, headers={"Cache-Control": "no-cache"})(
                scope, receive, send
            )
        elif path in self._files and not any(name in Headers(scope=scope) for name in _PARTIAL):
            await _send_file(self._folder / path.lstrip("/"), send)
        else:
            await self._app(scope, receive, send)


def first_page(folder: Path) -> str:
    """Streamlit's page of a folder, with links to the scripts of a first picture."""
    page = (folder / "index.html").read_text("utf-8")
    links = "".join(
        f'<link rel="modulepreload" crossorigin data-first-script href="./static/js/{name}">\n'
        for name in _first_scripts(folder / "static" / "js")
        if name not in page
    )
    return page.replace("</head>", f"{links}{_EVALUATED_EARLY}</head>") if links else page


def _first_scripts(folder: Path) -> Iterator[str]:
    """File names of the first scripts and of what they import."""
    waiting = [file.name for name in _FIRST_SCRIPTS for file in folder.glob(f"{name}.*.js")]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop(0)
        if name not in seen:
            seen.add(name)
            yield name
            with (folder / name).open(encoding="utf-8") as file:
                waiting += _IMPORT.findall(file.read(_HEAD))


def _paths(folder: Path, path: str) -> Iterator[str]:
    for file in folder.iterdir():
        if file.is_dir():
            yield from _paths(file, f"{path}/{file.name}")
        else:
            yield f"{path}/{file.name}"


async def _send_file(file: Path, send: Send) -> None:
    kind = guess_type(file.name)[0] or "application/octet-stream"
    with file.open("rb") as content:
        left = fstat(content.fileno()).st_size
        headers = {"content-type": kind, "content-length": str(left), "cache-control": _KEPT}
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        while left > 0:
            piece = content.read(_PIECE)
            left -= len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": left > 0})
