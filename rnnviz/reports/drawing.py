"""Figures of a report as drawings that follow the page's light or dark ground."""

from __future__ import annotations

import re
from collections.abc import Callable

from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.static_svg import static_svg
from rnnviz.figures.theme import colours
from rnnviz.reports.markup import pictures

_WIDE, _NARROW = 1040, 360


def drawing(figure: Callable[[], PlotlyJson], alt: str) -> str:
    """A figure drawn for a wide and for a narrow page."""
    wide, narrow = (on_any_ground(static_svg(figure(), width)) for width in (_WIDE, _NARROW))
    return pictures(wide, narrow, alt)


def on_any_ground(svg: str) -> str:
    """A drawing whose colours are those of the page.

    >>> on_any_ground('<rect fill="#5d6b82"/>')
    '<rect fill="var(--rnnviz-soft)"/>'
    """
    # Several names may share a colour on a light ground; they share the dark one as well.
    names = {value: name for name, value in reversed(list(colours().items()))}
    names |= {value: name for name, value in colours().items() if name in ("ink", "soft", "line")}
    found = re.compile("|".join(map(re.escape, names)))
    return found.sub(lambda one: f"var(--rnnviz-{names[one[0]]})", svg)
