"""Run a function on what came from outside, within limits on time, memory and its result."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable
from contextlib import closing
from typing import Any, TypeVar

from rnnviz.bounded.call import BoundedCall, is_bounded
from rnnviz.bounded.limits import Limits, is_limited
from rnnviz.bounded.messages import TooLargeError
from rnnviz.bounded.pool import Work, pool
from rnnviz.bounded.refusals import excess_error
from rnnviz.core.checks import shown
from rnnviz.errors import RnnvizError

_R = TypeVar("_R")
_LOG = logging.getLogger(__name__)
_TIME_IS_UP = [-getattr(signal, name, 0) for name in ("SIGPROF", "SIGXCPU")]
HAS_PROCESSES = bool(sys.executable) and sys.platform not in ("emscripten", "wasi")


def run_bounded(
    function: Callable[..., _R],
    *arguments: Any,
    name: str,
    error: type[RnnvizError],
    limits: Limits,
    work: Work = "reading",
    modules: tuple[str, ...] = (),
) -> _R:
    """The result of a module's function, run in a process of its own within limits.

    name     the file's, for the sentence that tells why it was not read.
    error    the class of that sentence: InputError or ModelError.
    work     which waiting process forks the new one; "computing" is for large libraries.
    modules  further ones that the function needs, imported by the waiting process once.

    Raises RnnvizError as the function does, and `error` where it takes too long, takes or returns
    too much, or crashes. Without limits in the system (`is_limited`) it only has to end in time. A
    call within a call runs in the same process.

    >>> from rnnviz.bounded.limits import reading_limits
    >>> run_bounded(shown, "a long name", 6, name="a", error=RnnvizError, limits=reading_limits(9))
    'a lon…'
    """
    if is_bounded() or not HAS_PROCESSES:
        return function(*arguments)
    call = BoundedCall(function.__module__, function.__name__, arguments, limits)
    with pool().slots[work]:
        ending, value = _ask(call, work, (call.module, *modules))
    if ending == "result":
        return value  # type: ignore[no-any-return]
    if ending == "refused":
        raise value
    if ending == "failed":
        _LOG.error("%s failed on “%s”\n%s", function.__name__, shown(name), value)
    raise excess_error(error, ending, name, limits)


def start_waiting(modules: tuple[str, ...]) -> None:
    """Start the process that reads, with modules imported, before the first call."""
    if is_limited():
        pool().start("reading").send(modules)


def _ask(call: BoundedCall, work: Work, modules: tuple[str, ...]) -> tuple[str, Any]:
    """How the call ended, and with what; a second time where the waiting process was ended."""
    ending, value = _ask_once(call, work, modules)
    return (ending, value) if ending != "lost" else _ask_once(call, work, modules)


def _ask_once(call: BoundedCall, work: Work, modules: tuple[str, ...]) -> tuple[str, Any]:
    with closing(pool().process(work, modules)) as process:
        try:
            return _checked(process.ask(call))
        except TimeoutError:
            return "time", None
        except TooLargeError:
            return "size", None
        except EOFError:
            return ending_of(process.exit_code()), None
        except Exception:
            # None of our answers: the process was taken over, or is out of order.
            _LOG.exception("An answer that cannot be read")
            return "crash", None


def ending_of(code: int | None) -> str:
    """How a process ended without an answer, by its exit code: out of "time", by an "abort" or a
    "crash"; "lost" where nobody knows."""
    if code is None:
        return "lost"
    if code in _TIME_IS_UP:
        return "time"
    return "abort" if code == -signal.SIGABRT else "crash"


def _checked(answer: Any) -> tuple[str, Any]:
    ending, value = answer
    is_ours = isinstance(value, RnnvizError) if ending == "refused" else isinstance(ending, str)
    if not is_ours:
        raise TypeError(type(value))
    return ending, value
