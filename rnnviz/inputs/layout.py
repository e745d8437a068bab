"""Where a table stands in a text: below metadata and comments, with names and units, or without."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import regex

from rnnviz.core.checks import shown
from rnnviz.errors import InputError
from rnnviz.inputs.decision import Decision
from rnnviz.inputs.delimited import COMMENTS, Delimited, Record
from rnnviz.inputs.delimiter import longest_run
from rnnviz.inputs.file_format import FileFormat
from rnnviz.inputs.header import Header, are_numeric_names, column_kinds, header_of, is_values
from rnnviz.inputs.kinds import likely_kind
from rnnviz.inputs.more_cells import about_more_cells

_WIDE_SPACE = regex.compile(r"[ ]{2,}|\t+")
_MIN_ROWS = 3
_MIN_SETTINGS = 2
# Empatica E4: seconds since 1970, and samples a second.
_N_OF_EMPATICA = 2
_START, _RATE = regex.compile(r"1[0-9]{9}\.0+"), regex.compile(r"(?:1|4|32|64)\.0+")
_RIGOL = {"X", "Start", "Increment"}  # as its oscilloscopes write


@dataclass(frozen=True)
class Layout:
    """Where the values of a table stand, and what is said about them.

    names      a name for each column, "" for none; () without a header.
    units      a unit for each column, () for none.
    width      number of columns.
    start      position of the first record of values.
    line       number of its line, from 1.
    comment    what a line begins with that is a comment; "" for no such lines.
    decisions  what was decided.
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    width: int
    start: int
    line: int
    comment: str
    decisions: tuple[Decision, ...]


def find_layout(delimited: Delimited, how: FileFormat) -> Layout:
    """Layout of a text's table. Raises InputError for a text without values.

    >>> from rnnviz.inputs.file_format import AS_FOUND
    >>> text = Delimited("a.csv", "Station,5\\n\\ntime,temp,wind\\n0,1,2\\n", ",")
    >>> find_layout(text, AS_FOUND).names
    ('time', 'temp', 'wind')
    """
    return _Finder(delimited, how).layout()


