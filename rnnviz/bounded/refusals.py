"""Sentences of what was not done within its limits."""

from __future__ import annotations

from rnnviz.bounded.limits import MEGABYTE, Limits
from rnnviz.core.checks import shown
from rnnviz.errors import RnnvizError


def excess_error(kind: type[RnnvizError], excess: str, name: str, limits: Limits) -> RnnvizError:
    """The error of a file that takes too much "time" or "memory", is of a "size", or crashes.

    >>> from rnnviz.bounded.limits import reading_limits
    >>> str(excess_error(RnnvizError, "time", "a.csv", reading_limits(100)))
    '“a.csv” takes longer than 2 s to read, which no honest file of its size does; save it again,\
 or choose a part of it.'
    """
    name = shown(name)
    if excess == "time":
        return kind(
            "“{name}” takes longer than {seconds} s to read, which no honest file of its size does;"
            " save it again, or choose a part of it.",
            name=name,
            seconds=f"{limits.cpu_s:.3g}",
        )
    if excess == "memory":
        return kind(
            "“{name}” takes more than {bound} MB of memory to read; choose a part of it, or of a"
            " model save the recurrent layers alone.",
            name=name,
            bound=limits.memory // MEGABYTE,
        )
    if excess == "size":
        return kind(
            "“{name}” holds more than {bound} MB once it is read; choose a part of it, or of a"
            " model save the recurrent layers alone.",
            name=name,
            bound=limits.result_bytes // MEGABYTE,
        )
    return kind(
        "“{name}” cannot be read: it is damaged, or not what its name says; save it again.",
        name=name,
    )
