"""Sentences of what was not done within its limits."""

from __future__ import annotations

from rnnviz.bounded.limits import MEGABYTE, Limits
from rnnviz.core.checks import shown
from rnnviz.errors import InputError, ModelError, RnnvizError


def excess_error(kind: type[RnnvizError], excess: str, name: str, limits: Limits) -> RnnvizError:
    """The error of a file that takes too much "time" or "memory", is of a "size", or crashes.

    A library in Rust or C++ ends by an "abort" where it gets no more memory, and where it fails.

    >>> from rnnviz.bounded.limits import reading_limits
    >>> str(excess_error(RnnvizError, "time", "a.csv", reading_limits(100)))
    '“a.csv” takes longer to read than the 1.6 s of computing that a file of its size is given;\
 choose a part of it, or save it again.'
    """
    error = _excess(kind, excess, shown(name), limits)
    return kind(error.template, **error.facts)


def _excess(kind: type[RnnvizError], excess: str, name: str, limits: Limits) -> RnnvizError:
    if excess == "time" and kind is ModelError:
        return RnnvizError(
            "“{name}” takes longer to read than the {seconds} s of computing that a file of its"
            " size is given; save the recurrent layers alone.",
            name=name,
            seconds=f"{limits.cpu_s:.3g}",
        )
    if excess == "time":
        return RnnvizError(
            "“{name}” takes longer to read than the {seconds} s of computing that a file of its"
            " size is given; choose a part of it, or save it again.",
            name=name,
            seconds=f"{limits.cpu_s:.3g}",
        )
    if excess == "memory" and kind is InputError:
        return RnnvizError(
            "“{name}” takes more than {bound} MB of memory to read; choose a part of it.",
            name=name,
            bound=limits.memory // MEGABYTE,
        )
    if excess == "memory":
        return RnnvizError(
            "“{name}” takes more than {bound} MB of memory to read; choose a part of it, or of a"
            " model save the recurrent layers alone.",
            name=name,
            bound=limits.memory // MEGABYTE,
        )
    if excess == "size" and kind is InputError:
        return RnnvizError(
            "“{name}” holds more than {bound} MB once it is read; choose a part of it.",
            name=name,
            bound=limits.result_bytes // MEGABYTE,
        )
    if excess == "size":
        return RnnvizError(
            "“{name}” holds more than {bound} MB once it is read; choose a part of it, or of a"
            " model save the recurrent layers alone.",
            name=name,
            bound=limits.result_bytes // MEGABYTE,
        )
    if excess == "abort":
        return RnnvizError(
            "“{name}” cannot be read: it takes more than {bound} MB of memory, or is damaged;"
            " choose a part of it, or save it again.",
            name=name,
            bound=limits.memory // MEGABYTE,
        )
    return RnnvizError(
        "“{name}” cannot be read: it is damaged, or not what its name says; save it again.",
        name=name,
    )
