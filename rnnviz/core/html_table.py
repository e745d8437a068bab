"""Small tables of HTML for notebooks; every text is escaped, for files may be hostile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from rnnviz.core.checks import shown

_MOST_ROWS, _MOST_LETTERS = 20, 80


def html_table(title: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Title and table; of many rows the first, of long texts the beginning.

    >>> html_table("<b>", ["a"], [[1]])
    '<p><b>&lt;b&gt;</b></p><table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr>\
</tbody></table>'
    """
    every = list(rows)
    body = "".join(_row("td", row) for row in every[:_MOST_ROWS])
    rest = len(every) - _MOST_ROWS
    more = f"<p>… {rest} more</p>" if rest > 0 else ""
    head = f"<thead>{_row('th', headings)}</thead>"
    return f"<p><b>{_cell(title)}</b></p><table>{head}<tbody>{body}</tbody></table>{more}"


def _row(tag: str, cells: Iterable[object]) -> str:
    return f"<tr>{''.join(f'<{tag}>{_cell(cell)}</{tag}>' for cell in cells)}</tr>"


def _cell(value: object) -> str:
    return escape(shown(value, _MOST_LETTERS))
