"""One call in a worker: it runs at low priority, and tells how far it is."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import IO, Any

from rnnviz.bounded.call import WorkStopped, Write, enter_bounds, packed_ending
from rnnviz.bounded.limits import Limits
from rnnviz.bounded.messages import pack_answer

GO_ON, STOP = b"\x01", b"\x00"
# Who chooses on a page goes first: three times as much is for an equal one.
_NICENESS, _ENDED_FIRST = 5, 500


@dataclass(frozen=True)
class WorkerCall:
    """A function or method by its module and name, its arguments, and the limits it runs in.

    tells  whether it takes `progress` and calls it now and then, which ends it when it is to stop.
    """

    module: str
    name: str
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any]
    limits: Limits
    tells: bool

    def answer(self, stream: IO[bytes], write: Write) -> None:
        """Run it; write what it tells, reading each time whether to go on, and how it ended."""
        function = attrgetter(self.name)(importlib.import_module(self.module))
        _give_way()
        enter_bounds(self.limits)
        told = {"progress": partial(_tell, stream, write)} if self.tells else {}
        for part in packed_ending(partial(function, *self.arguments, **self.keywords, **told)):
            write(part)


def _give_way() -> None:
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    # Linux first weighs sessions of processes against each other; a worker is in one of its own.
    _set_own("autogroup", _NICENESS)
    # Where memory runs out, the system ends a worker and not the server.
    _set_own("oom_score_adj", _ENDED_FIRST)


def _set_own(name: str, value: int) -> None:
    with suppress(OSError):
        Path(f"/proc/self/{name}").write_text(str(value))


def _tell(stream: IO[bytes], write: Write, told: object) -> None:
    for part in pack_answer(("told", told)):
        write(part)
    if stream.read(1) != GO_ON:
        raise WorkStopped
