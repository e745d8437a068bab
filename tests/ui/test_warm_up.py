"""What the first page needs is imported beside the server, and nothing that it does not need."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from rnnviz.core.resources import app_file
from rnnviz.ui import warm_up

_FIRST_PAGE = """
import sys
from importlib import import_module
from streamlit.testing.v1 import AppTest
from rnnviz.ui.warm_up import FIRST_MODULES
for name in FIRST_MODULES:
    import_module(name)
before = set(sys.modules)
app = AppTest.from_file({path!r}, default_timeout=60)
app.query_params.update({address!r})
app.run()
assert not app.exception and app.get("plotly_chart")
after = set(sys.modules)
print("later", *sorted(name for name in after - before if name.startswith("rnnviz.")))
print("all", *sorted(after))
"""
# Pages open with the first; an old link leads to the second.
ADDRESSES = ({"lang": "en"}, {"lang": "en", "units": "64", "text": "abcdefghij"})
# What tables, files of models, trainings, lessons and pictures of others need.
NOT_FOR_A_FIRST_PICTURE = {
    "PIL.Image",
    "numpy.ma",
    "regex",
    "rnnviz.engine.parity",
    "rnnviz.inputs.csv_table",
    "rnnviz.inputs.infer_column",
    "rnnviz.inputs.json_table",
    "rnnviz.inputs.workbook",
    "rnnviz.lessons.parse",
    "rnnviz.pretrained.arrays",
    "rnnviz.readers.bounded_import",
    "rnnviz.readers.formats",
    "rnnviz.readers.torch.pickle_vm",
    "streamlit.emojis",
    "torch",
}


@pytest.fixture(scope="module", params=ADDRESSES, ids=["opening", "untrained"])
def loaded(request: pytest.FixtureRequest) -> dict[str, set[str]]:
    """Modules that the first page loaded, and those that it loaded later than the warm-up."""
    code = _FIRST_PAGE.format(path=str(app_file()), address=request.param)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines = [line.split() for line in done.stdout.splitlines()]
    return {line[0]: set(line[1:]) for line in lines if line and line[0] in ("later", "all")}


def test_a_first_page_finds_its_modules_loaded(loaded: dict[str, set[str]]) -> None:
    assert not loaded["later"]


def test_a_first_page_loads_no_reader_of_files(loaded: dict[str, set[str]]) -> None:
    assert "rnnviz.ui.results" in loaded["all"]
    assert not loaded["all"] & NOT_FOR_A_FIRST_PICTURE


def test_the_browser_opens_the_address_once_it_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    with socket.socket() as server:
        server.bind(("localhost", 0))
        port = server.getsockname()[1]
        monkeypatch.setattr(warm_up.st, "get_option", {"server.port": port}.__getitem__)
        monkeypatch.setattr(warm_up, "get_url", lambda host: f"http://{host}:{port}")
        monkeypatch.setattr(warm_up.webbrowser, "open", opened.append)
        # Nothing listens yet: it waits, here until it has tried once.
        monkeypatch.setattr(warm_up.time, "sleep", lambda _: server.listen())
        warm_up._open_browser()
    assert opened == [f"http://localhost:{port}"]


@pytest.mark.skipif(sys.platform == "win32", reason="the system has no such limit")
def test_a_server_may_open_as_many_files_as_the_system_allows() -> None:
    code = (
        "import resource as r; kind = r.RLIMIT_NOFILE; hard = min(4_000, r.getrlimit(kind)[1]);"
        "r.setrlimit(kind, (256, hard));"
        "from rnnviz.ui.open_files import allow_many_open_files as allow; allow(); allow();"
        "print(*r.getrlimit(kind))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    soft, hard = done.stdout.split()
    assert soft == hard != "256"
