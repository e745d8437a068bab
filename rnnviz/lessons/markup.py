"""The Markdown that lessons use, as HTML: emphasis, code, links, lists, tables, formulas."""

from __future__ import annotations

import re
from html import escape

from rnnviz.lessons.mathml import mathml

_PIECES = re.compile(r"\$(?P<math>[^$]+)\$|`(?P<code>[^`]+)`")


def html_of(text: str) -> str:
    """A paragraph, a list or a table.

    >>> html_of("where $z$ is **1**")
    '<p>where <math><mi>z</mi></math> is <b>1</b></p>'
    """
    if text.startswith("- "):
        return "<ul>" + "".join(f"<li>{inline(line)}</li>" for line in _entries(text)) + "</ul>"
    if text.startswith("|"):
        return _table(text.splitlines())
    return f"<p>{inline(text)}</p>"


def inline(text: str) -> str:
    """Text within a paragraph."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        code = found["code"]
        kept.append(f"<code>{escape(code)}</code>" if code else mathml(found["math"]))
        return f"\0{len(kept) - 1}\0"

    # Set aside, so that a star inside a formula is no emphasis, and one round it is.
    around = _emphasis(_PIECES.sub(keep, text))
    return re.sub("\0([0-9]+)\0", lambda found: kept[int(found[1])], around)


def _emphasis(text: str) -> str:
    text = escape(text, quote=False)
    text = re.sub(r"\[([^\]]+)\]\((https?://[^)]+)\)", r'<a href="\2">\1</a>', text)
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
    return re.sub(r"\*(.+?)\*", r"<i>\1</i>", text)


def _entries(text: str) -> list[str]:
    return [" ".join(entry.split()) for entry in re.split(r"(?:^|\n)- ", text) if entry]


def _table(lines: list[str]) -> str:
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines]
    # The second line is the rule under the headings.
    made = [_row(rows[0], "th"), *(_row(row, "td") for row in rows[2:])]
    return f"<table>{''.join(made)}</table>"


def _row(cells: list[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{inline(cell)}</{tag}>" for cell in cells) + "</tr>"
