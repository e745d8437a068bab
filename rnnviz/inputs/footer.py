"""Footer of a table in a text: totals, sources and other remarks below the last values."""

from __future__ import annotations

from rnnviz.inputs.decision import Decision
from rnnviz.inputs.delimited import Delimited
from rnnviz.inputs.file_format import FileFormat
from rnnviz.inputs.kinds import likely_kind
from rnnviz.inputs.layout import Layout

_TOTALS = """
    total totals sum summe gesamt insgesamt somme totale suma итого 合计 总计 合計 総計 小计 합계
"""
_TAIL_CHARACTERS, _TAIL_LINES = 16_000, 20


def find_footer(
    delimited: Delimited, layout: Layout, how: FileFormat
) -> tuple[int, list[Decision]]:
    """Position behind the last record of values, and what was left out below it.

    >>> text = Delimited("a.csv", "x,y\\n1,2\\n\\nSource: made up\\n", ",")
    >>> from rnnviz.inputs.file_format import AS_FOUND
    >>> from rnnviz.inputs.layout import find_layout
    >>> find_footer(text, find_layout(text, AS_FOUND), AS_FOUND)[0]
    9
    """
    text, end = delimited.text, len(delimited.text)
    left: list[str] = []
    position = end
    while position > layout.start and len(left) < _TAIL_LINES:
        start = text.rfind("\n", 0, position - 1) + 1
        line = text[start:position].rstrip("\n")
        # An odd quotation mark: the line belongs to a value of several lines.
        if start < layout.start or len(line) > _TAIL_CHARACTERS or line.count('"') % 2:
            break
        if line.strip():
            is_apart = start == 0 or text[start - 2 : start] == "\n\n"
            is_left = (
                len(left) < how.skipfooter
                if how.skipfooter is not None
                else _is_footer(delimited.cells(line), layout.width, is_apart)
            )
            if not is_left:
                break
            left, end = [line, *left], start
        position = start
    if not left:
        return len(text), []
    n_left = str(len(left))
    is_certain = len(delimited.cells(left[0])) != layout.width or how.skipfooter is not None
    return end, [Decision("footer", n_left, (n_left, "0"), "", is_certain, {"cell": left[0]})]


def _is_footer(cells: tuple[str, ...], width: int, is_apart: bool) -> bool:
    first = next((cell.strip() for cell in cells if cell.strip()), "")
    if len(cells) == width and width > 1:
        return first.rstrip(":").lower() in _TOTALS.split()
    return len(cells) < width and likely_kind(first) == "text" and (len(cells) == 1 or is_apart)
