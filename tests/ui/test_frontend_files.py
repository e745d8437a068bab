"""Streamlit's files come as Streamlit has them, and its page names what a first picture needs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send
from streamlit.file_util import get_static_dir

from rnnviz.ui.frontend_files import FrontendFiles, first_page

FOLDER = Path(get_static_dir())
SCRIPTS = FOLDER / "static" / "js"
PLOTLY = f"/static/js/{next(SCRIPTS.glob('PlotlyChart.*.js')).name}"
STREAMLIT = b"what Streamlit answers"


async def _streamlit(_: Scope, __: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": STREAMLIT})


def answer(
    path: str, method: str = "GET", headers: Iterable[tuple[bytes, bytes]] = ()
) -> tuple[dict[bytes, bytes], bytes]:
    """Headers and body of an answer."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    scope: dict[str, Any] = {"type": "http", "method": method, "path": path, "headers": headers}
    asyncio.run(FrontendFiles(_streamlit)(scope, receive, send))
    start, *pieces = sent
    assert [piece.get("more_body", False) for piece in pieces] == [True] * (len(pieces) - 1) + [
        False
    ]
    return dict(start["headers"]), b"".join(piece["body"] for piece in pieces)


@pytest.mark.parametrize("path", [PLOTLY, "/static/css/index.*.css", "/static/media/*.woff2"])
def test_a_file_comes_whole_and_is_kept(path: str) -> None:
    (file, *_) = FOLDER.glob(path.lstrip("/"))
    headers, body = answer(f"/{file.relative_to(FOLDER).as_posix()}")
    assert body == file.read_bytes()
    assert headers[b"content-length"] == str(len(body)).encode()
    assert b"immutable" in headers[b"cache-control"]


@pytest.mark.parametrize(
    ("path", "method", "headers"),
    [
        ("/static/js/nothing.js", "GET", ()),
        ("/static/../index.html", "GET", ()),
        ("/train", "GET", ()),
        ("/_stcore/health", "GET", ()),
        (PLOTLY, "HEAD", ()),
        (PLOTLY, "GET", [(b"range", b"bytes=0-9")]),
        (PLOTLY, "GET", [(b"if-none-match", b'"1"')]),
        ("/", "POST", ()),
    ],
)
def test_all_else_is_left_to_streamlit(path: str, method: str, headers: Any) -> None:
    assert answer(path, method, headers)[1] == STREAMLIT


def test_the_page_names_plotly_and_all_that_its_first_scripts_import() -> None:
    headers, body = answer("/")
    assert headers[b"cache-control"] == b"no-cache"
    named = re.findall(r'modulepreload[^>]* href="\./static/js/([^"]+)"', body.decode())
    assert PLOTLY.rpartition("/")[2] in named
    assert len(named) == len(set(named))
    for name in named:
        # As a browser reads it: every import of the whole file.
        imported = re.findall(
            r'(?:\bfrom|\bimport)"\./([^"]+)"', (SCRIPTS / name).read_text("utf-8")
        )
        assert set(imported) <= {*named, *re.findall(r'src="\./static/js/([^"]+)"', body.decode())}


def test_the_page_of_a_streamlit_without_those_scripts_is_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "static" / "js").mkdir(parents=True)
    (tmp_path / "index.html").write_text("<head></head>", "utf-8")
    assert first_page(tmp_path) == "<head></head>"
