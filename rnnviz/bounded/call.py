"""One call in a process of its own: read it, set the limits, run it, answer."""

from __future__ import annotations

import importlib
import pickle
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import IO, Any, Protocol

from rnnviz.bounded.limits import Limits, set_limits
from rnnviz.bounded.messages import Pickler, bytes_in, pack_answer
from rnnviz.errors import RnnvizError

Write = Callable[[bytes | memoryview], Any]
# True in a process that runs one call.
_is_bounded = False
_PLAIN = (str, int, float, bool, type(None))


@dataclass(frozen=True)
class BoundedCall:
    """A function by its module and name, its arguments, and the limits it runs in."""

    module: str
    name: str
    arguments: tuple[Any, ...]
    limits: Limits

    def answer(self, _: IO[bytes], write: Write) -> None:
        """Run it within its limits, and write how it ended and with what, see `packed_ending`."""
        function = getattr(importlib.import_module(self.module), self.name)
        enter_bounds(self.limits)
        for part in packed_ending(partial(function, *self.arguments), bytes_in(self.arguments)):
            write(part)


@dataclass(frozen=True)
class _Target:
    """What a pickle is written to."""

    write: Write


def is_bounded() -> bool:
    """True in a process that runs one call within limits."""
    return _is_bounded


class ProcessCall(Protocol):
    """A call that a process answers."""

    def answer(self, stream: IO[bytes], write: Write) -> None:
        """Run it, and write how it ended; what is read further stands in the stream."""


class WorkStopped(Exception):
    """Raised in work that is to end, where it tells its progress, and for who waits for it."""


def enter_bounds(limits: Limits) -> None:
    """Set the limits of this process, which runs one call."""
    global _is_bounded
    set_limits(limits)
    _is_bounded = True


def send_call(call: ProcessCall, write: Write) -> None:
    """Write a call, the bytes of a file without a copy."""
    Pickler(_Target(write), 5).dump(call)


def answer_call(stream: IO[bytes], write: Write) -> None:
    """Read a call and answer it."""
    call: ProcessCall = pickle.load(stream)
    call.answer(stream, write)


def packed_ending(
    work: Callable[[], object], files: tuple[bytes, ...] = ()
) -> Iterable[bytes | memoryview]:
    """The message of how work ended and with what.

    It ends with a "result", "stopped", with an error that "refused", for want of "memory", or
    "failed" with a traceback.
    """
    answer: tuple[str, object] = ("memory", "")
    try:
        # The whole message, since a result may be too large to be written.
        return list(pack_answer(("result", work()), files))
    except WorkStopped:
        answer = ("stopped", "")
    except RnnvizError as error:
        answer = ("refused", _plain(error))
    except MemoryError:
        pass
    except Exception:
        answer = ("failed", traceback.format_exc(limit=-20)[-4_000:])
    # Only here is what the function held freed.
    return pack_answer(answer)


def _plain(error: RnnvizError) -> RnnvizError:
    """The error with facts that any process can read."""
    return type(error)(error.template, **{n: _plain_fact(fact) for n, fact in error.facts.items()})


def _plain_fact(fact: Any) -> Any:
    if isinstance(fact, Mapping):
        return {str(name): _plain_fact(one) for name, one in fact.items()}
    if isinstance(fact, list | tuple):
        return type(fact)(map(_plain_fact, fact))
    return fact if isinstance(fact, _PLAIN) else str(fact)