class _Finder:
    def __init__(self, delimited: Delimited, how: FileFormat) -> None:
        self.name, self.how = delimited.name, how
        self.is_spaced = delimited.delimiter == " "
        self.is_by_commas = delimited.delimiter == ","
        self.more: tuple[Decision, ...] = ()
        self.head = delimited.head()
        self.comment = next(
            (m for m in COMMENTS for r in self.head[:1] if r.text.startswith(m)), ""
        )
        filled = [record for record in self.head if not record.is_blank]
        self.rows = [record for record in filled if not self._is_comment(record)]
        self.comments = [record for record in filled if self._is_comment(record)]
        if not filled:
            raise InputError(
                "“{name}” holds no values; choose a file with some.", name=shown(self.name)
            )
        if not self.rows:
            self.rows, self.comments, self.comment = filled, [], ""
        self.width = _usual_width(self.rows)
        if not self.comment:
            self.comments = [record for record in self.rows if self._is_remark(record)]
            self.rows = [record for record in self.rows if not self._is_remark(record)]
        self.kinds = column_kinds([record.cells for record in self.rows], self.width)

    def _is_comment(self, record: Record) -> bool:
        return bool(self.comment) and record.text.startswith(self.comment)

    def _is_remark(self, record: Record) -> bool:
        """True for a comment further down, which has not the table's width either."""
        return record.text.startswith(COMMENTS) and len(record.cells) != self.width

    def layout(self) -> Layout:
        if self.how.header is None:
            return self._without_header()
        if self.how.header != "infer":
            return self._with_header_at(int(self.how.header))
        first = self._first_values()
        upper, below = self.rows[:first], self.rows[first:]
        if upper and below and upper[-1].end == below[0].start:
            self._compare(upper[-1], below)
        group = self._group_above(first)
        header = header_of([record.cells for record in group], self.width)
        if header is not None:
            return self._with_header(group, header, header.is_certain)
        named = self._commented_names(first)
        if named is not None:
            return named
        is_header, is_certain = self._numeric_names(first)
        if is_header:
            names = Header(tuple(map(str.strip, self.rows[first].cells)), 0)
            return self._with_header([self.rows[first]], names, is_certain)
        return self._without_header(is_certain)

    def _compare(self, header: Record, below: list[Record]) -> None:
        """Note or refuse rows of more cells than the header, which decimal commas make."""
        if self.is_by_commas:
            self.more = about_more_cells(self.name, header, below, self.kinds)

    def _first_values(self) -> int:
        """Index of the first row of values; of texts alone, the first but one."""
        if not {"number", "date"} & set(self.kinds):
            fitting = (i for i, row in enumerate(self.rows) if len(row.cells) == self.width)
            first = next(fitting, 0)
            has_names = all(likely_kind(cell) != "missing" for cell in self.rows[first].cells)
            return first + has_names
        values = (i for i, row in enumerate(self.rows) if is_values(row.cells, self.kinds))
        return next(values, 0)

    def _group_above(self, first: int) -> list[Record]:
        """Rows above the values that may be a header: of their width, with no blank between."""
        group: list[Record] = []
        for record in reversed(self.rows[:first]):
            is_next = not group or record.end == group[0].start
            fitted = self._fitted(record)
            if fitted is None or not is_next:
                break
            group.insert(0, fitted)
        # One name less than columns is an index without a name: of the first row alone.
        while len(group) > 1 and len(self.rows[first - len(group)].cells) < self.width:
            del group[0]
        return group[-1:] if _are_settings(group) else _below_settings(group)

    def _fitted(self, record: Record) -> Record | None:
        """Record of the table's width; None for one that cannot be its header."""
        cells, width = record.cells, self.width
        if self.is_spaced and len(cells) > width:
            # Names of several words stand two blanks apart.
            cells = tuple(_WIDE_SPACE.split(record.text.strip()))
        if len(cells) == width - 1 and width > 1:
            is_behind = self.kinds[-1] == "missing"
            return replace(record, cells=(*cells, "") if is_behind else ("", *cells))
        if set(self.rows[0].cells) >= _RIGOL:
            # The first time and the step stand behind the names of the channels.
            n_names = self.rows[0].cells.index("Start")
            cells = (*cells[:n_names], *[""] * width)[:width]
        if len(cells) < width or any(map(str.strip, cells[width:])):
            return None
        return replace(record, cells=cells[:width])

    def _commented_names(self, first: int) -> Layout | None:
        """Header in the last comment above the values, as NumPy writes it."""
        above = [c for c in self.comments if c.end <= self.rows[first].start]
        if not above:
            return None
        cells = above[-1].cells
        names = (cells[0].removeprefix(self.comment).lstrip(self.comment).strip(), *cells[1:])
        if not names[0] and len(names) > self.width:
            names = names[1:]
        if len(names) != self.width or any(likely_kind(c) in ("number", "date") for c in names):
            return None
        if self.width == 1 and len(above) > 1:
            return None
        header = Header(tuple(name.strip() or self.comment for name in names), 0)
        return self._with_header([above[-1]], header)

    def _numeric_names(self, first: int) -> tuple[bool, bool]:
        below = [row.cells for row in self.rows[first + 1 :] if len(row.cells) == self.width]
        # A delimiter behind the last value makes one column more, without a name.
        n_named = self.width - (self.kinds[-1] == "missing")
        return are_numeric_names(self.rows[first].cells[:n_named], below)

    def _with_header_at(self, line: int) -> Layout:
        filled = sorted((*self.rows, *self.comments), key=lambda record: record.start)
        if line >= len(filled):
            raise InputError(
                "Line {came} of “{name}” should hold the column names, but its first lines are"
                " {bound}; choose one of them.",
                came=line,
                name=shown(self.name),
                bound=len(filled),
            )
        self._compare(filled[line], filled[line + 1 :])
        self.width = max(self.width, len(filled[line].cells))
        following = [r for r in filled[line + 1 :] if not is_values(r.cells, self.kinds)][:1]
        is_next = following and following[0].start == filled[line].end
        group = [filled[line], *(following if is_next else [])]
        header = header_of([record.cells for record in group], self.width)
        if header is None or header.name_row or not header.units:
            group, header = group[:1], header_of([filled[line].cells], self.width)
        assert header is not None
        return self._with_header(group, header)

    def _with_header(self, group: list[Record], header: Header, is_certain: bool = True) -> Layout:
        last, named = group[header.n_rows - 1], group[header.name_row]
        above = self._above(group[0].start)
        decisions = [*above, self._header(named, is_certain), *self.more]
        if header.units:
            below = str(group[header.name_row + 1].line)
            decisions.append(Decision("units", below, (below,)))
        first = next((r for r in self.head if r.start >= last.end and not r.is_blank), None)
        start = last.end if first is None else first.start
        line = last.line + last.text.count("\n") + 1 if first is None else first.line
        names, units, width = header.names, header.units, self.width
        return Layout(names, units, width, start, line, self.comment, tuple(decisions))

    def _without_header(self, is_certain: bool = True) -> Layout:
        fitting = [row for row in self.rows if len(row.cells) == self.width] or self.rows
        n_left = _N_OF_EMPATICA if self.how.header == "infer" and _is_of_empatica(fitting) else 0
        first = fitting[n_left]
        decisions = (*self._above(first.start), self._header(None, is_certain))
        return Layout((), (), self.width, first.start, first.line, self.comment, decisions)

    def _header(self, record: Record | None, is_certain: bool) -> Decision:
        filled = sorted((*self.rows, *self.comments), key=lambda each: each.start)
        starts = [each.start for each in filled]
        chosen = "none" if record is None else str(starts.index(record.start))
        options = dict.fromkeys([chosen, *map(str, range(min(len(filled), 5))), "none"])
        return Decision("header", chosen, tuple(options), "", is_certain)

    def _above(self, position: int) -> list[Decision]:
        """What was left out above a position: comments and metadata."""
        left = {
            "comments": [record for record in self.comments if record.start < position],
            "metadata": [record for record in self.rows if record.start < position],
        }
        return [
            Decision(name, str(len(records)), facts={"cell": records[0].text})
            for name, records in left.items()
            if records
        ]


