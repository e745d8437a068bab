"""Names of columns, each of them its own."""

from __future__ import annotations

from collections.abc import Iterable

from rnnviz.inputs.decision import Decision


def distinct_titles(titles: Iterable[str]) -> tuple[list[str], list[Decision]]:
    """The names, one that comes again renamed as pandas does, and what was renamed.

    >>> distinct_titles(["x", "y", "x"])[0]
    ['x', 'y', 'x.1']
    """
    taken: set[str] = set()
    distinct, renamed = [], []
    for title in titles:
        count = 0
        while (free := f"{title}.{count}" if count else title) in taken:
            count += 1
        taken.add(free)
        distinct.append(free)
        renamed += [free] if count else []
    chosen = ", ".join(renamed)
    return distinct, [Decision("renamed", chosen, (chosen,))] if renamed else []
