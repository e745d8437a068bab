"""CSV and TSV files as a Table: RFC 4180 with any of four delimiters, header or none."""

from __future__ import annotations

import csv
from io import StringIO

from rnnviz.core.checks import shown
from rnnviz.errors import InputError
from rnnviz.inputs.cells import is_missing
from rnnviz.inputs.column import infer_column
from rnnviz.inputs.file_format import AS_FOUND, FileFormat
from rnnviz.inputs.source import MAX_UNPACKED, check_cells, check_columns
from rnnviz.inputs.table import Table

# A comma also stands inside numbers and sentences, so it is tried last.
_DELIMITERS = "\t;|,"
_SNIFFED_CHARACTERS = 64_000
_SNIFFED_ROWS = 20


def read_csv(name: str, text: str, encoding: str = "utf-8", how: FileFormat = AS_FOUND) -> Table:
    """Table of a CSV text; blank lines are skipped, a first line without numbers is the header.

    Raises InputError, naming the line, for a line longer or shorter than the first and for
    unmatched quotation marks.

    >>> read_csv("a.csv", "x,y\\n1,2\\n3,4\\n").names
    ('x', 'y')
    """
    rows = _rows(name, text, how.sep or _delimiter(text))
    if not rows:
        raise InputError("“{name}” holds no values; choose a file with some.", name=shown(name))
    names = _header(rows[0])
    cells = zip(*(rows if names is None else rows[1:]), strict=True)
    names = names or [""] * len(rows[0])
    titles = [title or f"column {i}" for i, title in enumerate(names, start=1)]
    columns = list(cells) or [()] * len(titles)
    parts = (infer_column(title, part) for title, part in zip(titles, columns, strict=True))
    return Table(name, tuple(parts), encoding)


def _rows(name: str, text: str, delimiter: str) -> list[list[str]]:
    # The limit is the whole process's; its default refuses a field of 128 kB.
    csv.field_size_limit(MAX_UNPACKED)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    try:
        for row in reader:
            if row:
                rows.append(row)
                _check_last_row(name, reader.line_num, rows)
    except csv.Error as error:
        raise InputError(
            "Line {line} of “{name}” should close every quotation mark it opens, but does not;"
            " write a mark inside quotes twice.",
            line=reader.line_num,
            name=shown(name),
        ) from error
    return rows


def _check_last_row(name: str, line: int, rows: list[list[str]]) -> None:
    wanted, came = len(rows[0]), len(rows[-1])
    if came != wanted:
        raise InputError(
            "Every line of “{name}” needs as many values as the first, {wanted}, but line {line}"
            " has {came}; correct it, or put quotes around values with a delimiter inside.",
            name=shown(name),
            wanted=wanted,
            line=line,
            came=came,
        )
    check_columns(name, wanted)
    check_cells(name, len(rows) * wanted)


def _delimiter(text: str) -> str:
    start = text[:_SNIFFED_CHARACTERS]
    counts = {delimiter: _counts(start, delimiter) for delimiter in _DELIMITERS}
    for delimiter, lengths in counts.items():
        if len(set(lengths)) == 1 and lengths[0] > 1:
            return delimiter
    return max(reversed(_DELIMITERS), key=lambda delimiter: counts[delimiter][:1])


def _counts(start: str, delimiter: str) -> list[int]:
    """Values per line of the first few lines, without a last one that may be cut."""
    reader = csv.reader(StringIO(start, newline=""), delimiter=delimiter)
    counts: list[int] = []
    try:
        for row in reader:
            if row:
                counts.append(len(row))
            if len(counts) > _SNIFFED_ROWS:
                break
    except csv.Error:
        return counts
    return counts[:-1] if len(counts) > 1 and len(start) == _SNIFFED_CHARACTERS else counts


def _header(first: list[str]) -> list[str] | None:
    present = [cell for cell in first if not is_missing(cell)]
    has_value = any(infer_column("", [c]).kind in ("number", "date") for c in present)
    return None if has_value or not present else [cell.strip() for cell in first]