def _are_settings(group: list[Record]) -> bool:
    """True for settings and their values, some of them numbers, with the names below them."""
    n_filled = [sum(map(bool, map(str.strip, record.cells))) for record in group]
    have_numbers = [any(likely_kind(cell) == "number" for cell in record.cells) for record in group]
    return len(group) > 1 and any(have_numbers[:-1]) and n_filled[0] < n_filled[-1]


def _below_settings(group: list[Record]) -> list[Record]:
    """The rows below the last of several settings, each a label and its value, as devices write."""
    are_settings = [_is_setting(record) for record in group]
    # A single one, where it was widened to the table.
    is_short = any(not record.cells[0] for record in group if _is_setting(record))
    if sum(are_settings) < (1 if is_short else _MIN_SETTINGS) or are_settings[-1]:
        return group
    return group[len(group) - are_settings[::-1].index(True) :]


def _is_setting(record: Record) -> bool:
    label, *values = [cell for cell in record.cells if cell.strip()]
    is_valued = len(values) == 1 and likely_kind(values[0]) in ("number", "date")
    return is_valued and likely_kind(label) == "text"


def _is_of_empatica(rows: list[Record]) -> bool:
    """True for a start and a rate above the values, as Empatica's wristbands write them."""
    if len(rows) <= _N_OF_EMPATICA:
        return False
    start, rate = ({cell.strip() for cell in row.cells} for row in rows[:_N_OF_EMPATICA])
    is_one_each = len(start) == len(rate) == 1
    return is_one_each and bool(_START.fullmatch(*start)) and bool(_RATE.fullmatch(*rate))


def _usual_width(rows: list[Record]) -> int:
    """Number of cells of most records; what stands above the table may have any."""
    widths = [len(row.cells) for row in rows]
    lower = Counter(widths[len(widths) // 3 :])
    counts = Counter(widths)
    usual = max(lower, key=lambda width: (lower[width], counts[width]))
    start, stop = longest_run(widths)
    is_table = stop - start >= _MIN_ROWS and stop >= len(widths) - 1
    if usual > 1 or not is_table:
        return usual
    # A short table below many lines about it: a number or date in each of its rows but the names.
    with_values = [any(map(_is_value, row.cells)) for row in rows[start + 1 : stop]]
    return widths[start] if all(with_values) else usual


def _is_value(cell: str) -> bool:
    return likely_kind(cell) in ("number", "date")
