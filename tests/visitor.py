"""A visitor without a browser: a page's socket to a server, in Streamlit's own protocol."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

_PATIENCE = 120.0


@dataclass
class Visitor:
    """An open page that has a field for a seed.

    errors  exceptions that the page showed.
    """

    socket: ClientConnection
    query: str
    errors: int = 0
    _seed: str = ""
    _fragment: str = ""
    # Messages that a browser keeps: the server sends their names when they come again.
    _kept: set[str] = field(default_factory=set)

    async def run(self, seed: int | None = None) -> None:
        """Ask for a run, of the page as it is or with another seed, and read until it has ended."""
        await self.socket.send(self._asked(seed))
        async with asyncio.timeout(_PATIENCE):
            while not self._is_last(await self.socket.recv(decode=False)):
                pass

    def _asked(self, seed: int | None) -> bytes:
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.cached_message_hashes.extend(self._kept)
        if seed is not None:
            message.rerun_script.fragment_id = self._fragment
            state = message.rerun_script.widget_states.widgets.add()
            state.id, state.double_value = self._seed, seed
        return bytes(message.SerializeToString())

    def _is_last(self, data: bytes) -> bool:
        message = ForwardMsg.FromString(data)
        kind = message.WhichOneof("type")
        if kind == "delta":
            self._look(message.delta)
        if message.metadata.cacheable:
            self._kept.add(message.hash)
        is_cut = message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN
        return kind == "script_finished" and not is_cut

    def _look(self, delta: Delta) -> None:
        element = delta.new_element
        kind = element.WhichOneof("type")
        self.errors += kind == "exception"
        if kind == "number_input" and element.number_input.id.endswith("-seed"):
            self._seed, self._fragment = element.number_input.id, delta.fragment_id


@asynccontextmanager
async def visiting(url: str) -> AsyncIterator[Visitor]:
    """A visitor who has opened a page at this address; he leaves at the end."""
    place, _, query = url.partition("/?")
    stream = place.replace("http", "ws", 1) + "/_stcore/stream"
    async with connect(stream, subprotocols=[Subprotocol("streamlit")], max_size=None) as socket:
        visitor = Visitor(socket, query)
        await visitor.run()
        yield visitor
