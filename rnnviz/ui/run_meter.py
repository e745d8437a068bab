"""Runs of the script, counted and timed by the messages that cross a page's socket."""

from __future__ import annotations

import math
import time
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import accumulate

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

# Seconds that a run is told to be within.
_BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, math.inf)
# Bytes; what says that a run has ended is shorter.
_SHORT = 100


@dataclass
class RunMeter:
    """Runs of all sessions.

    asked    runs that were asked for, by a visitor or by a part that renews itself.
    seconds  from a visitor's message to the end of its run, of all together.
    """

    asked: dict[str, int] = field(default_factory=lambda: {"visitor": 0, "timer": 0})
    seconds: float = 0.0
    _counts: list[int] = field(default_factory=lambda: [0] * len(_BOUNDS))

    def add(self, seconds: float) -> None:
        """Add a run that has ended."""
        self.seconds += seconds
        self._counts[bisect_left(_BOUNDS, seconds)] += 1

    @property
    def within(self) -> tuple[tuple[float, int], ...]:
        """Runs that took no longer, by seconds; the last are all.

        >>> meter = RunMeter()
        >>> meter.add(0.07), meter.add(20.0)
        (None, None)
        >>> meter.within[:2], meter.within[-1]
        (((0.05, 0), (0.1, 1)), (inf, 2))
        """
        return tuple(zip(_BOUNDS, accumulate(self._counts), strict=True))


@dataclass
class MeteredSocket:
    """The socket of one page, whose runs a meter counts."""

    meter: RunMeter
    clock: Callable[[], float] = time.perf_counter
    _begun: float | None = None

    def hear(self, data: bytes) -> None:
        """Count what the page asks for."""
        try:
            message = BackMsg.FromString(data)
        except DecodeError:
            # Streamlit ends the connection.
            return
        if message.WhichOneof("type") != "rerun_script":
            return
        is_timer = message.rerun_script.is_auto_rerun
        self.meter.asked["timer" if is_timer else "visitor"] += 1
        if not is_timer and self._begun is None:
            self._begun = self.clock()

    def say(self, data: bytes) -> None:
        """Time a run, where this is the message of its end."""
        if self._begun is None or len(data) > _SHORT:
            return
        message = ForwardMsg.FromString(data)
        is_last = message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
        if message.WhichOneof("type") == "script_finished" and is_last:
            self.meter.add(self.clock() - self._begun)
            self._begun = None
