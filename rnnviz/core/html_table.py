"""Small tables and lines of HTML for notebooks; all text is escaped, for files may be hostile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from rnnviz.core.checks import shown

_MOST_ROWS, _MOST_LETTERS = 20, 80


def html_table(
    title: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    most_letters: int = _MOST_LETTERS,
) -> str:
    """Title and table; of many rows the first, of long texts the beginning.

    title and headings  "" and () for none.

    >>> html_table("<b>", ["a"], [[1]])
    '<p><b>&lt;b&gt;</b></p><table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr>\
</tbody></table>'
    """
    every = list(rows)
    body = "".join(_row("td", row, most_letters) for row in every[:_MOST_ROWS])
    rest = len(every) - _MOST_ROWS
    more = f"<p>… {rest} more</p>" if rest > 0 else ""
    head = f"<thead>{_row('th', headings, most_letters)}</thead>" if headings else ""
    named = f"<p><b>{escape(shown(title, most_letters))}</b></p>" if title else ""
    return f"{named}<table>{head}<tbody>{body}</tbody></table>{more}"


def _row(tag: str, cells: Iterable[object], most_letters: int) -> str:
    texts = (escape(shown(cell, most_letters)) for cell in cells)
    return f"<tr>{''.join(f'<{tag}>{text}</{tag}>' for text in texts)}</tr>"


def html_lines(lines: Iterable[str]) -> str:
    """A paragraph for each line.

    >>> html_lines(["a < b"])
    '<p>a &lt; b</p>'
    """
    return "".join(f"<p>{escape(line)}</p>" for line in lines)
