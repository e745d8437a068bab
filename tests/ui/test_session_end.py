"""A closed page leaves nothing that only it has asked for."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from streamlit.runtime.caching import clear_session_resource_cache
from streamlit.testing.v1 import AppTest

from rnnviz.ui import results, session_end

APP = Path(__file__).parents[2] / "app.py"
# Of every page that is tested so.
SESSION = "test session id"


@dataclass
class Server:
    """What a session's end asks of Streamlit's runtime."""

    active: set[str]
    closed: list[str] = field(default_factory=list)

    def is_active_session(self, session: str) -> bool:
        return session in self.active

    def close_session(self, session: str) -> None:
        self.closed.append(session)


def test_a_session_ends_once_it_is_too_late_to_return(monkeypatch: pytest.MonkeyPatch) -> None:
    results.CACHE.clear()
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params.update({"units": "7", "text": "leaving", "seed": "5"})
    assert not app.run().exception
    held = results.CACHE.n_bytes
    assert held > 10_000
    given_back = threading.Event()
    server = Server({"returned"})
    monkeypatch.setattr("streamlit.runtime.get_instance", lambda: server)
    monkeypatch.setattr("streamlit.get_option", {"server.disconnectedSessionTTL": 0}.get)
    monkeypatch.setattr(session_end, "_PAUSE", 0.01)
    monkeypatch.setattr(session_end, "give_back_freed_memory", given_back.set)

    async def all_leave() -> None:
        clear_session_resource_cache(SESSION)
        for session in ("gone", "returned", "gone"):
            session_end._leave(session)
        assert not server.closed
        assert results.CACHE.n_bytes == held
        while session_end._LEAVING:
            await asyncio.sleep(0.05)

    asyncio.run(all_leave())
    assert server.closed == [SESSION, "gone"]
    assert results.CACHE.n_bytes < held / 10
    assert given_back.wait(10)
