"""Pieces of a report's HTML: everything that is quoted is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from math import isfinite, isnan

from rnnviz.core.checks import shown
from rnnviz.formatting import running_text, token_label
from rnnviz.i18n import word

_MAX_QUOTED, _LISTED = 120, 8


def quoted(text: object, limit: int = _MAX_QUOTED) -> str:
    """Text of a file or a person on one line, as HTML.

    >>> quoted("<b>&")
    '&lt;b&gt;&amp;'
    """
    return escape(shown(text, limit))


def listed_names(names: Iterable[str], language: str) -> str:
    """Names of inputs in a sentence, the first few, as HTML."""
    every = list(names)
    few = word("list.names", language).join(quoted(token_label(name)) for name in every[:_LISTED])
    return few + " …" * (len(every) > _LISTED)


def table(head: Iterable[str], rows: Iterable[Iterable[str]], kind: str = "") -> str:
    """Table of cells that are HTML; the first of a row names it.

    kind  CSS classes: "numbers" sets all but the first column to the right.
    """
    titles = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(f"<tr>{_row(list(row))}</tr>" for row in rows)
    return (
        f'<div class="scrolls"><table class="{kind}"><thead><tr>{titles}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _row(cells: list[str]) -> str:
    rest = "".join(f"<td>{cell}</td>" for cell in cells[1:])
    return f'<th scope="row">{cells[0]}</th>{rest}'


def bullets(items: Iterable[str], kind: str = "") -> str:
    """List of items that are HTML, "" for none."""
    listed = "".join(f"<li>{item}</li>" for item in items)
    return f'<ul class="{kind}">{listed}</ul>' if listed else ""


def paragraph(html: str, kind: str = "") -> str:
    """Paragraph of HTML, "" for none."""
    return f'<p class="{kind}">{html}</p>' if html else ""


def said(key: str, language: str, **facts: object) -> str:
    """Words of a key as HTML; the facts are HTML already."""
    gaps = {name: f"{{{name}}}" for name in facts}
    return escape(word(key, language, **gaps), quote=False).format(**facts)


def table_number(value: float) -> str:
    """Number as a table of a report writes it.

    >>> list(map(table_number, (0.12345, float("inf"), float("nan"), 12345.0)))
    ['0.123', '∞', '–', '12,345']
    """
    if isnan(value):
        return "–"
    if not isfinite(value):
        return "∞" if value > 0 else "−∞"
    return running_text(float(value))


def percent(share: float) -> str:
    """Share in percent as HTML, with a digit after the point below ten.

    >>> percent(0.5), percent(0.0123), percent(0), percent(0.9999), percent(float("nan"))
    ('50 %', '1.2 %', '0 %', '&gt;99.9 %', '–')
    """
    if isnan(share):
        return "–"
    if not isfinite(share):
        return "∞"
    if 0 < share < 0.0005:
        return "&lt;0.1 %"
    if 0.999 < share < 1:
        return "&gt;99.9 %"
    digits = 1 if 0 < share < 0.0995 else 0
    return f"{100 * share:.{digits}f} %"


def bar(share: float, colour: str) -> str:
    """Bar of a share of 1, which may be more; the number stands beside it."""
    width = 0.0 if isnan(share) else min(max(share, 0.0), 1.0)
    return (
        f'<span class="bar" aria-hidden="true"><i style="width: {100 * width:.4g}%;'
        f' background: var(--rnnviz-{colour})"></i></span>'
    )


def pictures(wide: str, narrow: str, alt: str) -> str:
    """A figure as two drawings, of which the page shows the one that fits."""
    return (
        f'<div class="drawing" role="img" aria-label="{escape(alt)}">'
        f'<div class="is-wide">{wide}</div><div class="is-narrow">{narrow}</div></div>'
    )
