"""Tables whose columns are named by times: time may run across, not down."""

from __future__ import annotations

from collections.abc import Sequence

import regex

from rnnviz.inputs.column import Column
from rnnviz.inputs.decision import Decision
from rnnviz.inputs.kinds import likely_kind

_MIN_TIMES = 3
# As statistics offices write years, quarters and months: 2019, 2019 [YR2019], 2019-Q1, 2019M01.
_YEAR = regex.compile(r"(?:1[6-9]|20)[0-9]{2}(?:[ -]?[QM][0-9]{1,2}|[.-][0-9]{2}| \[YR[0-9]{4}\])?")


def about_time_across(columns: Sequence[Column]) -> tuple[Decision, ...]:
    """Decision that rows are steps, where columns of numbers are named by times.

    >>> [year] = about_time_across([Column(str(2019 + i), "number", [1.0]) for i in range(3)])
    >>> year.facts
    {'first': '2019', 'last': '2021'}
    """
    times = [one.name for one in columns if one.kind == "number" and _is_time(one.name)]
    if len(times) < _MIN_TIMES:
        return ()
    facts = {"first": times[0], "last": times[-1]}
    return (Decision("across", str(len(times)), is_certain=False, facts=facts),)


def _is_time(name: str) -> bool:
    # Hours of a day are what a row of the day may hold.
    return bool(_YEAR.fullmatch(name)) or (":" not in name and likely_kind(name) == "date")
