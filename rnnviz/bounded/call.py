"""One call in a process of its own: read it, set the limits, run it, answer."""

from __future__ import annotations

import importlib
import pickle
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import IO, Any

from rnnviz.bounded.limits import Limits, set_limits
from rnnviz.bounded.messages import bytes_in, pack_answer
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


@dataclass(frozen=True)
class _Target:
    """What a pickle is written to."""

    write: Write


def is_bounded() -> bool:
    """True in a process that runs one call within limits."""
    return _is_bounded


def send_call(call: BoundedCall, write: Write) -> None:
    """Write a call, the bytes of a file without a copy."""
    pickle.Pickler(_Target(write), 5).dump(call)


def answer_call(stream: IO[bytes], write: Write) -> None:
    """Read a call, run it within its limits, and write how it ended and with what.

    It ends with a "result", an error that "refused", for want of "memory", or "failed" with a
    traceback.
    """
    global _is_bounded
    call: BoundedCall = pickle.load(stream)
    function = getattr(importlib.import_module(call.module), call.name)
    set_limits(call.limits)
    _is_bounded = True
    for part in _answer(function, call.arguments):
        write(part)


def _answer(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Iterable[Any]:
    answer: tuple[str, object] = ("memory", "")
    try:
        # The whole message, since a result may be too large to be written.
        return list(pack_answer(("result", function(*arguments)), bytes_in(arguments)))
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
