"""What the fields of an intervention may hold, whatever wrote them: a notebook, a link, a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Sequence as Rows
from dataclasses import fields
from math import isfinite
from numbers import Integral, Real
from typing import Any

from rnnviz.core.checks import shown
from rnnviz.errors import InputError

Numbers = int | Rows[int] | None


def settle(intervention: Any) -> None:
    """Each field of a frozen intervention as its plain type: str, int, float, a tuple of int.

    Raises InputError for one that holds anything else, and for a span without a step.
    """
    for field in fields(intervention):
        # Where nothing is a default, it means all.
        if field.default is None and getattr(intervention, field.name) is None:
            continue
        value = _READ[field.name](type(intervention).__name__, field.name, intervention)
        object.__setattr__(intervention, field.name, value)
    start, stop = getattr(intervention, "start", None), getattr(intervention, "stop", None)
    if stop is not None and stop <= (start or 0):
        raise InputError(
            "{kind}: the span from step {start} to before step {stop} holds no step.",
            kind=type(intervention).__name__,
            start=start or 0,
            stop=stop,
        )


def _name(kind: str, field: str, of: Any) -> str:
    came = getattr(of, field)
    if not isinstance(came, str):
        raise InputError(
            "{kind}: {field} should be a name, but {came} came.",
            kind=kind,
            field=field,
            came=shown(came),
        )
    return came


def _number(kind: str, field: str, of: Any) -> float:
    came = getattr(of, field)
    value = _float(came)
    if value is None or not isfinite(value):
        raise InputError(
            "{kind}: {field} should be a finite number, but {came} came.",
            kind=kind,
            field=field,
            came=shown(came),
        )
    return value


def _float(came: object) -> float | None:
    if isinstance(came, bool) or not isinstance(came, Real):
        return None
    try:
        return float(came)
    except OverflowError:
        return None


def _count(kind: str, field: str, of: Any) -> int:
    came = getattr(of, field)
    if not _is_count(came):
        raise InputError(
            "{kind}: {field} should be a whole number from 0, but {came} came.",
            kind=kind,
            field=field,
            came=shown(came),
        )
    return int(came)


def _counts(kind: str, field: str, of: Any) -> tuple[int, ...]:
    came = getattr(of, field)
    given = (came,) if _is_count(came) else came
    is_row = isinstance(given, Rows) and not isinstance(given, str | bytes) and len(given) > 0
    if not is_row or not all(map(_is_count, given)):
        raise InputError(
            "{kind}: {field} should be one or more whole numbers from 0, but {came} came.",
            kind=kind,
            field=field,
            came=shown(came),
        )
    return tuple(map(int, given))


def _units(kind: str, field: str, of: Any) -> tuple[int, ...]:
    return tuple(sorted(set(_counts(kind, field, of))))


def _is_count(came: object) -> bool:
    return isinstance(came, Integral) and not isinstance(came, bool) and 0 <= int(came) < 2**31


_READ: Mapping[str, Callable[[str, str, Any], Any]] = {
    "gate": _name,
    "state": _name,
    "param": _name,
    "value": _number,
    "step": _count,
    "layer": _count,
    "start": _count,
    "stop": _count,
    "row": _count,
    "units": _units,
    "index": _counts,
}
