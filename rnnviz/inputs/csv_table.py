"""CSV and TSV files as a Table, as programs write them and people leave them."""

from __future__ import annotations

from dataclasses import replace

import regex

from rnnviz.core.checks import check_printable, shown
from rnnviz.errors import InputError
from rnnviz.inputs.cells import SEPARATOR, CellText
from rnnviz.inputs.clock_numbers import with_clocks
from rnnviz.inputs.column import Column
from rnnviz.inputs.date_format import DateOrder
from rnnviz.inputs.decision import Decision
from rnnviz.inputs.delimited import Delimited
from rnnviz.inputs.delimiter import find_delimiter
from rnnviz.inputs.file_format import AS_FOUND, DELIMITERS, FileFormat
from rnnviz.inputs.footer import find_footer
from rnnviz.inputs.infer_column import infer_column
from rnnviz.inputs.layout import Layout, find_layout
from rnnviz.inputs.number_column import Expected, decimals_that_fit, holds_pairs
from rnnviz.inputs.repeated_names import about_repeated_names, without_repeated_names
from rnnviz.inputs.sentinels import about_sentinels
from rnnviz.inputs.source import check_cells, check_columns
from rnnviz.inputs.table import Table, default_axis
from rnnviz.inputs.time_across import about_time_across
from rnnviz.inputs.time_steps import about_steps, join_times
from rnnviz.inputs.titles import distinct_titles

# Excel's own line: sep=; before anything else.
_SEP_LINE = regex.compile(r'"?sep=(?P<sep>[;,|\t])"?[ \t;,|]*\n', regex.IGNORECASE)

# Names of a column that numbers the rows, in lower case.
_COUNTERS = frozenset(
    ("unnamed: 0", "index", "level_0", "#", "no.", "no", "nr.", "nr", "序号", "行号")
)


def read_csv(name: str, text: str, encoding: str = "utf-8", how: FileFormat = AS_FOUND) -> Table:
    """Table of a CSV text, or of one aligned by white space; blank lines are skipped.

    Delimiter, header, units, decimal mark and dates are found where `how` does not say them, and
    are told in the table's decisions.

    Raises InputError, naming the line, for a line longer or shorter than the others and for
    unmatched quotation marks.

    >>> read_csv("a.csv", "x;y\\n1,5;2\\n3;4\\n")["x"].values.tolist()
    [1.5, 3.0]
    """
    text = _lines(name, text)
    if found := _SEP_LINE.match(text):
        text = text[found.end() :]
        how = how if how.sep else replace(how, sep=found["sep"])
    told = Decision("delimiter", how.sep or "", DELIMITERS)
    delimiter = told if how.sep else find_delimiter(name, text)
    delimited = Delimited(name, text, delimiter.chosen)
    layout = find_layout(delimited, how)
    check_columns(name, layout.width)
    end, left_out = find_footer(delimited, layout, how)
    delimited = replace(delimited, text=text[:end])
    cells, n_repeated = _cells(delimited, layout)
    # The cells hold all of it.
    text, delimited = "", replace(delimited, text="")
    about = [delimiter] if layout.width > 1 or not delimiter.is_certain else []
    about += [*layout.decisions, *left_out, *about_repeated_names(n_repeated)]
    return _table(delimited, layout, cells, encoding, how, about)


def _lines(name: str, text: str) -> str:
    """Text whose lines all end in one character, without a mark at its start or its end."""
    if SEPARATOR in text:
        check_printable(text)
    # MS-DOS ended a file by Ctrl-Z.
    text = text.removeprefix("\ufeff").rstrip("\x1a")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise InputError("“{name}” holds no values; choose a file with some.", name=shown(name))
    check_cells(name, text.count("\n"))
    return text


def _cells(delimited: Delimited, layout: Layout) -> tuple[list[CellText], int]:
    """Cells of each column, and the number of rows that only repeated the names."""
    columns = [CellText() for _ in range(layout.width)]
    n_cells = n_repeated = 0
    for part in delimited.columns(layout.start, layout.line, layout.width, layout.comment):
        n_cells += len(part[0]) * layout.width
        check_cells(delimited.name, n_cells)
        values, n_here = without_repeated_names(part, layout.names)
        n_repeated += n_here
        for column, cells in zip(columns, values, strict=True):
            if cells:
                column.append(cells)
    if not columns[0].chunks:
        raise InputError(
            "At least one row of values was expected, but “{table}” holds none; add some.",
            table=shown(delimited.name),
        )
    return columns, n_repeated


def _table(
    delimited: Delimited,
    layout: Layout,
    cells: list[CellText],
    encoding: str,
    how: FileFormat,
    decisions: list[Decision],
) -> Table:
    names = layout.names or ("",) * layout.width
    units = layout.units or ("",) * layout.width
    kept = [i for i in range(layout.width) if names[i] or not cells[i].are_missing]
    titles, renamed = _titles([names[i] for i in kept], has_header=bool(layout.names))
    expected = _expected([cells[i] for i in kept], delimited.delimiter)
    columns = tuple(
        _with_unit(infer_column(title, cells[i], how, expected), units[i])
        for title, i in zip(titles, kept, strict=True)
    )
    columns = with_clocks(columns, [cells[i] for i in kept]) if how.parse_dates else columns
    empty = [t for t, i in zip(titles, kept, strict=True) if cells[i].are_missing]
    decisions += [*_dropped(layout.width - len(kept)), *renamed]
    decisions += [Decision("empty", "number", column=title) for title in empty]
    index = titles[0] if layout.names and _is_index(names[kept[0]], columns) else ""
    decisions += [*about_sentinels(columns), *about_time_across(columns)]
    columns, joined = join_times(columns)
    table = Table(delimited.name, columns, encoding, index, (*decisions, *joined))
    axis = default_axis(table)
    steps = about_steps(axis) if axis is not None else ()
    return replace(table, file_decisions=(*table.file_decisions, *steps))


def _titles(names: list[str], has_header: bool) -> tuple[list[str], list[Decision]]:
    """A name of its own for every column, and which had to be renamed."""
    named = enumerate(names, start=1)
    return distinct_titles(
        name or ("index" if has_header and i == 1 else f"column {i}") for i, name in named
    )


def _expected(columns: list[CellText], delimiter: str) -> Expected:
    """Decimal mark and order of dates to expect where a column leaves them open."""
    votes = {next(iter(fit)) for cells in columns if len(fit := decimals_that_fit(cells)) == 1}
    order: DateOrder = "day first" if delimiter == ";" or votes == {","} else "month first"
    if delimiter == "," and "," in votes and any(map(holds_pairs, columns)):
        return Expected(".", "pairs", "month first")
    if len(votes) == 1:
        return Expected(votes.pop(), "columns", order)
    if delimiter == ";":
        return Expected(",", "delimiter", order)
    return Expected(".", "program" if delimiter == "," and len(columns) > 1 else "none", order)


def _with_unit(column: Column, unit: str) -> Column:
    return replace(column, unit=unit) if unit and column.kind == "number" else column


def _dropped(n_columns: int) -> list[Decision]:
    return [Decision("empty_columns", str(n_columns))] if n_columns else []


def _is_index(name: str, columns: tuple[Column, ...]) -> bool:
    """True for the column that pandas and R write for the rows' numbers or names."""
    if len(columns) < 2:
        return False
    return not name or (name.lower() in _COUNTERS and columns[0].counts_rows)
