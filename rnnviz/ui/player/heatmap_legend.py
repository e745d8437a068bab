"""One line that says how heatmaps are read: rows, columns, colours, and what a click does."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from rnnviz.analysis.panels import Panels
from rnnviz.figures.theme import Look, colorscale, scale_of

_CUT = '<span class="hint-ends"><span class="hint-cut"></span> {}</span>'


def heatmap_legend(
    panels: Panels, look: Look, *, has_cut: bool, remarks: Iterable[str] = ()
) -> str:
    """HTML of the line.

    has_cut  whether it says how numbers beyond a colour scale are marked.
    remarks  sentences on the rows.
    """
    scales = dict.fromkeys(scale_of(panel, look.dark) for panel in panels.panels)
    has_gates = any(panel.signal.kind == "gate" for panel in panels.panels)
    parts = (
        escape(look.word("hint.grid")),
        *map(escape, remarks),
        *(_swatch(scale, *_ends(scale, has_gates, look)) for scale in scales),
        *([_cut(look)] if has_cut else []),
        escape(look.word("hint.click")),
    )
    return f'<p class="hint">{" &nbsp; ".join(parts)}</p>'


def cut_legend(look: Look) -> str:
    """HTML of a line that says how numbers beyond a colour scale are marked."""
    return f'<p class="hint">{_cut(look)}</p>'


def _cut(look: Look) -> str:
    return _CUT.format(escape(look.word("hint.cut")))


def _ends(scale: str, has_gates: bool, look: Look) -> tuple[str, str]:
    """Words of both ends of a colour scale."""
    if scale != "Viridis":
        return "−", "+"
    if has_gates:
        return look.word("hint.closed"), look.word("hint.open")
    return "0", look.word("hint.high")


def _swatch(scale: str, low: str, high: str) -> str:
    """A colour scale between the words of its ends."""
    shades = ",".join(shade for _, shade in colorscale(scale))
    bar = f'<span class="hint-scale" style="background:linear-gradient(90deg,{shades})"></span>'
    return f'<span class="hint-ends">{escape(low)} {bar} {escape(high)}</span>'
