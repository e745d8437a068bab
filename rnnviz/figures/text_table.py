"""Part of a figure in words: a sentence and a table, for readers who cannot see it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape, unescape
from typing import Any


@dataclass(frozen=True)
class TextTable:
    """A heatmap, or what is drawn on one pair of axes: its name, sentences, and a table.

    rows    each begins with its own heading.
    corner  what the rows' headings are; empty where these say it.
    """

    name: str
    sentence: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    corner: str = ""


def table_html(text: TextTable) -> str:
    """Table with headings for rows and columns, in a box that scrolls by keyboard too.

    >>> table_html(TextTable("h", "", ("1",), (("0", "2"),))).count("<th")
    3
    """
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in text.columns)
    corner = f'<th scope="col">{escape(text.corner)}</th>' if text.corner else "<td></td>"
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in text.rows
    )
    name = escape(text.name)
    return (
        f'<div class="numbers" role="region" tabindex="0" aria-label="{name}"><table>'
        f"<caption>{name}</caption><thead><tr>{corner}{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def tick_labels(values: Any, axis: dict[str, Any]) -> list[str]:
    """Labels of categories as their axis writes them.

    >>> tick_labels(["0", "1"], {"tickvals": ["1"], "ticktext": ["<b>a</b>"]})
    ['0', 'a']
    """
    named = zip(map(str, axis.get("tickvals") or ()), axis.get("ticktext") or (), strict=False)
    names = {**dict(named), **(axis.get("labelalias") or {})}
    return [without_tags(str(names.get(value, value))) for value in map(str, values)]


def without_tags(label: str) -> str:
    """A label without Plotly's tags."""
    bare = unescape(re.sub(r"<[^>]+>", "", label.replace("<br>", " ")))
    return re.sub(r"(?<=[，：；、]) ", "", " ".join(bare.replace("\u00a0", " ").split()))
